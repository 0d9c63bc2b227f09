"""Cameras that hang in no shop: where they are is known, so what is found of them can be held against it."""

import math

import numpy as np
import numpy.typing as npt

from edge.calibration.optics import Optics, Size
from edge.calibration.view import View

Doubles = npt.NDArray[np.float64]


def hung(
    eye: tuple[float, float, float] = (0.2, -0.5, 2.8),
    target: tuple[float, float, float] = (2.5, 3.5, 0.3),
    size: Size = (1280, 720),
    across_deg: float = 80.0,
    bend: float = -0.08,
) -> View:
    """A camera at `eye` that looks at `target`, its rows level, with a division lens."""
    focal_px = size[0] / 2.0 / math.tan(math.radians(across_deg) / 2.0)
    forward = np.subtract(target, eye) / math.dist(eye, target)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    optics = Optics(size, (size[0] / 2.0, size[1] / 2.0), focal_px, "division", (bend,))
    return View(optics, focal_px, np.array([right, np.cross(forward, right), forward]), np.array(eye))


def floor_seen(view: View, step_m: float = 0.5, far_m: float = 8.0) -> tuple[Doubles, Doubles]:
    """Places of the floor (n, 2) that it shows within `far_m`, and their pixels (n, 2)."""
    x, y = np.meshgrid(np.arange(-4.0, 9.0, step_m), np.arange(-4.0, 9.0, step_m))
    places = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    pixels, depth = view.pixels(places)
    inside = (depth > 0.2) & (pixels > 0.0).all(axis=1) & (pixels < np.array(view.size)).all(axis=1)
    kept = inside & (np.linalg.norm(places - view.eye, axis=1) < far_m)
    return places[kept, :2], pixels[kept]


def off_cm(found: View, true: View) -> Doubles:
    """By how much `found` misses the floor places that the true one shows; cm (n,)."""
    places, pixels = floor_seen(true, 0.25)
    return np.asarray(100.0 * np.hypot(*(found.floor(pixels) - places).T))
