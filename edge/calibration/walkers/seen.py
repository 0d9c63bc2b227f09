"""What a camera saw of people: boxes over time, and what of each box can be believed.

Of a box three things are measured: its middle, its lower edge (the nearer shoe) and its upper one (the head). Over
1,500 boxes that the person network drew about people who walk they are off by 0.035, 0.055 and 0.03 of its height. A
side that lies on the picture's edge is where the picture ends and not where the person does: what hangs on it is not
measured.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.optics import Size
from edge.calibration.walkers.body import SHOE_M

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

MIDDLE, LOWER, UPPER = 0.04, 0.055, 0.035
"""Standard deviations, of a box's height."""
LEAST_PX = 1.5
EDGE_PX = 3.0
UNSEEN_PX = 1e5
"""The standard deviation of what is not measured: it counts nothing."""
HIGH_MIN_PX = 16.0
"""A lower box says too little."""
GAP_MAX_S = 1.0
"""Between two boxes of one track that a line is drawn through."""
ALIKE_S = 0.6
"""Boxes of one person err alike for as long: a step."""


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """A camera's people: times (n,), its own numbers of them (n,), left, top, right, bottom in pixels (n, 4)."""

    t_s: Doubles
    tracks: npt.NDArray[np.int64]
    sides: Doubles

    @staticmethod
    def of(rows: Doubles) -> "Boxes":
        """From rows of t_s, track, left, top, right, bottom (n, 6), in any order; what can be no person is left out."""
        rows = np.asarray(rows, np.float64).reshape(-1, 6)
        rows = rows[np.isfinite(rows).all(axis=1)]
        rows = rows[(rows[:, 5] - rows[:, 3] > HIGH_MIN_PX) & (rows[:, 4] > rows[:, 2])]
        rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
        return Boxes(rows[:, 0], rows[:, 1].astype(np.int64), rows[:, 2:6])

    def __len__(self) -> int:
        return len(self.t_s)

    def only(self, chosen: npt.NDArray[np.bool_] | Indices) -> "Boxes":
        """Some of them."""
        return Boxes(self.t_s[chosen], self.tracks[chosen], self.sides[chosen])

    def paced(self, every_s: float) -> "Boxes":
        """Of each track no two within `every_s`: more of them say hardly more."""
        kept = np.zeros(len(self), np.bool_)
        for number in np.unique(self.tracks):
            last_s = -np.inf
            for row in np.flatnonzero(self.tracks == number).tolist():
                if self.t_s[row] - last_s >= every_s - 1e-6:
                    kept[row], last_s = True, float(self.t_s[row])
        return self.only(kept)

    @property
    def alike(self) -> float:
        """How many boxes in a row count as one, since they err alike; 1 or more."""
        steps = [np.diff(self.t_s[self.tracks == number]) for number in np.unique(self.tracks)]
        every = np.concatenate(steps) if steps else np.zeros(0)
        return max(1.0, ALIKE_S / max(float(np.median(every)), 1e-3)) if len(every) else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Middle, lower and upper edge of boxes (n, 3), and how exact each is: standard deviations (n, 3); pixels.

    `shoe_m` (n,) is how far before the person the shoe is that the lower edge shows, towards the camera.
    """

    pixels: Doubles
    sigma_px: Doubles
    shoe_m: Doubles

    def only(self, chosen: npt.NDArray[np.bool_] | Indices) -> "Measured":
        """Some of them."""
        return Measured(self.pixels[chosen], self.sigma_px[chosen], self.shoe_m[chosen])


def measured(boxes: Boxes, size: Size) -> Measured:
    """What the boxes of pictures of `size` tell."""
    left, top, right, bottom = boxes.sides.T
    pixels = np.column_stack([(left + right) / 2.0, bottom, top])
    high = bottom - top
    sigma = np.maximum(np.column_stack([MIDDLE * high, LOWER * high, UPPER * high]), LEAST_PX)
    cut = np.column_stack([(left < EDGE_PX) | (right > size[0] - EDGE_PX), bottom > size[1] - EDGE_PX, top < EDGE_PX])
    return Measured(pixels, np.where(cut, UNSEEN_PX, sigma), np.full(len(boxes), SHOE_M))
