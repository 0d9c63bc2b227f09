"""How tall the people are whom a camera of known place sees: of each track, what its feet and heads say together."""

import numpy as np
import numpy.typing as npt

from edge.calibration.view import View
from edge.calibration.walkers.alone import heads_off
from edge.calibration.walkers.body import TALL_SIGMA_M
from edge.calibration.walkers.seen import Boxes, Measured

Doubles = npt.NDArray[np.float64]

SIGHT_SIGMA_M = 0.12
"""How exact one box tells a height."""
SHORTEST_M, TALLEST_M = 1.0, 2.15
STEP_M = 0.05
ROUNDS, FAR_SIGMAS, SPREAD_MIN_M = 3, 2.0, 0.03
SLOPE_MIN_PX = 5.0
"""Pixels a metre: seen from straight above a height is hardly a pixel."""


def heights(view: View, boxes: Boxes, seen: Measured, alike: float, usual_m: float) -> Doubles:
    """The height of each box's person (n,), metres: the middle of their track, drawn to `usual_m` by what is usual.

    `alike` is how many boxes in a row count as one.
    """
    usual = np.full(len(boxes), usual_m)
    off = heads_off(view, seen, usual)
    px_per_m = np.maximum((heads_off(view, seen, usual + STEP_M) - off) / STEP_M, SLOPE_MIN_PX)
    each_m = np.clip(usual_m - off / px_per_m, SHORTEST_M, TALLEST_M)
    # A box that is cut off by the picture's edge says nothing of a height.
    told = (seen.sigma_px[:, 1:] < max(view.size)).all(axis=1)
    found = usual.copy()
    for number in np.unique(boxes.tracks):
        rows = boxes.tracks == number
        sights = float((rows & told).sum()) / alike
        if sights > 0.0:
            weight, expected = sights / SIGHT_SIGMA_M**2, 1.0 / TALL_SIGMA_M**2
            middle = _middle(each_m[rows & told])
            found[rows] = (weight * middle + expected * usual_m) / (weight + expected)
    return found


def _middle(each_m: Doubles) -> float:
    """The median of those that are told by whole people: where a shelf hides feet people seem shorter, never taller."""
    kept = each_m
    for _ in range(ROUNDS):
        middle = float(np.median(kept))
        spread = max(float(np.percentile(kept, 84)) - middle, SPREAD_MIN_M)
        kept = each_m[np.abs(each_m - middle) < FAR_SIGMAS * spread]
        if not len(kept):
            return middle
    return float(np.median(kept))
