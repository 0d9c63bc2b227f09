"""The plates of a store: what they weigh of one hand, brought together.

Steps of one board that happen at the same moment, have the same sign and lie beside each other are one: a bag that
stands on two plates. What a neighbour bears of it may be too little to be a step of its own; it is added by comparing
the neighbour's means before and after. Steps of one plate and one sign that follow each other at once are one hand's,
too, that takes piece after piece.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from edge.shelves.plate_health import PlateHealth
from edge.shelves.plate_watch import PlateWatch, Step
from edge.shelves.stairs import Stair
from hardware.ports import Weight
from protocol.store import Store

JOIN_S = 1.1
"""Steps of one plate and sign within this time of each other are one hand's that takes piece after piece: two plates
beneath the same pieces must not split them differently."""
WIDE_M = 0.3
"""A plate wider than this holds things apart: what follows on it may be another hand, and nothing of it lies on two."""
WIDE_JOIN_S = 0.4
PIECE_AFTER_PIECE_S, ALIKE = 0.8, 0.04
"""Stairs of a wide plate are one hand's that follow each other so soon and differ by this share of their weight."""
SETTLES_S = 1.0
"""A plate says that it has settled so long after the hand has let go."""
AT_ONCE_S, APART_AT_ONCE_S = 0.4, 0.15
"""A bag leaves its two plates at one moment; when a small step was is known less well, by as much again. Where no slot
lies on both plates, and they are wide, a thing does so only if somebody put it there: two hands are likelier."""
BRIDGES_M = 0.01
NARROW_M = 0.15
"""What is put back often stands on two plates that are no wider, wherever slots end."""
BEFORE_S = 0.45
"""A hand is at the shelf, and about to take hold, so long before the load changes."""
TOUCHING_M = 0.02
PART_MIN_G = 5.0
"""Three standard deviations of the difference of two means over a second, at 10 g a sample."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """A board's load changed by `grams` between two times. `span` is what its plates cover along the board, metres."""

    board: str
    plates: tuple[str, ...]
    span: tuple[float, float]
    from_s: float
    to_s: float
    grams: float
    doubtful: bool
    at_s: float | None = None
    """When it changed, as well as that is known."""
    sigma_g: float = 5.0
    """How wrong `grams` may be, standard deviation."""
    stairs: tuple[Stair, ...] = ()
    """What it is made of, by time, where that is known of all of it."""


