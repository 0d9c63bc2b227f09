"""From a camera's pixels to metres on the floor.

Four or more marked points give the homography between the picture and the floor (direct linear transform with
normalised coordinates: Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 4.1 and 4.4). A person stands
where the middle of the box's lower edge touches the floor.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.errors import EdgeError
from protocol.store import MarkedPoint

Doubles = npt.NDArray[np.float64]

ERROR_MAX = 0.1
"""Of the marked area's mean radius: more than a tape measure and a mouse click are wrong by."""
FLAT_MIN = 1e-6
FEET = 0.04
"""Of a box's height: how far its lower edge's middle is from where the person stands, standard deviation each way."""


class CalibrationError(EdgeError):
    """Marked points that determine no view of the floor."""


@dataclass(frozen=True, slots=True)
class PersonOnFloor:
    """A confirmed track of a camera, and where it stands: metres on the store's plan."""

    t_s: float
    camera: str
    track: int
    x_m: float
    y_m: float
    sigma_m: float
    """Standard deviation of the place each way."""
    wrists: tuple[tuple[float, float, float, float], ...] = ()
    """Those that are seen: x, y, z in metres, and how sure that is (0–1)."""


class Floor:
    """One camera's view of the floor. CalibrationError where `points` lie on a line or contradict each other."""

    def __init__(self, camera: str, points: Sequence[MarkedPoint]) -> None:
        pixels = np.array([point.pixel for point in points], np.float64)
        metres = np.array([point.floor for point in points], np.float64)
        from_pixels, from_metres = _normaliser(camera, pixels), _normaliser(camera, metres)
        rows = []
        for (u, v), (x, y) in zip(_mapped(from_pixels, pixels), _mapped(from_metres, metres), strict=True):
            rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v, -x], [0, 0, 0, u, v, 1, -y * u, -y * v, -y]]
        _, strengths, directions = np.linalg.svd(np.array(rows))
        normal = directions[8].reshape(3, 3)
        # The answer is the direction that the equations leave free: one such direction, not two.
        if strengths[7] < FLAT_MIN * strengths[0] or abs(np.linalg.det(normal)) < FLAT_MIN:
            raise CalibrationError(f"camera {camera!r}: its floor points lie on a line; mark four corners of an area")
        self._matrix = np.linalg.inv(from_metres) @ normal @ from_pixels
        self._check(camera, pixels, metres)

    def _check(self, camera: str, pixels: Doubles, metres: Doubles) -> None:
        before = np.column_stack([pixels, np.ones(len(pixels))]) @ self._matrix[2]
        # What a camera sees lies before it. Points whose order is mixed up would lie partly behind it.
        if before.min() < 0.0 < before.max():
            raise CalibrationError(f"camera {camera!r}: its floor points contradict each other; are two exchanged?")
        self._matrix *= np.sign(before[0])
        errors = np.hypot(*(_mapped(self._matrix, pixels) - metres).T)
        if errors.max() > ERROR_MAX * np.hypot(*(metres - metres.mean(axis=0)).T).mean():
            worst = int(errors.argmax())
            raise CalibrationError(
                f"camera {camera!r}: its floor points contradict each other; by the others, point {worst + 1} of "
                f"{len(pixels)} is off by {errors[worst]:.2f} m. Measure it again"
            )

    def at(self, u: float, v: float) -> tuple[float, float] | None:
        """Where on the floor, in metres, the pixel (u, v) looks; None where it looks above the horizon."""
        if not self._matrix[2] @ (u, v, 1.0) > 0.0:
            return None
        x, y = _mapped(self._matrix, np.array([[u, v]]))[0]
        return float(x), float(y)

    def under(self, box: npt.NDArray[np.float32]) -> tuple[float, float, float] | None:
        """Where a person with `box` (left, top, right, bottom; pixels) stands, in metres; None: not on the floor.

        x, y, and the standard deviation each way: `FEET` of the box's height, brought to the floor.
        """
        u, v = float(box[0] + box[2]) / 2.0, float(box[3])
        place = self.at(u, v)
        if place is None:
            return None
        off = FEET * max(float(box[3] - box[1]), 1.0)
        beside, below = self.at(u + off, v), self.at(u, v + off)
        if beside is None or below is None:
            return None
        return *place, math.sqrt((math.dist(place, beside) ** 2 + math.dist(place, below) ** 2) / 2.0)


def _normaliser(camera: str, points: Doubles) -> Doubles:
    """The similarity that brings `points` to mean 0 and mean distance √2."""
    middle = points.mean(axis=0)
    spread = float(np.hypot(*(points - middle).T).mean())
    if spread < 1e-9:
        raise CalibrationError(f"camera {camera!r}: its floor points are all the same point")
    scale = 2**0.5 / spread
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])


def _mapped(matrix: Doubles, points: Doubles) -> Doubles:
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:], np.float64)
