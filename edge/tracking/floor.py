"""From a camera's pixels to metres on the floor.

What the lens bends is straightened, and a homography brings the straight pixels to the floor. Both stand in the store
file where the camera was calibrated (edge/calibration/). Where it only has marked points, the homography is made from
them. A person stands where the middle of the box's lower edge touches the floor; where the camera is known to hang, the
box's upper edge has a say (stature.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.optics import Optics, same_shape
from edge.calibration.plane import homography, mapped
from edge.calibration.points import fitted
from edge.calibration.walkers.body import SHOE_M
from edge.tracking.stature import Eye, stands
from edge.tracking.tracker import Track
from protocol.store import Camera, FloorView, MarkedPoint

Doubles = npt.NDArray[np.float64]

ERROR_MAX = 0.1
"""Of the marked area's mean radius: more than a tape measure and a mouse click are wrong by."""
POINTS_OF_A_LENS = 8
"""From as many points on the bend of an unknown lens shows in them."""
CHANGED_CM = 2.0
"""A floor point that the view misses by so much more than the worst did was changed after it was calibrated."""
EDGE_PX = 2.0
"""A box as near to the picture's edge is cut off by it."""
FEET = 0.04
"""Of a box's height: how far its lower edge's middle is from where the person stands, standard deviation each way."""


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
    look: tuple[float, ...] | None = None
    """What the camera's track looks like (perception/clothing.py), where that is known."""


def look_of(track: Track) -> tuple[float, ...] | None:
    """The track's look as plain numbers, None where it has none."""
    return None if track.look is None else tuple(track.look.tolist())


