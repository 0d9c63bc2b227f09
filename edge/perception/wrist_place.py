"""Where in the store a wrist is that a camera sees: its pixel's ray, met with the upright plane that it is likely in.

One camera tells a direction and no distance. A hand that reaches into a shelf is in the plane of the shelf's front; any
other is near its owner, and the plane through where they stand that faces the camera is taken. A ray that passes the
front beside or above the shelf is no hand in it. All lengths in metres, z up from the floor.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.optics import Optics
from edge.calibration.points import fitted
from protocol.store import Camera, Gondola

Doubles = npt.NDArray[np.float64]
Point = tuple[float, float, float]

POINTS_MIN = 8
"""As many marked points of the floor tell where a camera hangs, as well as what its pixels are on the floor."""
NEAR_M = 1.2
"""Of whoever stands farther from every shelf nobody need know the wrists."""
REACH_M = 1.0
"""A wrist is at most as far from where its owner stands."""
HIGH_M, LOW_M = 2.3, 0.0
"""No wrist is above or beneath."""
BESIDE_M = 0.1
SLANT_MIN = 0.1
"""A ray nearer to lying in a plane meets it anywhere: sine of the angle between them."""


@dataclass(frozen=True, slots=True, eq=False)
class Rays:
    """The directions that a camera's pixels look in. `eye` (3,) and the rows of `axes` (3, 3: right, down, forward)."""

    optics: Optics
    focal_px: float
    eye: Doubles
    axes: Doubles

    @staticmethod
    def of(camera: Camera) -> "Rays | None":
        """What the store file tells of it: its pose and focal length, or enough marked points of the floor.

        None where it tells neither, or where the points contradict each other.
        """
        if camera.pose is not None and camera.lens is not None and camera.lens.focal is not None:
            optics = Optics.of(camera.lens, camera.size, camera.id)
            assert optics.focal_px is not None, "a lens with a focal length was given"
            forward, right = np.array(camera.pose.forward), np.array(camera.pose.right)
            axes = np.stack([right, np.cross(forward, right), forward])
            return Rays(optics, optics.focal_px, np.array(camera.pose.eye), axes)
        points = [point for point in camera.floor_points if not point.left_out]
        if camera.pose is not None or camera.lens is not None or len(points) < POINTS_MIN:
            return None
        pixels, metres = (np.array([getattr(point, of) for point in points], np.float64) for of in ("pixel", "floor"))
        try:
            view = fitted(pixels, metres, camera.size, camera.id)
        except CalibrationError:
            return None
        return Rays(view.optics, view.focal_px, view.eye, view.axes)

    def towards(self, u: float, v: float) -> Doubles:
        """The unit vector (3,) along which the pixel (u, v) looks."""
        flat = (self.optics.straighten(np.array([[u, v]]))[0] - np.array(self.optics.centre)) / self.focal_px
        ray = np.array([flat[0], flat[1], 1.0]) @ self.axes
        return np.asarray(ray / np.linalg.norm(ray))

    def pixels(self, points: Doubles) -> tuple[Doubles, Doubles]:
        """Where points of the store (n, 3; metres) are in the picture: pixels (n, 2), metres before it (n,).

        What is not before the camera has no pixel: its depth is 0 or less, and its pixels mean nothing.
        """
        seen = (points - self.eye) @ self.axes.T
        depth = np.asarray(seen[:, 2])
        flat = seen[:, :2] / np.maximum(depth, 1e-6)[:, None] * self.focal_px + np.array(self.optics.centre)
        return self.optics.bend(flat), depth


def wrist_place(
    rays: Rays, u: float, v: float, feet: tuple[float, float], shelves: tuple[Gondola, ...]
) -> Point | None:
    """Where the wrist at the pixel (u, v) is, of somebody who stands at `feet`; None where no place makes sense."""
    ray = rays.towards(u, v)
    near = sorted((away_m(gondola, feet), gondola.id, gondola) for gondola in shelves)
    for apart_m, _, gondola in near:
        if apart_m > NEAR_M:
            break
        place = _met(rays.eye, ray, *_front(gondola))
        if place is not None and _along(gondola, place) and _within_reach(place, feet):
            return place
    facing = np.array([rays.eye[0] - feet[0], rays.eye[1] - feet[1], 0.0])
    length = float(np.linalg.norm(facing))
    if length < 1e-6:
        return None
    place = _met(rays.eye, ray, np.array([*feet, 0.0]), facing / length)
    return place if place is not None and _within_reach(place, feet) else None


def away_m(gondola: Gondola, feet: tuple[float, float]) -> float:
    """How far somebody at `feet` stands from the gondola's sides; 0 within."""
    along, out = _own(gondola, feet[0], feet[1])
    return math.hypot(max(-along, along - gondola.width, 0.0), max(-out, out - gondola.depth, 0.0))


def _own(gondola: Gondola, x_m: float, y_m: float) -> tuple[float, float]:
    """How far along a gondola's shelves, and out from its back, a point of the floor is."""
    turn = math.radians(gondola.yaw_deg)
    right, up = x_m - gondola.origin[0], y_m - gondola.origin[1]
    return right * math.cos(turn) + up * math.sin(turn), right * math.sin(turn) - up * math.cos(turn)


def _front(gondola: Gondola) -> tuple[Doubles, Doubles]:
    """A point of the plane of a gondola's front, and its normal, outwards."""
    turn = math.radians(gondola.yaw_deg)
    normal = np.array([math.sin(turn), -math.cos(turn), 0.0])
    return np.array([*gondola.origin, 0.0]) + gondola.depth * normal, normal


def _met(eye: Doubles, ray: Doubles, point: Doubles, normal: Doubles) -> Point | None:
    slant = float(ray @ normal)
    if abs(slant) < SLANT_MIN:
        return None
    distance_m = float((point - eye) @ normal) / slant
    if distance_m <= 0.0:
        return None
    x, y, z = (eye + distance_m * ray).tolist()
    return (x, y, z) if LOW_M <= z <= HIGH_M else None


def _along(gondola: Gondola, place: Point) -> bool:
    return -BESIDE_M <= _own(gondola, place[0], place[1])[0] <= gondola.width + BESIDE_M


def _within_reach(place: Point, feet: tuple[float, float]) -> bool:
    return math.hypot(place[0] - feet[0], place[1] - feet[1]) <= REACH_M
