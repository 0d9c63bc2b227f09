"""A camera that hangs in the store: where its picture shows a point of the store, and where on the floor a pixel looks.

What is not measured is expected: a lens of an ordinary width, hardly bent, its centre near the picture's middle. So
that four marks give a camera at all, and forty correct what was expected (see least_squares.py).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.least_squares import Fit, Rows
from edge.calibration.optics import Optics, Size
from edge.calibration.plane import homography, mapped

Doubles = npt.NDArray[np.float64]

FOCAL_USUAL = 0.75
"""Of the picture's longer side: a view of 67 degrees across."""
FOCAL_SIGMA = 0.45
"""Standard deviation of its logarithm: from 45 to 94 degrees across, and further where the measurements say so."""
BEND_SIGMA = 0.12
"""Of the division model's λ: a lens that draws its corners in by a tenth has −0.1."""
CENTRE_SIGMA = 0.01
"""Of the picture's longer side: how far lenses sit beside the middle of their chips."""
FOCALS = (0.5, 0.75, 1.2, 2.0)
"""Of the longer side: where the search for a focal length begins when the homography tells none."""
DEPTH_MIN_M = 0.05
FOCAL_MIN, FOCAL_MAX = 0.15, 8.0


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A camera at `eye` (metres), its axes as the rows of `axes` (right, down, forward; unit vectors of the store)."""

    optics: Optics
    focal_px: float
    axes: Doubles
    eye: Doubles

    @property
    def size(self) -> Size:
        """Of its pictures."""
        return self.optics.size

    def pixels(self, points: Doubles) -> tuple[Doubles, Doubles]:
        """Pixels (n, 2) and depths (n,) in metres of points (n, 3); a depth beneath 0 lies behind it."""
        seen = (points - self.eye) @ self.axes.T
        depth = np.asarray(seen[:, 2], np.float64)
        flat = seen[:, :2] / np.maximum(seen[:, 2:], DEPTH_MIN_M)
        return self.optics.bend(np.array(self.optics.centre) + self.focal_px * flat), depth

    def matrix(self, height_m: float = 0.0) -> Doubles:
        """From straightened pixels to the floor (or to the level `height_m` above it), (3, 3); w > 0 where it looks."""
        lift = np.array([0.0, 0.0, height_m])
        to_picture = self._camera @ self.axes @ np.column_stack([np.eye(3)[:, :2], lift - self.eye])
        # As it comes w is 1 / depth: its sign needs no care.
        matrix = np.linalg.inv(to_picture)
        return np.asarray(matrix / np.linalg.norm(matrix), np.float64)

    def floor(self, pixels: Doubles) -> Doubles:
        """Where on the floor pixels (n, 2) look, metres (n, 2); NaN above the horizon."""
        return floor_of(self.matrix(), self.optics.straighten(pixels))

    @property
    def _camera(self) -> Doubles:
        x, y = self.optics.centre
        return np.array([[self.focal_px, 0.0, x], [0.0, self.focal_px, y], [0.0, 0.0, 1.0]])


def floor_of(matrix: Doubles, straight: Doubles) -> Doubles:
    """Straightened pixels (n, 2) on the floor, metres (n, 2); NaN above the horizon."""
    ahead = np.column_stack([straight, np.ones(len(straight))]) @ matrix[2] > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        places = mapped(matrix, straight)
    return np.asarray(np.where(ahead[:, None], places, np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """What is to be found of a camera, as numbers about a `base`: its lens, unless that is `known`, and where it hangs.

    The numbers: logarithm of the focal length in longer sides, λ, the centre's offset in longer sides (2), a turn of
    the camera (3, rotation vector, radians) and its place (3, metres). Of a known lens the last six.
    """

    base: View
    known: Optics | None

    @property
    def start(self) -> Doubles:
        """The numbers of the base."""
        placed = np.concatenate([np.zeros(3), self.base.eye])
        if self.known is not None:
            return placed
        size, optics = self.base.size, self.base.optics
        off = (np.array(optics.centre) - np.array(size) / 2.0) / max(size)
        lens = [math.log(self.base.focal_px / max(size)), optics.coefficients[0], *off]
        return np.concatenate([lens, placed])

    def view(self, numbers: Doubles) -> View:
        """The camera that the numbers tell."""
        turn, eye = numbers[-6:-3], numbers[-3:]
        axes = turned(turn) @ self.base.axes
        if self.known is not None:
            assert self.known.focal_px is not None, "a lens without a focal length is expected, not known"
            return View(self.known, self.known.focal_px, axes, eye)
        size = self.base.size
        focal_px = max(size) * math.exp(float(np.clip(numbers[0], math.log(FOCAL_MIN), math.log(FOCAL_MAX))))
        x, y = np.array(size) / 2.0 + numbers[2:4] * max(size)
        bend = float(np.clip(numbers[1], -0.9, 0.9))
        return View(Optics(size, (float(x), float(y)), focal_px, "division", (bend,)), focal_px, axes, eye)

    def expected(self, numbers: Doubles, bend: tuple[float, float] = (0.0, BEND_SIGMA)) -> Doubles:
        """How far the lens's numbers are from what is expected, in standard deviations (4,); (0,) of a known lens."""
        if self.known is not None:
            return np.zeros(0)
        return np.array(
            [
                (numbers[0] - math.log(FOCAL_USUAL)) / FOCAL_SIGMA,
                (numbers[1] - bend[0]) / bend[1],
                numbers[2] / CENTRE_SIGMA,
                numbers[3] / CENTRE_SIGMA,
            ]
        )