class Floor:
    """One camera's view of the floor. CalibrationError where `points` lie on a line or contradict each other.

    `matrix` (3, 3) brings straightened pixels to the floor; without it `points` say it. `optics` is the lens, straight
    where it is None. `eye` is where the camera hangs, where that is known; `size` that of its pictures.
    """

    def __init__(
        self,
        camera: str,
        points: Sequence[MarkedPoint] = (),
        optics: Optics | None = None,
        *,
        matrix: Doubles | None = None,
        eye: Eye | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        self._optics = optics
        self._eye = eye
        self._size = size
        self._matrix = _from_points(camera, points, optics) if matrix is None else matrix

    @staticmethod
    def of(camera: Camera) -> "Floor":
        """The view of the floor that the store file tells; CalibrationError where it tells none that holds together."""
        optics = Optics.of(camera.lens, camera.size, camera.id)
        points = [point for point in camera.floor_points if not point.left_out]
        if camera.floor_view is not None:
            eye = None if camera.pose is None else Eye(*camera.pose.eye)
            floor = Floor(camera.id, (), optics, matrix=_scaled(camera.floor_view, camera), eye=eye, size=camera.size)
            floor.refuse_changed(camera.id, camera.floor_view, points)
            return floor
        if camera.lens is None and len(points) >= POINTS_OF_A_LENS:
            pixels, metres = _arrays(points)
            try:
                view = fitted(pixels, metres, camera.size, camera.id)
            except CalibrationError:
                # The homography's own checks tell more exactly what is wrong, or find that it will do.
                return Floor(camera.id, points, optics)
            eye = Eye(*(float(value) for value in view.eye))
            return Floor(camera.id, (), view.optics, matrix=view.matrix(), eye=eye, size=camera.size)
        return Floor(camera.id, points, optics, size=camera.size)

    def refuse_changed(self, camera: str, view: FloorView, points: Sequence[MarkedPoint]) -> None:
        """Raise CalibrationError where floor points were changed after the view was made from them."""
        if view.points_off_cm is None or not points:
            return
        pixels, metres = _arrays(points)
        off_cm = 100.0 * np.hypot(*(mapped(self._matrix, self._straight(pixels)) - metres).T)
        worst = int(off_cm.argmax())
        if not off_cm[worst] <= view.points_off_cm + CHANGED_CM:
            raise CalibrationError(
                f"camera {camera!r}: floor point {worst + 1} is {off_cm[worst]:.0f} cm from where its floor_view has "
                "it: it was changed after it was calibrated. Run `tillfree calibrate` for this camera again"
            )

    def at(self, u: float, v: float) -> tuple[float, float] | None:
        """Where on the floor, in metres, the pixel (u, v) looks; None where it looks above the horizon."""
        return self._at(np.array([[u, v]]))[0]

    def under(self, box: npt.NDArray[np.float32]) -> tuple[float, float, float] | None:
        """Where a person with `box` (left, top, right, bottom; pixels) stands, in metres; None: not on the floor.

        x, y, and the standard deviation each way: `FEET` of the box's height, brought to the floor. Where the camera is
        known to hang, a shoe's way behind what the box ends at, or by the head where the box ends too high for feet.
        """
        left, top, right, bottom = (float(value) for value in box)
        off = FEET * max(bottom - top, 1.0)
        middle = (left + right) / 2.0
        place, beside, below, ground = self._at(
            np.array([[middle, bottom], [middle + off, bottom], [middle, bottom + off], [middle, top]])
        )
        if place is None or beside is None or below is None:
            return None
        sigma_m = math.sqrt((math.dist(place, beside) ** 2 + math.dist(place, below) ** 2) / 2.0)
        feet = *self._behind_shoe(place), sigma_m
        if self._eye is None or ground is None or top <= EDGE_PX:
            return feet
        cut_off = self._size is not None and bottom >= self._size[1] - EDGE_PX
        return stands(self._eye, None if cut_off else feet, ground)

    def _behind_shoe(self, place: tuple[float, float]) -> tuple[float, float]:
        if self._eye is None:
            return place
        away_m = self._eye.away_m(place)
        # Right under a camera no shoe is nearer than the other.
        share = SHOE_M * min(away_m, 1.0) / max(away_m, 1e-6)
        return place[0] + share * (place[0] - self._eye.x_m), place[1] + share * (place[1] - self._eye.y_m)

    def _at(self, pixels: Doubles) -> list[tuple[float, float] | None]:
        homogeneous = np.column_stack([self._straight(pixels), np.ones(len(pixels))]) @ self._matrix.T
        return [(float(x / w), float(y / w)) if w > 0.0 else None for x, y, w in homogeneous.tolist()]

    def _straight(self, pixels: Doubles) -> Doubles:
        return pixels if self._optics is None else self._optics.straighten(pixels)


def _from_points(camera: str, points: Sequence[MarkedPoint], optics: Optics | None) -> Doubles:
    pixels, metres = _arrays(points)
    straight = pixels if optics is None else optics.straighten(pixels)
    matrix = homography(straight, metres, f"camera {camera!r}: its floor points")
    errors = np.hypot(*(mapped(matrix, straight) - metres).T)
    if errors.max() > ERROR_MAX * np.hypot(*(metres - metres.mean(axis=0)).T).mean():
        worst = int(errors.argmax())
        raise CalibrationError(
            f"camera {camera!r}: its floor points contradict each other; by the others, point {worst + 1} of "
            f"{len(pixels)} is off by {errors[worst]:.2f} m. Measure it again"
        )
    return matrix


def _scaled(view: FloorView, camera: Camera) -> Doubles:
    """The view's matrix for pictures of the camera's size: the same picture with other pixels is no other view."""
    scale = same_shape(view.size, camera.size, camera.id, "view of the floor")
    return np.asarray(np.array(view.matrix) @ np.diag([1.0 / scale, 1.0 / scale, 1.0]), np.float64)


def _arrays(points: Sequence[MarkedPoint]) -> tuple[Doubles, Doubles]:
    pixels = np.array([point.pixel for point in points], np.float64).reshape(-1, 2)
    return pixels, np.array([point.floor for point in points], np.float64).reshape(-1, 2)
