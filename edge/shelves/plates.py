"""Plates: when a load has settled on another level, and by how much.

Theory of operation. A plate at rest has a level, the mean of what it says, which follows its zero's slow drift. When
the mean of the last `WINDOW_S` leaves the level, something is going on; when two windows after each other agree again
and each is calm, the plate has settled, and the difference of the levels is a step. Steps of one board that overlap in
time, have the same sign and lie beside each other are one: a bag that stands on two plates. What a neighbour bears of
it may be too little to be a step of its own; it is added by comparing the neighbour's means before and after.

    state     on                                   to        and
    rest      window's mean leaves the level       moving    began = the window's beginning
    moving    two windows agree and are calm       rest      a step, where the levels differ enough
    moving    MOVING_MAX_S have passed             rest      a step, doubtful: it never settled

A plate may say nothing, or little, while it rests: before a gap of more than `GAP_S` and after it the load is the same,
so the first calm window after a gap tells the level anew (lone samples tell it badly).
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hardware.ports import Weight
from protocol.store import Store

WINDOW_S = 0.5
LEAVES_G = 8.0
"""Four standard deviations of a window's mean, at 10 g a sample and 60 samples a second."""
STEP_MIN_G = 9.0
CALM_G = 16.0
"""Standard deviation within a window of a plate at rest, with room above the 10 g of a good one."""
AGREE_G = 7.0
MOVING_MAX_S = 20.0
GAP_S = 0.25
JOIN_S = 0.7
"""Steps that end within this time of each other are parts of one (facts of the design: same sign, 0.7 s)."""
WITHIN = 0.9
"""So are those of which the one lasts while the other does, for at least this share of the shorter one."""
TOUCHING_M = 0.02
PART_MIN_G = 5.0
"""Three standard deviations of the difference of two means over `MEAN_S`, at 10 g a sample."""
MEAN_S = 1.0
MARK_S = 0.1
MARKS_MAX = 300
SAMPLES_MAX = 256


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


@dataclass(frozen=True, slots=True)
class _Step:
    from_s: float
    to_s: float
    grams: float
    doubtful: bool


