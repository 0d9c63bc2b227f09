"""Written scenes re-enacted in the mock store, played through the pipeline and scored as the competition scored them.

An item counts when product and shopper are right; a case's score is F1 over its final receipts. The sensors' own
recordings are not to be had, so what is scored is scenario-equivalent: people who walk, reach and stand close, plates
and sightings with noise. Another seed is another set of people, weights and noise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Pass
from hardware.simulated.layout.from_store import layout_of
from hardware.simulated.recording.signals import START
from hardware.simulated.scene.scene import Act, At, Enter, Leave, Member, Pick, PutBack, Scene, Step, Touch
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.signals import readings
from hardware.simulated.world.plates import Plates
from hardware.simulated.world.world import World
from protocol.store import Store
from tillfree.evaluate.receipts import ReceiptScore, item_f1, receipts
from tillfree.evaluate.scenarios_file import Deed, Played, played, read_cases
from tillfree.evaluate.scenarios_store import Premises, on_plates, read_premises, store_of
from tillfree.evaluate.shoppers import shoppers_of

ENTER_EVERY_S = 2.0
READY_S = 12.0
"""From the last one's entry until the scene's time 0: everybody can be before any shelf by then."""


@dataclass(frozen=True, slots=True)
class CaseScore:
    """One case with one seed."""

    case: str
    seed: int
    receipts: tuple[ReceiptScore, ...]
    notes: tuple[str, ...]

    @property
    def f1(self) -> float:
        """Over the items of all receipts."""
        return item_f1(self.receipts)

    @property
    def perfect(self) -> bool:
        """Every receipt is exactly right."""
        return all(receipt.exact for receipt in self.receipts)


def evaluate_scenarios(
    path: Path, folder: Path, seeds: int, swaps: float, progress: Callable[[int, int], None]
) -> tuple[list[CaseScore], dict[str, list[str]]]:
    """The scores of every case with seeds 0 … `seeds` − 1, and how odd labels were read, by case."""
    premises = read_premises(folder)
    standing = [on_plates(premises, path, case) for case in read_cases(path)]
    cases = [case for case, _ in standing]
    scores: list[CaseScore] = []
    odd: dict[str, list[str]] = {}
    for case, misplaced in standing:
        script = played(case, premises.weighed())
        script.readings += misplaced
        if script.readings:
            odd[case.case] = script.readings
        store = store_of(premises, cases, case)
        for seed in range(seeds):
            scores.append(_play(premises, store, script, seed, swaps))
            progress(len(scores), len(cases) * seeds)
    return scores, odd


def report(scores: Sequence[CaseScore], odd: dict[str, list[str]]) -> dict[str, Any]:
    """The scores as JSON."""
    return {
        "mean_f1": round(sum(score.f1 for score in scores) / len(scores), 4),
        "perfect": sum(score.perfect for score in scores),
        "total": len(scores),
        "cases": [
            {
                "case": score.case,
                "seed": score.seed,
                "f1": round(score.f1, 4),
                "receipts": {
                    receipt.shopper: {"charged": dict(receipt.charged), "true": dict(receipt.true)}
                    for receipt in score.receipts
                },
            }
            for score in scores
        ],
        "readings": odd,
    }


def _play(premises: Premises, store: Store, script: Played, seed: int, swaps: float) -> CaseScore:
    world = World(scene_of(premises, store, script, seed))
    layout, timeline = world.scene.layout, world.timeline
    node = Node(layout.store, Path(), Networks(None, None), f"{script.case.case} {seed}", START)
    gate = [Pass(line.t_s, line.lane, line.event, line.token) for line in timeline.gate]
    sightings = Sightings(world, SightNoise(swaps=swaps))
    events: list[NewEvent] = []
    for reading in readings(Plates(timeline), sightings, gate, timeline.duration_s):
        events += node.take(reading)
    events += node.finish(timeline.duration_s)
    shoppers = shoppers_of(events, timeline.truth, START)
    scored = receipts(events, shoppers, script.case.receipts, layout.store)
    return CaseScore(script.case.case, seed, tuple(scored), timeline.notes)


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