class Plates:
    """All plates of a store, as weighings of its boards. Samples of plates that the store has not are passed over.

    A plate is called by its path (`gondola.shelf.plate`), or by its id alone where the store has only one of that name.
    """

    def __init__(self, store: Store) -> None:
        self._spans = {path: plate.span for path, (_, plate) in store.plates().items()}
        ids = [plate.rpartition(".")[2] for plate in self._spans]
        self._paths = {
            plate.rpartition(".")[2]: plate for plate in self._spans if ids.count(plate.rpartition(".")[2]) == 1
        }
        self._watches = {plate: PlateWatch() for plate in self._spans}
        self._moving: set[str] = set()
        self._waiting: dict[str, list[tuple[str, Step]]] = {}
        self.health = PlateHealth({path: plate.capacity_g for path, (_, plate) in store.plates().items()})
        self._bridged = frozenset(_bridged(store, self._spans))

    def span(self, plate: str) -> tuple[float, float] | None:
        """What a plate covers along its board, metres; None for one that the store has not."""
        return self._spans.get(plate)

    @property
    def undecided_since_s(self) -> float | None:
        """Since when something is open that may still become an event; None where nothing is."""
        moving = [self._watches[plate].moving_since_s for plate in self._moving]
        waiting = [step.from_s for steps in self._waiting.values() for _, step in steps]
        return min([*(since for since in moving if since is not None), *waiting], default=None)

    @property
    def moving(self) -> frozenset[str]:
        """The boards on which something is going on."""
        return frozenset(plate.rpartition(".")[0] for plate in self._moving) | frozenset(self._waiting)

    def observe(self, weight: Weight) -> tuple[Weighing, ...]:
        """The weighings that are complete by this sample."""
        path = self._paths.get(weight.plate, weight.plate)
        watch = self._watches.get(path)
        if not self.health.hear(path, weight.t_s, weight.grams) or watch is None:
            return ()
        steps = watch.observe(weight.t_s, weight.grams)
        if watch.moving_since_s is None:
            self._moving.discard(path)
        else:
            self._moving.add(path)
        span = self._spans[path]
        if span[1] - span[0] > WIDE_M:
            steps = tuple(part for step in steps for part in by_hand(step))
        if steps:
            self._waiting.setdefault(path.rpartition(".")[0], []).extend((path, step) for step in steps)
        return tuple(self._complete(weight.t_s)) if self._waiting else ()

    def finish(self) -> tuple[Weighing, ...]:
        """What waited for more."""
        return tuple(self._complete(math.inf))

    def _complete(self, t_s: float) -> Iterable[Weighing]:
        for board in list(self._waiting):
            steps = self._waiting[board]
            if t_s - max(step.to_s for _, step in steps) <= JOIN_S or self._may_grow(steps):
                continue
            del self._waiting[board]
            yield from self._joined(board, steps)

    def _may_grow(self, steps: Sequence[tuple[str, Step]]) -> bool:
        """Whether a plate that still moves may end with a part of one of `steps`."""
        until_s = max(step.at_s for _, step in steps) + JOIN_S
        for path in self._moving:
            since_s = self._watches[path].moving_since_s
            if since_s is not None and since_s < until_s and any(self._touch(path, plate) for plate, _ in steps):
                return True
        return False

    def _touch(self, one: str, other: str) -> bool:
        """Whether two plates are of one board and beside each other, or the same."""
        if one.rpartition(".")[0] != other.rpartition(".")[0]:
            return False
        a, b = sorted((self._spans[one], self._spans[other]))
        return b[0] - a[1] < TOUCHING_M

    def _joined(self, board: str, steps: list[tuple[str, Step]]) -> Iterable[Weighing]:
        left = sorted(steps, key=lambda item: (item[1].at_s, self._spans[item[0]]))
        weighings = []
        while left:
            group = [left.pop(0)]
            for item in group:
                parts = [other for other in left if self._touch(item[0], other[0]) and self._are_one(item, other)]
                group += parts
                left = [other for other in left if other not in parts]
            weighings.append(self._weighing(board, group, {plate for plate, _ in steps}))
        return weighings

    def _weighing(self, board: str, group: Sequence[tuple[str, Step]], stepped: AbstractSet[str]) -> Weighing:
        """What `group` weighed together; the plates that `stepped` meanwhile have told their part themselves."""
        from_s, to_s = min(step.from_s for _, step in group), max(step.to_s for _, step in group)
        grams = {plate: 0.0 for plate, _ in group}
        for plate, step in group:
            grams[plate] += step.grams
        total = sum(grams.values())
        variance = sum(step.sigma_g**2 for _, step in group)
        for plate in [
            other for other in self._spans if other not in stepped and any(self._touch(other, g) for g in grams)
        ]:
            change_g = 0.0 if plate in self._moving else self._watches[plate].change_g(from_s, to_s)
            if abs(change_g) >= PART_MIN_G and change_g * total > 0.0:
                grams[plate] = change_g
        plates = sorted(grams, key=lambda plate: self._spans[plate])
        largest = max(group, key=lambda item: abs(item[1].grams))[1]
        return Weighing(
            board=board,
            plates=tuple(plates),
            span=(self._spans[plates[0]][0], self._spans[plates[-1]][1]),
            from_s=min(step.at_s for _, step in group) - BEFORE_S,
            to_s=to_s,
            grams=sum(grams.values()),
            doubtful=any(step.doubtful for _, step in group),
            at_s=largest.at_s,
            sigma_g=math.sqrt(variance),
            stairs=_stairs([step for _, step in group]) if len(plates) == 1 else (),
        )

    def _are_one(self, one: tuple[str, Step], other: tuple[str, Step]) -> bool:
        """Whether two steps of one plate, or of plates beside each other, may be parts of one change."""
        (plate, first), (beside, second) = one, other
        if first.grams * second.grams <= 0.0:
            return False
        apart_s = abs(first.at_s - second.at_s)
        if plate == beside:
            span = self._spans[plate]
            if span[1] - span[0] <= WIDE_M:
                return apart_s <= JOIN_S
            if not (first.stairs and second.stairs):
                return apart_s <= WIDE_JOIN_S
            before, after = (first, second) if first.at_s <= second.at_s else (second, first)
            return _alike(before.stairs[-1], after.stairs[0])
        vague = any(abs(step.grams) < 5.0 * step.sigma_g for step in (first, second))
        narrow = any(self._spans[each][1] - self._spans[each][0] <= NARROW_M for each in (plate, beside))
        within_s = AT_ONCE_S if narrow or frozenset((plate, beside)) in self._bridged else APART_AT_ONCE_S
        return apart_s <= within_s * (2.0 if vague else 1.0)


def by_hand(step: Step) -> Iterable[Step]:
    """The step in parts, each of which one hand may have made: stairs of like weight that follow each other at once."""
    parts: list[list[Stair]] = []
    for stair in step.stairs:
        if parts and _alike(parts[-1][-1], stair):
            parts[-1].append(stair)
        else:
            parts.append([stair])
    if len(parts) < 2:
        return (step,)
    ends_s = [part[0].at_s for part in parts[1:]]
    return tuple(
        replace(
            step,
            from_s=max(step.from_s, part[0].at_s - BEFORE_S),
            at_s=part[0].at_s,
            to_s=step.to_s if end_s is None else min(part[-1].at_s + SETTLES_S, step.to_s),
            grams=sum(stair.grams for stair in part),
            sigma_g=math.hypot(step.sigma_g, part[0].sigma_g, part[-1].sigma_g),
            stairs=tuple(part),
        )
        for part, end_s in zip(parts, [*ends_s, None], strict=True)
    )


def _alike(one: Stair, other: Stair) -> bool:
    """Whether two stairs may be two pieces of one product that one hand takes one after the other."""
    apart_g = 2.5 * math.hypot(one.sigma_g, other.sigma_g) + ALIKE * abs(one.grams)
    return other.at_s - one.at_s <= PIECE_AFTER_PIECE_S and abs(one.grams - other.grams) <= apart_g


def _stairs(steps: Sequence[Step]) -> tuple[Stair, ...]:
    """The stairs of one plate's steps; none where they are not known of each."""
    if not all(step.stairs for step in steps):
        return ()
    return tuple(sorted((stair for step in steps for stair in step.stairs), key=lambda stair: stair.at_s))


def _bridged(store: Store, spans: Mapping[str, tuple[float, float]]) -> Iterable[frozenset[str]]:
    """Every two plates of a board on both of which one slot lies."""
    for slot, (_, _, plan) in store.slots().items():
        board = slot.rpartition(".")[0]
        beneath = [
            plate
            for plate, span in spans.items()
            if plate.rpartition(".")[0] == board
            and min(span[1], plan.span[1]) - max(span[0], plan.span[0]) >= BRIDGES_M
        ]
        yield from (frozenset(pair) for pair in itertools.combinations(beneath, 2))