@dataclass(frozen=True, slots=True, eq=False)
class FoundView:
    """A camera that was found, and how: `errors_px` (n,) is by how much each measured pixel is missed."""

    view: View
    fit: Fit
    unknown: Unknown
    errors_px: Doubles


def leftover_of(
    unknown: Unknown, numbers: Doubles, pixels: Doubles, points: Doubles, sigma_px: float | Doubles
) -> Doubles:
    """By how much the camera of `numbers` misses `pixels` (n, 2) of `points` (n, 3), in standard deviations (n, 2)."""
    seen, depth = unknown.view(numbers).pixels(points)
    # What lies behind the camera is as wrong as it can be, and the more so the farther behind it lies.
    behind = np.maximum(DEPTH_MIN_M - depth, 0.0)[:, None]
    return np.asarray((seen - pixels) / np.broadcast_to(np.asarray(sigma_px), (len(pixels),))[:, None] + 1e3 * behind)


def expected_rows(unknown: Unknown, numbers: Doubles, measured: Doubles, bend: tuple[float, float]) -> Rows:
    """The rows of a fit of one camera."""
    return Rows(measured, unknown.expected(numbers, bend))


def first_views(pixels: Doubles, metres: Doubles, size: Size, known: Optics | None, whose: str) -> list[View]:
    """Cameras to begin a search with, that see floor points `metres` (n, 2) at `pixels` (n, 2).

    Raises CalibrationError where the points determine no view, or only one from beneath the floor.
    """
    optics = known or Optics.straight(size)
    matrix = homography(metres, optics.straighten(pixels), whose)
    focals = [known.focal_px] if known is not None and known.focal_px is not None else _focals(matrix, size)
    found = [_hung(matrix, focal_px, optics) for focal_px in focals]
    above = [view for view in found if view.eye[2] > 0.0]
    if not above:
        raise CalibrationError(
            f"{whose} show the plan as in a mirror: on the plan x runs right and y runs up; are x and y exchanged, "
            "or is y measured downwards?"
        )
    return above


def turned(vector: Doubles) -> Doubles:
    """The rotation (3, 3) about `vector` by its length in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    x, y, z = vector
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    if angle < 1e-9:
        return np.asarray(np.eye(3) + cross)
    return np.asarray(np.eye(3) + math.sin(angle) / angle * cross + (1.0 - math.cos(angle)) / angle**2 * cross @ cross)


def _focals(matrix: Doubles, size: Size) -> list[float]:
    """Focal lengths in pixels that would make a floor of squares of what the homography shows, and the usual ones."""
    middle = np.array([[1.0, 0.0, -size[0] / 2.0], [0.0, 1.0, -size[1] / 2.0], [0.0, 0.0, 1.0]])
    (a, b), (c, d), (e, f) = (middle @ matrix)[:, :2]
    squares = [-(a * b + c * d) / (e * f) if abs(e * f) > 1e-15 else -1.0]
    across = e**2 - f**2
    squares.append((b**2 + d**2 - a**2 - c**2) / across if abs(across) > 1e-15 else -1.0)
    side = float(max(size))
    told = [math.sqrt(square) for square in squares if square > 0.0]
    usual = [share * side for share in FOCALS]
    return [focal for focal in told if FOCAL_MIN * side < focal < FOCAL_MAX * side] + usual


def _hung(matrix: Doubles, focal_px: float, optics: Optics) -> View:
    """The camera with that focal length that comes nearest to the homography from the floor to straightened pixels."""
    x, y = optics.centre
    rays = np.linalg.inv(np.array([[focal_px, 0.0, x], [0.0, focal_px, y], [0.0, 0.0, 1.0]])) @ matrix
    rays *= 2.0 / (np.linalg.norm(rays[:, 0]) + np.linalg.norm(rays[:, 1]))
    turn = np.column_stack([rays[:, 0], rays[:, 1], np.cross(rays[:, 0], rays[:, 1])])
    left, _, right = np.linalg.svd(turn)
    axes = left @ np.diag([1.0, 1.0, float(np.sign(np.linalg.det(left @ right)))]) @ right
    return View(optics, focal_px, np.asarray(axes), np.asarray(-axes.T @ rays[:, 2]))
