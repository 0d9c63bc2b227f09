"""One plate: when its load has gone over to another level, and by how much.

Theory of operation. A plate at rest has a level, which follows its zero's slow drift, and a noise of its own, which
is learnt: some cells stir by a gram and some by fifteen, some speak sixty times a second and some ten. When the mean of
the last window leaves the level, or the window stirs more than the plate does at rest, something is going on. It ends
when two windows after each other are calm and agree. What was said meanwhile is then looked at as a whole: stretches in
which the plate was calm are plateaus, and from one to the next there is a step. So several changes that follow each
other quickly are told apart. A plateau that is short and little away from one beside it is a hand that rests, or a
thing lifted and let go again, and is none.

    state     on                                   to        and
    rest      window's mean leaves the level       moving    what is said is kept
    moving    two windows agree and are calm       rest      a step for every two plateaus whose levels differ
    moving    MOVING_MAX_S have passed             rest      the same, the last doubtful: it never settled

A plate may say nothing, or little, while it rests: who falls silent has come to rest, lone samples move the level
slowly, and the first window after a gap may differ by what a zero drifts in that time; by more, the load was changed
unseen, and that is a step.
"""

import itertools
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.shelves.stairs import Stair, stairs

WINDOW_S, WINDOW_MAX_S = 0.5, 1.2
SAMPLES_MIN = 8
"""A window of a slow plate is longer, to have as many samples."""
COUNT_MIN = 5
"""With fewer nothing is said of a window."""
ALONE_MIN = 2
PLATEAU_S, PLATEAU_MIN = 0.35, 4
TOUCH_S, PRESS_G = 1.2, 60.0
"""A plateau shorter than the one, and no farther than the other from one beside it, is a hand and no change."""
SIGMA_G, SIGMA_MIN_G = 10.0, 0.7
"""What a plate's noise is taken for until it is learnt; and less than the other it is for none."""
LEARNT = 60
LEAVES = 4.5
"""Standard deviations of a window's mean by which it leaves the level."""
LEAVES_G = 2.0
STEP, STEP_G = 3.2, 3.0
STEP_MIN_G = 8.0
"""Nothing that is sold weighs less, and zeros drift as far while nothing is said."""
SWING_G = 3.0
"""What is left of a swing when a plateau begins, standard deviation."""
MOVING_MAX_S = 20.0
BEFORE_S = 0.15
"""Of the plateau before a change as much is looked at, to know when the change began."""
GAP_S = 0.7
DRIFT_G_S, DRIFT_MAX_G = 0.1, 15.0
"""How fast a zero drifts while nothing is said, and how far at most."""
LONE = 0.15
"""How far a lone sample moves the level towards itself."""
MARK_S, MARKS_MAX = 0.1, 300
MEAN_S = 1.0
SAMPLES_MAX = 256
MOVE_SAMPLES_MAX = 6_000

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """A plate's load changed by `grams` at about `at_s`, give or take `sigma_g`; `to_s` is when that was certain."""

    from_s: float
    at_s: float
    to_s: float
    grams: float
    sigma_g: float
    doubtful: bool
    stairs: tuple[Stair, ...] = ()
    """What it is made of, where that is known."""


@dataclass(frozen=True, slots=True)
class _Plateau:
    from_s: float
    settled_s: float
    to_s: float
    grams: float
    samples: int