class PlateWatch:
    """Follows one plate."""

    def __init__(self) -> None:
        self._window: deque[tuple[float, float]] = deque(maxlen=SAMPLES_MAX)
        self._sum = 0.0
        self._squares = 0.0
        self._origin: float | None = None
        self._level = 0.0
        self._known = 0
        self._after_gap = True
        self._moving_since_s: float | None = None
        self._settling: tuple[float, float] | None = None
        self._marks: deque[tuple[float, float]] = deque(maxlen=MARKS_MAX)

    @property
    def moving_since_s(self) -> float | None:
        """Since when something is going on; None at rest."""
        return self._moving_since_s

    def observe(self, t_s: float, grams: float) -> _Step | None:
        """Take in a sample; the step that it completes, if any. Call in the order of time."""
        if self._origin is None:
            self._origin = grams
        value = grams - self._origin
        if self._window and t_s - self._window[-1][0] > GAP_S:
            self._clear()
            self._after_gap = self._moving_since_s is None
        self._push(t_s, value)
        if t_s - self._window[0][0] < WINDOW_S * 0.9:
            if self._moving_since_s is None and self._known < 10 and len(self._window) == 1:
                self._learn(value, 1.0 / (self._known + 1))
            return None
        count = len(self._window)
        mean = self._sum / count
        calm = self._squares / count - mean * mean < CALM_G * CALM_G
        if calm and (not self._marks or t_s - self._marks[-1][0] >= MARK_S):
            self._marks.append((t_s, mean))
        if self._moving_since_s is None:
            if calm and self._after_gap:
                self._level, self._after_gap = mean, False
            elif calm and abs(mean - self._level) < LEAVES_G:
                self._learn(mean, 0.02)
            else:
                self._moving_since_s, self._settling = self._window[0][0], None
            return None
        return self._settle(t_s, mean, calm=calm)

    def change_g(self, from_s: float, to_s: float) -> float:
        """By how much its mean after `to_s` differs from the one before `from_s`; 0 where either is not known."""
        # A step begins with the first window that it moves, and it lies near that window's end.
        before = [mean for at_s, mean in self._marks if from_s - MEAN_S <= at_s <= from_s + WINDOW_S / 2.0]
        # A window's mean looks back, so the first that is all of the time after is a window later.
        after = [mean for at_s, mean in self._marks if to_s + WINDOW_S <= at_s <= to_s + WINDOW_S + MEAN_S]
        return sum(after) / len(after) - sum(before) / len(before) if before and after else 0.0

    def _settle(self, t_s: float, mean: float, *, calm: bool) -> _Step | None:
        assert self._moving_since_s is not None, "called while moving"
        late = t_s - self._moving_since_s > MOVING_MAX_S
        if not calm and not late:
            self._settling = None
        elif self._settling is None and not late:
            self._settling = (t_s, mean)
        elif late or (self._settling is not None and t_s - self._settling[0] >= WINDOW_S):
            if not late and self._settling is not None and abs(mean - self._settling[1]) > AGREE_G:
                self._settling = (t_s, mean)
                return None
            step = _Step(self._moving_since_s, t_s, mean - self._level, late)
            self._level, self._moving_since_s, self._settling = mean, None, None
            return step if abs(step.grams) >= STEP_MIN_G else None
        return None

    def _learn(self, value: float, share: float) -> None:
        self._known += 1
        self._level += (value - self._level) * max(share, 1.0 / self._known)

    def _push(self, t_s: float, value: float) -> None:
        if len(self._window) == SAMPLES_MAX:
            self._drop()
        self._window.append((t_s, value))
        self._sum += value
        self._squares += value * value
        while t_s - self._window[0][0] > WINDOW_S:
            self._drop()

    def _drop(self) -> None:
        _, value = self._window.popleft()
        self._sum -= value
        self._squares -= value * value

    def _clear(self) -> None:
        self._window.clear()
        self._sum = self._squares = 0.0


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
        self._waiting: dict[str, list[tuple[str, _Step]]] = {}

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
        if watch is None or not math.isfinite(weight.grams):
            return ()
        step = watch.observe(weight.t_s, weight.grams)
        if watch.moving_since_s is None:
            self._moving.discard(path)
        else:
            self._moving.add(path)
        if step is not None:
            self._waiting.setdefault(path.rpartition(".")[0], []).append((path, step))
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

    def _may_grow(self, steps: Sequence[tuple[str, _Step]]) -> bool:
        """Whether a plate that still moves may end with a part of one of `steps`."""
        until_s = max(step.to_s for _, step in steps)
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

    def _joined(self, board: str, steps: list[tuple[str, _Step]]) -> Iterable[Weighing]:
        left = sorted(steps, key=lambda item: (self._spans[item[0]], item[1].from_s))
        while left:
            group = [left.pop(0)]
            for item in group:
                parts = [other for other in left if self._touch(item[0], other[0]) and _are_one(item[1], other[1])]
                group += parts
                left = [other for other in left if other not in parts]
            yield self._weighing(board, group)

    def _weighing(self, board: str, group: Sequence[tuple[str, _Step]]) -> Weighing:
        from_s, to_s = min(step.from_s for _, step in group), max(step.to_s for _, step in group)
        grams = {plate: 0.0 for plate, _ in group}
        for plate, step in group:
            grams[plate] += step.grams
        total = sum(grams.values())
        for plate in [
            other for other in self._spans if other not in grams and any(self._touch(other, g) for g in grams)
        ]:
            change_g = 0.0 if plate in self._moving else self._watches[plate].change_g(from_s, to_s)
            if abs(change_g) >= PART_MIN_G and change_g * total > 0.0:
                grams[plate] = change_g
        plates = sorted(grams, key=lambda plate: self._spans[plate])
        return Weighing(
            board=board,
            plates=tuple(plates),
            span=(self._spans[plates[0]][0], self._spans[plates[-1]][1]),
            from_s=from_s,
            to_s=to_s,
            grams=sum(grams.values()),
            doubtful=any(step.doubtful for _, step in group),
        )


def _are_one(one: _Step, other: _Step) -> bool:
    """Whether two steps of plates beside each other may be parts of one change."""
    if one.grams * other.grams <= 0.0:
        return False
    shared_s = min(one.to_s, other.to_s) - max(one.from_s, other.from_s)
    shorter_s = min(one.to_s - one.from_s, other.to_s - other.from_s)
    return abs(one.to_s - other.to_s) <= JOIN_S or shared_s >= WITHIN * shorter_s
