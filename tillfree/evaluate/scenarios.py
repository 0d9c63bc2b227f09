"""Written scenes re-enacted in the mock store, played through the pipeline and scored as the competition scored them.

An item counts when product and shopper are right; a case's score is F1 over its final receipts. The sensors' own
recordings are not to be had, so what is scored is scenario-equivalent: people who walk, reach and stand close, plates
and sightings with noise. Another seed is another set of people, weights and noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hardware.simulated.layout.cameras import with_cameras
from hardware.simulated.layout.from_store import layout_of
from hardware.simulated.scene.scene import Act, At, Enter, Leave, Member, Pick, PutBack, Scene, Step, Touch
from protocol.store import Store
from tillfree.errors import EvaluationError
from tillfree.evaluate.playing import PlayedScene, Seeing, play
from tillfree.evaluate.scenarios_file import Deed, Played, played, read_cases
from tillfree.evaluate.scenarios_store import Premises, on_plates, read_premises, store_of
from tillfree.evaluate.scenes import CaseScore, Finished, play_all

ENTER_EVERY_S = 2.0
READY_S = 12.0
"""From the last one's entry until the scene's time 0: everybody can be before any shelf by then."""


@dataclass(frozen=True, slots=True)
class WrittenScene:
    """A case with a seed, in its store."""

    premises: Premises
    store: Store
    script: Played
    seed: int
    seeing: Seeing

    @property
    def case(self) -> str:
        """The case's name."""
        return self.script.case.case

    def play(self) -> PlayedScene:
        """Play it."""
        scene = scene_of(self.premises, self.store, self.script, self.seed)
        if self.seeing.pixels:
            scene = replace(scene, layout=with_cameras(scene.layout))
        name = f"{self.case} {self.seed}"
        if self.seeing.pixels:
            name = "".join(letter if letter.isalnum() else "-" for letter in name)
        return play(scene, name, self.seeing, self.script.case.receipts)


def evaluate_scenarios(
    path: Path,
    folder: Path,
    seeds: int,
    seeing: Seeing,
    finished: Finished,
    *,
    only: Sequence[str] = (),
    jobs: int = 1,
) -> tuple[list[CaseScore], dict[str, list[str]]]:
    """The scores of every case with seeds 0 … `seeds` − 1, and how odd labels were read, by case.

    `only` names the cases to play, all where it is empty. EvaluationError for one that the file does not have.
    """
    tasks, odd = _tasks(path, folder, seeds, seeing, only)
    return play_all(tasks, jobs, finished), odd


def scenes_of(path: Path, folder: Path, seeds: int, seeing: Seeing) -> list[WrittenScene]:
    """Every case with seeds 0 … `seeds` − 1, ready to be played."""
    return _tasks(path, folder, seeds, seeing, ())[0]


def _tasks(
    path: Path, folder: Path, seeds: int, seeing: Seeing, only: Sequence[str]
) -> tuple[list[WrittenScene], dict[str, list[str]]]:
    premises = read_premises(folder)
    standing = [on_plates(premises, path, number, case) for number, case in enumerate(read_cases(path))]
    cases = [case for case, _ in standing]
    unknown = [name for name in only if name not in {case.case for case in cases}]
    if unknown:
        known = ", ".join(case.case for case in cases)
        raise EvaluationError(f"{path}: has no case {unknown[0]!r}; it has: {known}")
    odd: dict[str, list[str]] = {}
    tasks: list[WrittenScene] = []
    for case, misplaced in standing:
        if only and case.case not in only:
            continue
        script = played(case, premises.weighed())
        script.readings += misplaced
        if script.readings:
            odd[case.case] = script.readings
        store = store_of(premises, cases, case)
        tasks += [WrittenScene(premises, store, script, seed, seeing) for seed in range(seeds)]
    return tasks, odd


def scene_of(premises: Premises, store: Store, script: Played, seed: int) -> Scene:
    """The case as a scene of the mock store."""
    layout = layout_of(store, seed)
    names = list(script.case.receipts)
    zero_s = ENTER_EVERY_S * len(names) + READY_S
    cast = []
    for number, name in enumerate(names):
        steps = [
            Step(act, None if deed.at_s is None else zero_s + deed.at_s)
            for deed in script.deeds
            if deed.label.shopper == name
            for act in _acts(premises, layout.store, deed)
        ]
        cast.append(Member(name, "shopper", name, (Step(Enter(), number * ENTER_EVERY_S), *steps, Step(Leave()))))
    return Scene(script.case.case, seed, layout, tuple(cast))


def _acts(premises: Premises, store: Store, deed: Deed) -> list[Act]:
    label = deed.label
    board = f"g{label.gondola}.s{label.shelf}"
    along = premises.along(label.gondola, label.shelf, label.plates)
    if not label.barcodes:
        return [Touch(At(_slot_at(store, board, along), along))]
    acts: list[Act] = []
    for sku in dict.fromkeys(label.barcodes):
        qty = label.barcodes.count(sku)
        if label.action == "put_back":
            acts.append(PutBack(sku, qty, At(_slot_at(store, board, along), along)))
            continue
        slot = _slot_of(premises, store, deed, sku)
        acts.append(
            Touch(At(_slot_at(store, board, along), along)) if slot is None else Pick(sku, qty, At(slot, along))
        )
    return acts


def _slot_of(premises: Premises, store: Store, deed: Deed, sku: str) -> str | None:
    """The slot of the board that holds `sku` and lies nearest to the labelled plates: its own, or where it was put."""
    label = deed.label
    along = premises.along(label.gondola, label.shelf, label.plates)
    board = f"g{label.gondola}.s{label.shelf}"
    here = _slot_at(store, board, along)
    own = [facing.slot for facing in store.planogram if facing.sku == sku and facing.slot.startswith(f"{board}.")]
    return here if here in own or not own else min(own, key=lambda slot: (_apart(store, slot, along), slot))


def _slot_at(store: Store, board: str, along: float) -> str:
    slots = [path for path in store.slots() if path.startswith(f"{board}.")]
    return min(slots, key=lambda path: (_apart(store, path, along), path))


def _apart(store: Store, path: str, along: float) -> float:
    low, high = store.slots()[path][2].span
    return max(low - along, along - high, 0.0)