class PlateWatch:
    """Follows one plate."""

    def __init__(self) -> None:
        self._window: deque[tuple[float, float]] = deque(maxlen=SAMPLES_MAX)
        self._sum = 0.0
        self._squares = 0.0
        self._origin: float | None = None
        self._level = 0.0
        self._known = 0
        self._variance = SIGMA_G**2
        self._learnt = 0
        self._interval_s = 1.0 / 60.0
        self._gap_s = 0.0
        self._quiet_s = -math.inf
        """When it was last at rest, as far as is known."""
        self._moving_since_s: float | None = None
        self._moved: list[tuple[float, float]] = []
        self._settling: tuple[float, float] | None = None
        self._marks: deque[tuple[float, float]] = deque(maxlen=MARKS_MAX)
        self._alone_times = 0

    @property
    def moving_since_s(self) -> float | None:
        """Since when something is going on; None at rest."""
        return self._moving_since_s

    @property
    def sigma_g(self) -> float:
        """How much its samples stir at rest, standard deviation."""
        return math.sqrt(self._variance)

    @property
    def load_g(self) -> float | None:
        """What it bore when it last rested, by its own zero; None before it has said anything."""
        return None if self._origin is None else self._origin + self._level

    def observe(self, t_s: float, grams: float) -> tuple[Step, ...]:
        """Take in a sample; the steps that are complete by it. Call in the order of time."""
        if self._origin is None:
            self._origin = self._level = grams
            self._level = 0.0
        value = grams - self._origin
        silent: tuple[Step, ...] = ()
        if self._window:
            apart_s = t_s - self._window[-1][0]
            if apart_s > GAP_S:
                silent = self._fell_silent()
                self._clear()
                self._gap_s += apart_s
            else:
                self._interval_s += 0.05 * (apart_s - self._interval_s)
        window_s = min(max(WINDOW_S, SAMPLES_MIN * self._interval_s), WINDOW_MAX_S)
        self._push(t_s, value, window_s)
        if self._moving_since_s is not None and len(self._moved) < MOVE_SAMPLES_MAX:
            self._moved.append((t_s, value))
        # The first sample stands for the interval before it: evenly spoken, a slow plate's window would never be full.
        if t_s - self._window[0][0] + self._interval_s < window_s * 0.9 or len(self._window) < COUNT_MIN:
            if self._moving_since_s is None and len(self._window) == 1:
                self._alone(value)
            return silent or (self._settle(t_s, window_s, None) if self._moving_since_s is not None else ())
        count = len(self._window)
        mean = self._sum / count
        variance = max(self._squares / count - mean * mean, 0.0)
        calm = self._is_calm(variance, count)
        if calm and (not self._marks or t_s - self._marks[-1][0] >= MARK_S):
            self._marks.append((t_s, mean))
        if self._moving_since_s is None:
            self._rest(t_s, mean, variance, calm=calm)
            return silent
        return self._settle(t_s, window_s, mean if calm else None)

    def _fell_silent(self) -> tuple[Step, ...]:
        """The steps of a movement after which nothing was said for a while: a plate that rests may say little.

        It rested if it was calm when it was heard last, or has said single samples only ever since.
        """
        if self._moving_since_s is None:
            return ()
        count = len(self._window)
        self._alone_times = self._alone_times + 1 if count < COUNT_MIN else 0
        mean = self._sum / count
        calm = count >= COUNT_MIN and self._is_calm(max(self._squares / count - mean * mean, 0.0), count)
        if not calm and self._alone_times < ALONE_MIN:
            return ()
        now_s = self._window[-1][0]
        steps = self._steps(doubtful=False, last=_Plateau(self._window[0][0], now_s, now_s, mean, count))
        self._moving_since_s, self._moved, self._settling, self._quiet_s = None, [], None, now_s
        return steps

    def change_g(self, from_s: float, to_s: float) -> float:
        """By how much its mean after `to_s` differs from the one before `from_s`; 0 where either is not known."""
        before = [mean for at_s, mean in self._marks if from_s - MEAN_S <= at_s <= from_s]
        # A window's mean looks back, so the first that is all of the time after is a window later.
        after = [mean for at_s, mean in self._marks if to_s + WINDOW_S <= at_s <= to_s + WINDOW_S + MEAN_S]
        return sum(after) / len(after) - sum(before) / len(before) if before and after else 0.0

    def _is_calm(self, variance: float, count: int) -> bool:
        """Whether a window stirs no more than the plate does at rest, or than chance allows."""
        limit = self.sigma_g * (1.0 + 3.0 / math.sqrt(2.0 * max(count - 1, 1))) + 1.5
        return variance < limit * limit

    def _rest(self, t_s: float, mean: float, variance: float, *, calm: bool) -> None:
        count = len(self._window)
        # Before the first window the level is that of a few single samples.
        known_by = min(count, self._known) if not self._learnt and self._known else count
        leaves_g = LEAVES * math.sqrt(self._variance / max(known_by, 1)) + LEAVES_G
        leaves_g += min(DRIFT_G_S * self._gap_s, DRIFT_MAX_G)
        # Of a plate's noise nothing is known at first but that it is about the same all the time.
        begins = self._learnt < LEARNT and self._halves_agree()
        if (calm or begins) and (abs(mean - self._level) < leaves_g or not self._known):
            if not self._learnt or self._gap_s:
                self._level, self._gap_s = mean, 0.0
            self._learn(mean, 0.02)
            self._learnt += 1
            gain = max(0.01, 1.0 / self._learnt)
            self._variance = max(self._variance + gain * (variance - self._variance), SIGMA_MIN_G**2)
            self._quiet_s = t_s
            return
        first_s = self._window[0][0]
        self._moving_since_s = max(min(self._quiet_s, t_s), first_s - self._gap_s) if self._known else first_s
        self._gap_s = 0.0
        self._moved, self._settling = list(self._window), None

    def _halves_agree(self) -> bool:
        values = [value for _, value in self._window]
        half = len(values) // 2
        if half < 2:
            return False
        one, other = sum(values[:half]) / half, sum(values[half:]) / (len(values) - half)
        spread = sum((v - one) ** 2 for v in values[:half]) + sum((v - other) ** 2 for v in values[half:])
        return abs(one - other) < 3.5 * math.sqrt(max(spread / len(values), 1.0) * 2.0 / half)

    def _settle(self, t_s: float, window_s: float, calm_g: float | None) -> tuple[Step, ...]:
        """Whether what is going on is over; `calm_g` is the mean of a window that is calm."""
        assert self._moving_since_s is not None, "called while moving"
        late = t_s - self._moving_since_s > MOVING_MAX_S
        if calm_g is None:
            self._settling = None
        elif self._settling is None or abs(calm_g - self._settling[1]) > self._agree_g():
            self._settling = (t_s, calm_g)
        settled = self._settling is not None and t_s - self._settling[0] >= window_s
        if not settled and not late:
            return ()
        steps = self._steps(doubtful=not settled)
        self._moving_since_s, self._moved, self._settling = None, [], None
        self._quiet_s = t_s
        return steps

    def _agree_g(self) -> float:
        return 3.0 + 2.0 * math.sqrt(2.0 * self._variance / max(len(self._window), 1))

    def _steps(self, *, doubtful: bool, last: _Plateau | None = None) -> tuple[Step, ...]:
        """The steps in what was said while moving; the level goes over to the last plateau's, or to `last`."""
        samples = np.array(self._moved, np.float64)
        assert self._moving_since_s is not None, "called while moving"
        since_s = self._moving_since_s
        known = self._known > 0
        before = _Plateau(since_s, since_s, since_s, self._level, 50)
        found = plateaus(samples[:, 0], samples[:, 1], self.sigma_g, self._interval_s)
        if last is None and (not found or doubtful):
            mean, now_s = self._sum / max(len(self._window), 1), float(samples[-1, 0])
            last = _Plateau(now_s, now_s, now_s, mean, len(self._window))
        if last is not None and (not found or found[-1].to_s < last.from_s or doubtful):
            found = [*found, last]
        levels = without_touches([before, *found] if known else found, self.sigma_g)
        self._level = levels[-1].grams
        self._known = max(self._known, 1)
        half_s = self._interval_s / 2.0
        return tuple(
            Step(
                from_s=one.to_s,
                at_s=one.to_s + half_s,
                to_s=other.settled_s,
                grams=other.grams - one.grams,
                sigma_g=math.hypot(
                    self.sigma_g / math.sqrt(max(one.samples, 1)), self.sigma_g / math.sqrt(other.samples), SWING_G
                ),
                doubtful=doubtful and number == len(levels) - 2,
                stairs=self._stairs(samples, one, other),
            )
            for number, (one, other) in enumerate(itertools.pairwise(levels))
        )

    def _stairs(self, samples: Doubles, one: _Plateau, other: _Plateau) -> tuple[Stair, ...]:
        """The stairs between two plateaus, of samples (n, 2) of time and grams."""
        its = samples[(samples[:, 0] >= one.to_s - BEFORE_S) & (samples[:, 0] <= other.settled_s)]
        return stairs(its[:, 0], its[:, 1], (one.grams, other.grams), self.sigma_g)

    def _alone(self, value: float) -> None:
        if self._known < 10:
            self._learn(value, 1.0 / (self._known + 1))
        elif abs(value - self._level) < LEAVES * self.sigma_g + LEAVES_G:
            self._level += LONE * (value - self._level)
            self._gap_s = 0.0

    def _learn(self, value: float, share: float) -> None:
        self._known += 1
        self._level += (value - self._level) * max(share, 1.0 / self._known)

    def _push(self, t_s: float, value: float, window_s: float) -> None:
        if len(self._window) == SAMPLES_MAX:
            self._drop()
        self._window.append((t_s, value))
        self._sum += value
        self._squares += value * value
        while t_s - self._window[0][0] > window_s:
            self._drop()

    def _drop(self) -> None:
        _, value = self._window.popleft()
        self._sum -= value
        self._squares -= value * value

    def _clear(self) -> None:
        self._window.clear()
        self._sum = self._squares = 0.0


