"""How two cameras' floors lie to each other, from people who walk on both: a turn, a shift, and how far the clocks are.

Theory of operation. Each camera has people at places of a floor of its own; one of the floors may be stretched, as far
as heights are wrong. Two sightings of the same people lay the one floor on the other; among many such two's, and over a
range of clock offsets, those are kept that most other sightings agree with.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.walkers.at_once import Pairs, at_once
from edge.calibration.walkers.seen import Boxes

Doubles = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]

OFFSET_MAX_S = 2.0
"""How far two cameras' clocks may be apart; more is a wrong clock, not a slow cable."""
OFFSET_STEP_S = 0.25
SAMPLES = 400
PAIRS_MAX = 400
APART_MIN_M = 0.7
STRETCH_MAX = 1.5
NEAR_M = 0.5
STARTS_MAX, STARTS_EACH = 6, 2
AGREED_MIN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """One camera's floor laid on the other's: as complex numbers there = `turn` · here + `shift`; metres, seconds.

    `score` is the share of sightings that agree.
    """

    offset_s: float
    turn: complex
    shift: complex
    score: float


def laid(mine: Boxes, here: Doubles, theirs: Boxes, there: Doubles) -> list[Laid]:
    """The likeliest ways to lay places `here` (n, 2) of one camera on `there` (m, 2) of the other, the best first."""
    found: list[Laid] = []
    own: Complex = here[:, 0] + 1.0j * here[:, 1]
    other: Complex = there[:, 0] + 1.0j * there[:, 1]
    steps = round(OFFSET_MAX_S / OFFSET_STEP_S)
    for step in range(-steps, steps + 1):
        pairs = at_once(mine, theirs, step * OFFSET_STEP_S)
        rng = np.random.Generator(np.random.PCG64(len(pairs)))
        if len(pairs) > PAIRS_MAX:
            pairs = pairs.only(np.sort(rng.choice(len(pairs), PAIRS_MAX, replace=False)))
        if len(np.unique(pairs.mine)) >= AGREED_MIN:
            found += _best(pairs, own[pairs.mine], _then(pairs, other), step * OFFSET_STEP_S, rng)
    return sorted(found, key=lambda each: -each.score)[:STARTS_MAX]


def _then(pairs: Pairs, places: Complex) -> Complex:
    """Where the other camera's people were at the moments of the pairs, as complex numbers (n,)."""
    ends = np.column_stack([places.real, places.imag])
    x, y = pairs.between(ends).T
    return np.asarray(x + 1.0j * y, np.complex128)


def _best(
    pairs: Pairs, own: Complex, other: Complex, offset_s: float,
    rng: np.random.Generator,
) -> list[Laid]:  # fmt: skip
    one, two = (rng.integers(0, len(own), SAMPLES) for _ in range(2))
    apart, apart_there = own[two] - own[one], other[two] - other[one]
    far = (np.abs(apart) > APART_MIN_M) & (np.abs(apart_there) > APART_MIN_M)
    turns = np.where(far, apart_there / np.where(far, apart, 1.0), 0.0)
    good = far & (np.abs(np.log(np.maximum(np.abs(turns), 1e-9))) < np.log(STRETCH_MAX))
    turns, shifts = turns[good], (other[one] - turns * own[one])[good]
    if not len(turns):
        return []
    off = np.abs(turns[:, None] * own[None] + shifts[:, None] - other[None]) / NEAR_M
    # Of all that it may be paired with, a sighting counts with the one that fits best.
    rows, places = np.unique(pairs.mine, return_inverse=True)
    fits = np.zeros((len(rows), len(turns)))
    np.maximum.at(fits, places, np.maximum(1.0 - off.T**2, 0.0))
    scores = fits.mean(axis=0)
    kept: list[Laid] = []
    for index in np.argsort(-scores, kind="stable").tolist():
        if len(kept) == STARTS_EACH or scores[index] * len(rows) < AGREED_MIN / 2.0:
            break
        if all(abs(turns[index] - each.turn) > 0.2 or abs(shifts[index] - each.shift) > 0.5 for each in kept):
            kept.append(Laid(offset_s, complex(turns[index]), complex(shifts[index]), float(scores[index])))
    return kept
