"""A plane seen by a pinhole: the homography between two sets of points, and how to use one.

Direct linear transform with normalised coordinates (Hartley and Zisserman, Multiple View Geometry, 2nd ed., sections
4.1 and 4.4).
"""

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError

Doubles = npt.NDArray[np.float64]

FLAT_MIN = 1e-6


def homography(here: Doubles, there: Doubles, whose: str) -> Doubles:
    """The matrix (3, 3) that takes points `here` (n, 2) to `there` (n, 2), n ≥ 4.

    Its sign is such that w > 0 for the points given. `whose` begins the message of the CalibrationError that is raised
    where points lie on a line or would lie partly behind the camera.
    """
    from_here, from_there = _normaliser(here, whose), _normaliser(there, whose)
    rows = []
    for (u, v), (x, y) in zip(mapped(from_here, here), mapped(from_there, there), strict=True):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v, -x], [0, 0, 0, u, v, 1, -y * u, -y * v, -y]]
    _, strengths, directions = np.linalg.svd(np.array(rows))
    normal = directions[8].reshape(3, 3)
    # The answer is the direction that the equations leave free: one such direction, not two.
    if strengths[7] < FLAT_MIN * strengths[0] or abs(np.linalg.det(normal)) < FLAT_MIN:
        raise CalibrationError(f"{whose} lie on a line; mark four corners of an area")
    matrix = np.linalg.inv(from_there) @ normal @ from_here
    before = np.column_stack([here, np.ones(len(here))]) @ matrix[2]
    # What a camera sees lies before it. Points whose order is mixed up would lie partly behind it.
    if before.min() < 0.0 < before.max():
        raise CalibrationError(f"{whose} contradict each other; are two exchanged?")
    return np.asarray(matrix * np.sign(before[0]), np.float64)


def mapped(matrix: Doubles, points: Doubles) -> Doubles:
    """Points (n, 2) through a homography."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:], np.float64)


def _normaliser(points: Doubles, whose: str) -> Doubles:
    """The similarity that brings `points` to mean 0 and mean distance √2."""
    middle = points.mean(axis=0)
    spread = float(np.hypot(*(points - middle).T).mean())
    if spread < 1e-9:
        raise CalibrationError(f"{whose} are all the same point")
    scale = 2**0.5 / spread
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])