def plateaus(t_s: Doubles, grams: Doubles, sigma_g: float, interval_s: float) -> list[_Plateau]:
    """The stretches in which a plate was calm: samples at `t_s` (n,), rising, of `grams` (n,)."""
    width = max(PLATEAU_MIN, round(PLATEAU_S / interval_s))
    if len(grams) < width:
        return []
    half = width // 2
    sums = np.concatenate([[0.0], np.cumsum(grams)])
    squares = np.concatenate([[0.0], np.cumsum(grams * grams)])
    mean = (sums[width:] - sums[:-width]) / width
    spread = np.sqrt(np.maximum((squares[width:] - squares[:-width]) / width - mean * mean, 0.0))
    count = len(mean)
    first = (sums[half : half + count] - sums[:count]) / half
    second = (sums[width : width + count] - sums[half : half + count]) / (width - half)
    calm = spread < sigma_g * (1.0 + 3.0 / math.sqrt(2.0 * (width - 1))) + 1.5
    calm &= np.abs(first - second) < 3.0 * sigma_g * math.sqrt(2.0 / half) + 2.0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], calm, [False]]).astype(np.int8)))
    found = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        # Windows begin … end − 1 are calm: samples begin … end + width − 2. The first of them may still swing.
        stop = end + width - 1
        own = grams[max(begin, stop - max(width, int(0.7 * (stop - begin)))) : stop]
        found.append(
            _Plateau(
                float(t_s[begin]), float(t_s[begin + width - 1]), float(t_s[stop - 1]), float(own.mean()), len(own)
            )
        )
    return found


