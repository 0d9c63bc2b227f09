"""Plates: when a load has settled on another level, and by how much.

Theory of operation. A plate at rest has a level, the mean of what it says, which follows its zero's slow drift. When
the mean of the last `WINDOW_S` leaves the level, something is going on; when two windows after each other agree again
and each is calm, the plate has settled, and the difference of the levels is a step. Steps of one board that overlap in
time, have the same sign and lie beside each other are one: a bag that stands on two plates.

    state     on                                   to        and
    rest      window's mean leaves the level       moving    began = the window's beginning
    moving    two windows agree and are calm       rest      a step, where the levels differ enough
    moving    MOVING_MAX_S have passed             rest      a step, doubtful: it never settled

A plate may say nothing, or little, while it rests: before a gap of more than `GAP_S` and after it the load is the same,
so the first calm window after a gap tells the level anew (lone samples tell it badly).
"""

import math
from collections import deque
from collections.abc import Iterable
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
        if self._moving_since_s is None:
            if calm and self._after_gap:
                self._level, self._after_gap = mean, False
            elif calm and abs(mean - self._level) < LEAVES_G:
                self._learn(mean, 0.02)
            else:
                self._moving_since_s, self._settling = self._window[0][0], None
            return None
        return self._settle(t_s, mean, calm=calm)

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
        self._spans: dict[str, tuple[float, float]] = {}
        for gondola in store.gondolas:
            for shelf in gondola.shelves:
                for plate in shelf.plates:
                    self._spans[f"{gondola.id}.{shelf.id}.{plate.id}"] = plate.span
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
            busy = any(plate.rpartition(".")[0] == board for plate in self._moving)
            if t_s - max(step.to_s for _, step in steps) <= JOIN_S * (3.0 if busy else 1.0):
                continue
            del self._waiting[board]
            yield from self._joined(board, steps)

    def _joined(self, board: str, steps: list[tuple[str, _Step]]) -> Iterable[Weighing]:
        left = sorted(steps, key=lambda item: self._spans[item[0]])
        while left:
            group = [left.pop(0)]
            for item in list(left):
                (last_plate, last), (plate, step) = group[-1], item
                touching = self._spans[plate][0] - self._spans[last_plate][1] < 0.02
                together = abs(step.to_s - last.to_s) <= JOIN_S and step.grams * last.grams > 0.0
                if touching and together:
                    group.append(item)
                    left.remove(item)
            parts = [step for _, step in group]
            yield Weighing(
                board=board,
                plates=tuple(plate for plate, _ in group),
                span=(self._spans[group[0][0]][0], self._spans[group[-1][0]][1]),
                from_s=min(part.from_s for part in parts),
                to_s=max(part.to_s for part in parts),
                grams=sum(part.grams for part in parts),
                doubtful=any(part.doubtful for part in parts),
            )
