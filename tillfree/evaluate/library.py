"""The named scenes of the library, played and scored against what really happens in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hardware.simulated.scene.file import library, open_scene
from tillfree.errors import EvaluationError
from tillfree.evaluate.playing import PlayedScene, Seeing, play
from tillfree.evaluate.scenes import CaseScore, Finished, play_all

CHARGE_ALWAYS = 0.0


@dataclass(frozen=True, slots=True)
class NamedScene:
    """A scene with a seed. `decided`: by the store's own policy; else each line is what was thought best."""

    case: str
    seed: int
    seeing: Seeing
    decided: bool

    def play(self) -> PlayedScene:
        """Play it."""
        scene = open_scene(self.case, self.seed)
        if not self.decided:
            store = scene.layout.store
            policies = store.policies.model_copy(update={"charge_threshold": CHARGE_ALWAYS})
            layout = replace(scene.layout, store=store.model_copy(update={"policies": policies}))
            scene = replace(scene, layout=layout)
        return play(scene, f"{self.case}-{self.seed}", self.seeing)


def evaluate_library(
    names: Sequence[str], seeds: int, seeing: Seeing, jobs: int, finished: Finished, *, decided: bool
) -> list[CaseScore]:
    """The scores of the scenes called `names` (all where there are none) with seeds 0 … `seeds` − 1.

    EvaluationError for a name that the library does not have.
    """
    known = library()
    for name in names:
        if name not in known:
            raise EvaluationError(f"the library has no scene {name!r}; it has: {', '.join(known)}")
    tasks = [NamedScene(name, seed, seeing, decided) for name in names or known for seed in range(seeds)]
    return play_all(tasks, jobs, finished)
