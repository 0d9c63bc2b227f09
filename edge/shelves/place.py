"""Where people stand who reach into a slot."""

import itertools
import math
from collections.abc import Collection
from dataclasses import dataclass

from protocol.store import Gondola, Store

BEFORE_M = 0.35
"""People stand this far before a gondola's front."""
ABOVE_M, BELOW_M, OUT_M = 0.35, 0.05, 0.15
"""A wrist whose hand is at something on a board is at most as far above the board, beneath it and before its edge."""
BESIDE_M = 0.05
"""Slots stand beside each other that are no farther apart."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a board, `span` metres along it, where a hand reaches in; or of all boards of a gondola.

    `heights` are those of the lowest and of the highest of these boards above the floor, metres; `slots` lie there.
    """

    gondola: Gondola
    heights: tuple[float, float]
    span: tuple[float, float]
    slots: tuple[str, ...] = ()

    @property
    def before(self) -> tuple[float, float]:
        """Where on the floor (metres) somebody stands who reaches to its middle."""
        return _on_floor(self.gondola, sum(self.span) / 2.0, self.gondola.depth + BEFORE_M)

    def from_before(self, x_m: float, y_m: float) -> tuple[float, float]:
        """How far along the shelf, and out from it, a place on the floor is from `before`, metres."""
        along_m, out_m = _on_gondola(self.gondola, x_m, y_m)
        return along_m - sum(self.span) / 2.0, out_m - self.gondola.depth - BEFORE_M

    def away_m(self, x_m: float, y_m: float, z_m: float) -> float:
        """How far a wrist at a point of the store is from where it would be with the hand in here; 0 there."""
        along_m, out_m = _on_gondola(self.gondola, x_m, y_m)
        beside = max(self.span[0] - along_m, along_m - self.span[1], 0.0)
        outside = max(-out_m, out_m - self.gondola.depth - OUT_M, 0.0)
        over = max(self.heights[0] - BELOW_M - z_m, z_m - self.heights[1] - ABOVE_M, 0.0)
        return math.hypot(beside, outside, over)


def spot_on(store: Store, board: str, span: tuple[float, float]) -> Spot:
    """The part of a board (by path), or of all boards of a gondola (by its id), between two places along it."""
    name, _, shelf_id = board.partition(".")
    gondola = next(gondola for gondola in store.gondolas if gondola.id == name)
    heights = [shelf.height for shelf in gondola.shelves if shelf_id in ("", shelf.id)]
    return Spot(gondola, (min(heights), max(heights)), span, tuple(slot for slot, _ in over(store, board, span)))


def spot_of(store: Store, slot: str) -> Spot:
    """Where a hand is that reaches into a slot."""
    gondola, shelf, plan = store.slots()[slot]
    return Spot(gondola, (shelf.height, shelf.height), plan.span, (slot,))


def over(store: Store, board: str, span: tuple[float, float]) -> tuple[tuple[str, float], ...]:
    """The slots of a board, or of a whole gondola, that lie over a part of it: the most first.

    With each, what share of the part's width it takes.
    """
    shared = [
        (path, min(slot.span[1], span[1]) - max(slot.span[0], span[0]))
        for path, (_, _, slot) in store.slots().items()
        if path.startswith(f"{board}.")
    ]
    width_m = span[1] - span[0]
    return tuple(
        (path, metres / width_m) for path, metres in sorted(shared, key=lambda it: (-it[1], it[0])) if metres > 0.0
    )


def beside(store: Store, slots: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Of each of `slots`, those of them that stand beside it on its board: one or two."""
    places = store.slots()
    boards: dict[str, list[tuple[float, float, str]]] = {}
    for path in slots:
        boards.setdefault(path.rpartition(".")[0], []).append((*places[path][2].span, path))
    found: dict[str, tuple[str, ...]] = {}
    for row in boards.values():
        for (_, ends_m, left), (begins_m, _, right) in itertools.pairwise(sorted(row)):
            if begins_m - ends_m < BESIDE_M:
                found[left] = (*found.get(left, ()), right)
                found[right] = (*found.get(right, ()), left)
    return found


def around(store: Store) -> dict[str, frozenset[str]]:
    """Of each slot, those in whose view a change of it may show: beside it, over and under it on the next boards."""
    found = {slot: set(others) for slot, others in beside(store, tuple(store.slots())).items()}
    for gondola in store.gondolas:
        by_height = sorted(gondola.shelves, key=lambda shelf: shelf.height)
        for lower, upper in itertools.pairwise(by_height):
            for below, above in itertools.product(lower.slots, upper.slots):
                if below.span[0] < above.span[1] and above.span[0] < below.span[1]:
                    one, other = (
                        f"{gondola.id}.{shelf.id}.{slot.id}" for shelf, slot in ((lower, below), (upper, above))
                    )
                    found.setdefault(one, set()).add(other)
                    found.setdefault(other, set()).add(one)
    return {slot: frozenset(found.get(slot, ())) for slot in store.slots()}


def _on_floor(gondola: Gondola, along_m: float, out_m: float) -> tuple[float, float]:
    """The point `along_m` along a gondola's shelves and `out_m` out from its back."""
    turn = math.radians(gondola.yaw_deg)
    return (
        gondola.origin[0] + along_m * math.cos(turn) + out_m * math.sin(turn),
        gondola.origin[1] + along_m * math.sin(turn) - out_m * math.cos(turn),
    )


def _on_gondola(gondola: Gondola, x_m: float, y_m: float) -> tuple[float, float]:
    """How far along a gondola's shelves, and out from its back, a point of the floor is."""
    turn = math.radians(gondola.yaw_deg)
    right, up = x_m - gondola.origin[0], y_m - gondola.origin[1]
    return right * math.cos(turn) + up * math.sin(turn), right * math.sin(turn) - up * math.cos(turn)
