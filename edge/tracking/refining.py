"""What later pictures tell about earlier ones, for whoever can wait `DELAY_S` to twice as long.

A tracker must answer at once. Looking back a few seconds later it is known who was somebody (first pictures of a
track, before it was confirmed), who was only hidden (boxes between two sights), where people really were (the backward
pass of motion.py), and which boxes had little support before and after and are better left out.

Pictures are held until twice the delay has come together; then one backward pass over all of them settles the earlier
half, so each picture is passed twice, however long the film. Held are at most `HELD_MAX` pictures; beyond, the delay
shrinks.
"""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from edge.perception.detections import Floats
from edge.tracking.looking_back import looked_back
from edge.tracking.motion import Beliefs, Doubles, Rows, nobody, smoothed
from edge.tracking.tracker import SUPPORT_S, Bools, Integers, Moment

DELAY_S = 2.5
"""As long as somebody may be hidden: then it is known whether they came back."""
HELD_MAX = 600
SUPPORT_MIN = 0.17
"""Of the mean score around a picture, before and after, weights falling with `SUPPORT_S`."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Who was where at `t_s`: `numbers` int64 (n,), rising; `boxes` float32 (n, 4), pixels; `supports` float32 (n,)."""

    t_s: float
    numbers: Integers
    boxes: Floats
    supports: Floats


@dataclass(slots=True, eq=False)
class _Held:
    moment: Moment
    sums: Doubles
    """Of the scores of each track so far, those long ago with less weight, (n,); and of the weights."""
    weights: Doubles
    before: list[tuple[int, Floats, float]] = field(default_factory=list)
    """People whose track begins later: birth, box, score."""


@dataclass(frozen=True, slots=True, eq=False)
class _Later:
    """The backward pass, after one moment; rows are its tracks."""

    t_s: float
    births: Integers
    numbers: Integers
    confirmed: Bools
    beliefs: Beliefs
    sums: Doubles
    weights: Doubles
    """As in `_Held`, from here on."""
    again: Bools
    """Seen then or later."""


class Refiner:
    """Takes a tracker's moments in the order of time and gives pictures back, later and better."""

    def __init__(self) -> None:
        self._held: deque[_Held] = deque()
        self._last: _Held | None = None
        self._known: set[int] = set()

    def add(self, moment: Moment) -> tuple[Picture, ...]:
        """Pictures that are settled now."""
        self._held.append(_held(moment, self._last))
        self._last = self._held[-1]
        for row, birth in enumerate(moment.births.tolist()):
            if moment.confirmed[row] and birth not in self._known:
                self._look_back(birth)
        self._known = set(moment.births[moment.confirmed].tolist())
        waited_s = moment.t_s - self._held[0].moment.t_s
        if waited_s < 2.0 * DELAY_S and len(self._held) < HELD_MAX:
            return ()
        late = sum(moment.t_s - held.moment.t_s >= DELAY_S for held in self._held)
        return self._settle(max(late, len(self._held) - HELD_MAX // 2))

    def finish(self) -> tuple[Picture, ...]:
        """All pictures that are still held."""
        return self._settle(len(self._held))

    def _settle(self, count: int) -> tuple[Picture, ...]:
        """The first `count` pictures that are held; they are held no more."""
        later: _Later | None = None
        numbers: dict[int, int] = {}
        settled: list[Picture] = []
        for index in range(len(self._held) - 1, -1, -1):
            held = self._held[index]
            later = _before(held.moment, later)
            for birth, number in zip(later.births.tolist(), later.numbers.tolist(), strict=True):
                numbers.setdefault(birth, number)
            if index < count:
                settled.append(_picture(held, later, numbers))
        for _ in range(count):
            self._held.popleft()
        return tuple(reversed(settled))

    def _look_back(self, birth: int) -> None:
        """Find the track that was just confirmed in the pictures before its first."""
        belief, later_s, row = nobody(), 0.0, 0
        first = len(self._held)
        for index in range(len(self._held) - 1, -1, -1):
            moment = self._held[index].moment
            row = int(np.searchsorted(moment.births, birth))
            if row == len(moment.births) or moment.births[row] != birth:
                break
            now = moment.beliefs.of([row])
            belief = now if first == len(self._held) else smoothed(now, later_s - moment.t_s, belief)
            first, later_s = index, moment.t_s
        support = float(self._held[-1].moment.supports[self._row(-1, birth)])
        earlier = [self._held[index] for index in range(first - 1, -1, -1)]
        steps = looked_back(belief, support, later_s, ((held.moment.t_s, *held.moment.spare) for held in earlier))
        for held, (box, score) in zip(earlier, steps, strict=False):
            held.before.append((birth, box, score))

    def _row(self, index: int, birth: int) -> int:
        return int(np.searchsorted(self._held[index].moment.births, birth))


def _held(moment: Moment, last: _Held | None) -> _Held:
    sums, weights = moment.scores.astype(np.float64), np.ones(len(moment.scores))
    if last is not None:
        rows, before = _common(moment.births, last.moment.births)
        fades = math.exp((last.moment.t_s - moment.t_s) / SUPPORT_S)
        sums[rows] += fades * last.sums[before]
        weights[rows] += fades * last.weights[before]
    return _Held(moment, sums, weights)


def _before(moment: Moment, later: _Later | None) -> _Later:
    """The backward pass, one picture further back."""
    sums, weights = moment.scores.astype(np.float64), np.ones(len(moment.scores))
    numbers, confirmed, again = moment.numbers.copy(), moment.confirmed.copy(), moment.scores > 0.0
    beliefs = moment.beliefs
    if later is not None:
        step_s = later.t_s - moment.t_s
        rows, after = _common(moment.births, later.births)
        fades = math.exp(-step_s / SUPPORT_S)
        sums[rows] += fades * later.sums[after]
        weights[rows] += fades * later.weights[after]
        numbers[rows], confirmed[rows] = later.numbers[after], later.confirmed[after]
        again[rows] |= later.again[after]
        beliefs = beliefs.with_(rows, smoothed(beliefs.of(rows), step_s, later.beliefs.of(after)))
    return _Later(moment.t_s, moment.births, numbers, confirmed, beliefs, sums, weights, again)


def _common(births: Integers, others: Integers) -> tuple[Rows, Rows]:
    """Where each has the tracks that both have."""
    _, rows, other_rows = np.intersect1d(births, others, assume_unique=True, return_indices=True)
    return rows, other_rows


def _picture(held: _Held, later: _Later, numbers: dict[int, int]) -> Picture:
    supports = (held.sums + later.sums - held.moment.scores) / (held.weights + later.weights - 1.0)
    rows = np.flatnonzero(later.confirmed & later.again & (supports >= SUPPORT_MIN))
    people = {
        int(later.numbers[row]): (box, float(supports[row]))
        for row, box in zip(rows, later.beliefs.of(rows).boxes, strict=True)
    }
    for birth, box, score in held.before:
        people.setdefault(numbers[birth], (box, score))
    found = sorted(people)
    return Picture(
        held.moment.t_s,
        np.array(found, np.int64),
        np.array([people[number][0] for number in found], np.float32).reshape(-1, 4),
        np.array([people[number][1] for number in found], np.float32),
    )
