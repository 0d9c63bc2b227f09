"""Where a point of the store falls in a simulated camera's picture."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.layout import Viewpoint

Doubles = npt.NDArray[np.float64]
NEAR_M = 0.05


@lru_cache(maxsize=256)
def axes(viewpoint: Viewpoint) -> Doubles:
    """The camera's axes as rows, (3, 3): right, down and forward in the store's frame."""
    forward = np.subtract(viewpoint.target, viewpoint.eye)
    forward = forward / np.linalg.norm(forward)
    up = np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(forward, up)
    right = right / np.linalg.norm(right)
    found = np.array([right, np.cross(forward, right), forward])
    found.setflags(write=False)
    return found


def project(viewpoint: Viewpoint, size: tuple[int, int], points: Doubles) -> tuple[Doubles, Doubles]:
    """Pixels (n, 2) and depths (n,) in metres of `points` (n, 3); a depth beneath `NEAR_M` is not in the picture."""
    seen = (points - np.array(viewpoint.eye)) @ axes(viewpoint).T
    focal = size[0] / 2.0 / np.tan(np.radians(viewpoint.fov_deg) / 2.0)
    depth = np.maximum(seen[:, 2], 1e-9)
    pixels = np.array([size[0] / 2.0, size[1] / 2.0]) + focal * seen[:, :2] / depth[:, None]
    return np.asarray(pixels, np.float64), np.asarray(seen[:, 2], np.float64)


def in_picture(viewpoint: Viewpoint, size: tuple[int, int], points: Doubles) -> npt.NDArray[np.bool_]:
    """Which of `points` (n, 3) lie in the picture (n,)."""
    pixels, depth = project(viewpoint, size, points)
    inside = (pixels >= 0.0) & (pixels <= np.array(size))
    return np.asarray((depth > NEAR_M) & inside.all(axis=1), np.bool_)