def without_touches(levels: Sequence[_Plateau], sigma_g: float) -> list[_Plateau]:
    """The plateaus that differ, without the brief ones that are a hand's."""
    kept = list(levels)
    while True:
        for number in range(1, len(kept)):
            one, other = kept[number - 1], kept[number]
            if abs(other.grams - one.grams) < _step_min_g(one, other, sigma_g):
                # The first is the level from before, known best; of others the longer says more.
                longer = one if number == 1 or one.samples >= other.samples else other
                kept[number - 1 : number + 1] = [
                    _Plateau(one.from_s, one.settled_s, other.to_s, longer.grams, longer.samples)
                ]
                break
            if 1 <= number < len(kept) - 1 and _is_touch(one, other, kept[number + 1], sigma_g):
                del kept[number]
                break
        else:
            return kept


def _is_touch(one: _Plateau, middle: _Plateau, other: _Plateau, sigma_g: float) -> bool:
    if middle.to_s - middle.from_s >= TOUCH_S:
        return False
    if abs(other.grams - one.grams) < _step_min_g(one, other, sigma_g):
        return True
    return min(abs(middle.grams - one.grams), abs(other.grams - middle.grams)) <= PRESS_G


def _step_min_g(one: _Plateau, other: _Plateau, sigma_g: float) -> float:
    noise_g = sigma_g * math.sqrt(1.0 / max(one.samples, 1) + 1.0 / max(other.samples, 1))
    return max(STEP * noise_g + STEP_G, STEP_MIN_G)
