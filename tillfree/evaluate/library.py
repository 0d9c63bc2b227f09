"""The named scenes of the library, played and scored against what really happens in them.

Receipts are decided by the store's own policy; F1 is over what was thought best, doubtful or not. Where shelf cameras
watch, drawn or as signals, the store has the rig of every figure from pixels: two shelf cameras and one scale a
gondola, three area cameras at most (hardware/simulated/layout/rig.py). Without them it has its own plates, one a slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hardware.simulated.layout.rig import two_cameras_and_a_scale
from hardware.simulated.scene.file import library, open_scene
from tillfree.errors import EvaluationError
from tillfree.evaluate.playing import PlayedScene, Seeing, play
from tillfree.evaluate.scenes import CaseScore, Finished, play_all

CHARGE_ALWAYS = 0.0


@dataclass(frozen=True, slots=True)
class NamedScene:
    """A scene with a seed."""

    case: str
    seed: int
    seeing: Seeing

    def play(self) -> PlayedScene:
        """Play it."""
        scene = open_scene(self.case, self.seed)
        if self.seeing.shelf_cameras:
            scene = replace(scene, layout=two_cameras_and_a_scale(scene.layout))
        return play(scene, f"{self.case}-{self.seed}", self.seeing)


def evaluate_library(
    names: Sequence[str], seeds: int, seeing: Seeing, jobs: int, finished: Finished
) -> list[CaseScore]:
    """The scores of the scenes called `names` (all where there are none) with seeds 0 … `seeds` − 1.

    EvaluationError for a name that the library does not have.
    """
    known = library()
    for name in names:
        if name not in known:
            raise EvaluationError(f"the library has no scene {name!r}; it has: {', '.join(known)}")
    tasks = [NamedScene(name, seed, seeing) for name in dict.fromkeys(names or known) for seed in range(seeds)]
    return play_all(tasks, jobs, finished)
