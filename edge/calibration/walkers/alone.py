"""A camera by itself, from the people whom it sees: how wide it sees, how it is tilted and rolled, how high it hangs.

Theory of operation. A standing person's feet and head say twice where they stand, if it is known how tall people are;
the camera is looked for in which the two agree for everybody. What is not told so is where on the plan it hangs and
which way it looks: its own floor begins beneath it, with y along its look. It is a beginning, no more: two cameras
that see the same people tell much more of each other.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edge.calibration.least_squares import Fit, Rows, fit
from edge.calibration.optics import Optics, Size
from edge.calibration.view import Unknown, View, turned
from edge.calibration.walkers.body import shown
from edge.calibration.walkers.placing import by_feet
from edge.calibration.walkers.seen import Measured

Doubles = npt.NDArray[np.float64]

HUNG_M, HUNG_SIGMA = 2.8, 0.30
"""How high cameras hang, and the standard deviation of its logarithm: from 1.5 to 5 m without a word."""
FOCAL, FOCAL_SIGMA = 0.62, 0.3
"""Of the picture's longer side, and the standard deviation of its logarithm: a shop is watched by wide lenses, from 46
to 112 degrees across without a word. People tell it less well than marks do."""
ROLL_SIGMA = math.radians(10.0)
BEND_SIGMA = 0.06
TILTS_DEG = (18.0, 38.0)
FOCALS = (0.5, 0.9)
"""Of the picture's longer side: where the search begins."""
BOXES_MAX = 150
ROUNDS = 3
UP_MIN_M = 0.3
SLOPE_MAX = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """What of a camera people tell, as numbers about a `base`: lens, tilt and roll (radians), height (m).

    Of a `known` lens the last three.
    """

    base: View
    known: Optics | None

    @property
    def unknown(self) -> Unknown:
        """The same camera as one of which everything is unknown."""
        return Unknown(self.base, self.known)

    @property
    def start(self) -> Doubles:
        """The numbers of the base."""
        every = self.unknown.start
        return np.concatenate([every[:-6], [0.0, 0.0, every[-1]]])

    def view(self, numbers: Doubles) -> View:
        """The camera that the numbers tell."""
        tilt, roll, up = numbers[-3:]
        placed = [tilt, 0.0, roll, *self.base.eye[:2], max(up, UP_MIN_M)]
        return self.unknown.view(np.concatenate([numbers[:-3], placed]))

    def expected(self, numbers: Doubles) -> Doubles:
        """How far the numbers are from what is expected, in standard deviations."""
        return np.concatenate([expected_lens(self.unknown, numbers[:-3]), hanging(self.view(numbers))])


def expected_lens(unknown: Unknown, numbers: Doubles) -> Doubles:
    """How far a lens's numbers are from what is expected of one over a shop, in standard deviations; (0,) if known."""
    expected = unknown.expected(numbers, (0.0, BEND_SIGMA))
    if len(expected):
        expected[0] = (numbers[0] - math.log(FOCAL)) / FOCAL_SIGMA
    return expected


def hanging(view: View) -> Doubles:
    """How far a camera is from hanging as cameras do, in standard deviations: its height, its roll; (2,)."""
    up = math.log(max(float(view.eye[2]), 0.1) / HUNG_M) / HUNG_SIGMA
    # The height of a step to the right in its picture is the sine of its roll.
    return np.array([up, float(view.axes[0, 2]) / math.sin(ROLL_SIGMA)])


def hung_alone(seen: Measured, size: Size, known: Optics | None, tall_m: float) -> View:
    """The camera over (0, 0) that sees these people as people of `tall_m` are."""
    if len(seen.pixels) > BOXES_MAX:
        seen = seen.only(np.linspace(0, len(seen.pixels) - 1, BOXES_MAX).astype(np.intp))
    given = known.focal_px if known is not None else None
    focals_px = [focal * max(size) for focal in FOCALS] if given is None else [given]
    found: list[tuple[float, View]] = []
    for tilt_deg in TILTS_DEG:
        for focal_px in focals_px:
            alone = Alone(_tilted(known or Optics.straight(size), focal_px, tilt_deg), known)
            told = _improved(alone, seen, np.full(len(seen.pixels), tall_m))
            found.append((told.cost, alone.view(told.unknowns)))
    return min(found, key=lambda each: each[0])[1]


def heads_off(view: View, seen: Measured, tall_m: Doubles) -> Doubles:
    """By how much the upper edge lies beneath where the lower edge foretells it; pixels (n,)."""
    stood = by_feet(view, seen, tall_m)
    return np.asarray(seen.pixels[:, 2] - shown(view, stood, tall_m, seen.shoe_m)[0][:, 2])


def heads_sigma(view: View, seen: Measured, tall_m: Doubles) -> Doubles:
    """How exact feet foretell heads, standard deviations in pixels (n,)."""
    lower = replace(seen, pixels=seen.pixels + np.array([0.0, 1.0, 0.0]))
    slope = heads_off(view, lower, tall_m) - heads_off(view, seen, tall_m)
    return np.asarray(np.hypot(seen.sigma_px[:, 2], np.clip(slope, -SLOPE_MAX, SLOPE_MAX) * seen.sigma_px[:, 1]))


def _tilted(optics: Optics, focal_px: float, tilt_deg: float) -> View:
    level = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    axes = turned(np.array([-math.radians(tilt_deg), 0.0, 0.0])) @ level
    return View(optics, focal_px, axes, np.array([0.0, 0.0, HUNG_M]))


def _improved(alone: Alone, seen: Measured, tall_m: Doubles) -> Fit:
    numbers = alone.start
    for _ in range(ROUNDS):
        # How exact feet foretell heads is asked of the camera as it was before: a camera that made everything vague
        # would explain everything.
        sigma = heads_sigma(alone.view(numbers), seen, tall_m)

        def leftover(here: Doubles, sigma: Doubles = sigma) -> Rows:
            off = heads_off(alone.view(here), seen, tall_m) / sigma
            return Rows(np.column_stack([off, np.zeros(len(off))]), alone.expected(here))

        found = fit(leftover, numbers)
        numbers = found.unknowns
    return found
