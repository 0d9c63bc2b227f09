"""How a lens bends, from edges that are straight in the shop: shelves, skirting, door frames.

A pinhole shows straight lines straight. So the one λ of the division model is looked for that makes points marked along
each edge lie on a line (the plumb line method: Brown, Close-range camera calibration, 1971).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.least_squares import Rows, fit
from edge.calibration.optics import Optics, Size
from edge.calibration.view import BEND_SIGMA

Doubles = npt.NDArray[np.float64]

POINTS_MIN = 3
CLICK_PX = 1.0
LONG_MIN = 0.2
"""Of the picture's longer side: a shorter edge is straight under any lens."""
OFF_MAX_PX = 6.0


def bend_from_lines(lines: Sequence[Doubles], size: Size, camera: str) -> tuple[float, float]:
    """λ of the division model and its standard deviation, from points (n, 2) along each straight edge, in pixels.

    Raises CalibrationError for lines of too few points, short ones, and ones that no lens makes straight.
    """
    for number, line in enumerate(lines, start=1):
        if len(line) < POINTS_MIN:
            raise CalibrationError(
                f"camera {camera!r}: line {number} has {len(line)} points; mark {POINTS_MIN} or more along an edge"
            )
        if float(np.hypot(*(line.max(axis=0) - line.min(axis=0)))) < LONG_MIN * max(size):
            raise CalibrationError(
                f"camera {camera!r}: line {number} is short; mark an edge that runs over a good part of the picture"
            )

    def leftover(numbers: Doubles) -> Rows:
        optics = Optics(
            size, (size[0] / 2.0, size[1] / 2.0), None, "division", (float(np.clip(numbers[0], -0.9, 0.9)),)
        )
        off = np.concatenate([_off_line(optics.straighten(line)) for line in lines]) / CLICK_PX
        return Rows(np.column_stack([off, np.zeros(len(off))]), numbers / (2.0 * BEND_SIGMA))

    found = fit(leftover, np.zeros(1))
    worst = float(np.abs(found.rows.measured[:, 0]).max()) * CLICK_PX
    if worst > OFF_MAX_PX * max(1.0, max(size) / 1280.0):
        raise CalibrationError(
            f"camera {camera!r}: a point of the lines lies {worst:.0f} px beside any that a lens would bend so; is the "
            "edge straight in the shop, and is each --line one edge?"
        )
    return float(found.unknowns[0]), float(np.sqrt(found.covariance[0, 0]))


def _off_line(points: Doubles) -> Doubles:
    """How far each point (n, 2) is from the line through them all; (n,)."""
    off = points - points.mean(axis=0)
    normal = np.linalg.svd(off, full_matrices=False)[2][1]
    # A normal has no sign of its own; one that flips between two looks would be a jump.
    normal = normal * (1.0 if normal[np.abs(normal).argmax()] > 0.0 else -1.0)
    return np.asarray(off @ normal)
