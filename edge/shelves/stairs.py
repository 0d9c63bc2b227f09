"""The stairs of one change of load: who takes three bottles one after the other, half a second apart, makes three.

A cell needs up to half a second to settle, so there is no calm between stairs and no plateau (plate_watch.py). But it
begins to move at once: each stair begins with a burst of speed in one direction, much faster than the swing that
follows it. Between two bursts the cell is nearest to its new level just before the second one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

SPEED_S = 0.05
"""Speed is the difference of two means of so long that follow each other."""
INTERVAL_MAX_S = 0.03
"""A plate that speaks more seldom shows no bursts."""
SPEEDS = 5.5
"""Standard deviations of that difference at rest that a burst is above."""
OF_FASTEST = 0.33
"""A burst is as fast as this share of the fastest one near it: a stair's swing has up to a quarter of its speed."""
RINGS_S, RINGS = 0.35, 0.5
"""A burst the other way, so soon after another and slower than so much of it, is that one's swing."""
TOGETHER_S = 0.08
LEVEL_S = 0.15
FADES_S, SWINGS, SWING_MIN_G = 0.13, 0.4, 4.0
"""How fast a swing dies: what is left of a stair's after a while, as a share of it, standard deviation."""
STAIR_MIN_G, STAIR_SIGMAS = 25.0, 3.0
"""A smaller stair is a hand's."""
STAIRS_MAX = 6

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stair:
    """The load went over by `grams`, give or take `sigma_g`, at `at_s`."""

    at_s: float
    grams: float
    sigma_g: float


def stairs(t_s: Doubles, grams: Doubles, levels_g: tuple[float, float], sigma_g: float) -> tuple[Stair, ...]:
    """The stairs by which a plate went from one level to another: by time, together the whole; one at least.

    Samples at `t_s` (n,), rising, of `grams` (n,), from a little before the change until it had settled; `sigma_g` is
    how much a sample stirs at rest. Nothing where the plate speaks too seldom to tell.
    """
    from_g, to_g = levels_g
    if len(t_s) < 3 or float(np.median(np.diff(t_s))) > INTERVAL_MAX_S:
        return ()
    begins = _bursts(t_s, grams, sigma_g)
    if not begins:
        return ()
    found: list[tuple[float, float, float]] = []
    """When each stair begins, the level after it, and how wrong that may be."""
    last_g = from_g
    for at_s, next_s in zip(begins, [*begins[1:], math.inf], strict=True):
        if next_s == math.inf:
            found.append((at_s, to_g, SWING_MIN_G))
            continue
        rests = (t_s >= max(next_s - LEVEL_S, (at_s + next_s) / 2.0)) & (t_s < next_s)
        own = grams[rests]
        if not len(own):
            continue
        level_g = float(own.mean())
        left_g = SWINGS * abs(level_g - last_g) * math.exp(-(next_s - LEVEL_S / 2.0 - at_s) / FADES_S)
        found.append((at_s, level_g, math.hypot(sigma_g / math.sqrt(len(own)), left_g, SWING_MIN_G)))
        last_g = level_g
    return _large(found, from_g)


def _bursts(t_s: Doubles, grams: Doubles, sigma_g: float) -> list[float]:
    """When the plate begins to move fast, each time."""
    width = max(2, round(SPEED_S / float(np.median(np.diff(t_s)))))
    if len(grams) < 2 * width:
        return []
    sums = np.concatenate([[0.0], np.cumsum(grams)])
    means = (sums[width:] - sums[:-width]) / width
    speed = means[width:] - means[:-width]
    near = 2 * round(RINGS_S / SPEED_S * width) + 1
    fastest = sliding_window_view(np.pad(np.abs(speed), near // 2), near).max(axis=1)
    least = np.maximum(SPEEDS * sigma_g * math.sqrt(2.0 / width), OF_FASTEST * fastest)
    runs: list[tuple[float, float, float]] = []
    """Begin and end of each burst, and its speed."""
    signs = np.where(np.abs(speed) >= least, np.sign(speed), 0.0)
    turns = np.flatnonzero(np.diff(np.concatenate([[0.0], signs, [0.0]])))
    for begin, end in zip(turns[:-1].tolist(), turns[1:].tolist(), strict=True):
        if not signs[begin]:
            continue
        at_s, to_s = float(t_s[begin + width - 1]), float(t_s[end - 1 + width])
        peak = float(speed[begin:end][np.abs(speed[begin:end]).argmax()])
        if runs and at_s - runs[-1][1] < TOGETHER_S and peak * runs[-1][2] > 0.0:
            runs[-1] = (runs[-1][0], to_s, max(runs[-1][2], peak, key=abs))
        elif not (runs and _is_swing(at_s - runs[-1][0], peak, runs[-1][2])):
            runs.append((at_s, to_s, peak))
    return [begin_s for begin_s, _, _ in runs]


def _is_swing(since_s: float, speed: float, before: float) -> bool:
    return since_s < RINGS_S and speed * before < 0.0 and abs(speed) < RINGS * abs(before)


def _large(found: Sequence[tuple[float, float, float]], from_g: float) -> tuple[Stair, ...]:
    """The stairs between levels that differ enough; the least is left out until all do."""
    kept = list(found)
    while True:
        made, last_g, last_sigma_g = [], from_g, 0.0
        for at_s, level_g, sigma_g in kept:
            made.append(Stair(at_s, level_g - last_g, math.hypot(sigma_g, last_sigma_g)))
            last_g, last_sigma_g = level_g, sigma_g
        if len(kept) < 2:
            return tuple(made)
        sizes = [abs(stair.grams) / max(STAIR_MIN_G, STAIR_SIGMAS * stair.sigma_g) for stair in made]
        least = sizes.index(min(sizes))
        if sizes[least] >= 1.0 and len(kept) <= STAIRS_MAX:
            return tuple(made)
        # A stair that is none leaves its level out; the last level is the one that is known best.
        if least == len(kept) - 1:
            kept[least - 1] = (kept[least - 1][0], *kept[least][1:])
            del kept[least]
        else:
            del kept[least]
