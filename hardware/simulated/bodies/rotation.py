"""Turning things: 3 × 3 rotation matrices (float64) that act on column vectors."""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def about(axis: Array, angle: float) -> Array:
    """The rotation by `angle` radians about `axis` (3, not 0), counter-clockwise seen against it (Rodrigues)."""
    x, y, z = axis / math.sqrt(axis @ axis)
    c, s = math.cos(angle), math.sin(angle)
    t = 1 - c
    return np.array(
        [
            [t * x * x + c, t * x * y - s * z, t * x * z + s * y],
            [t * x * y + s * z, t * y * y + c, t * y * z - s * x],
            [t * x * z - s * y, t * y * z + s * x, t * z * z + c],
        ]
    )


def cross(a: Array, b: Array) -> Array:
    """The cross product of two vectors (3): numpy's own takes ten times as long for so few numbers."""
    ax, ay, az = a.tolist()
    bx, by, bz = b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def pitch(angle: float) -> Array:
    """Forward and down: about the y axis, which points to the left."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def yaw(angle: float) -> Array:
    """To the left: about the z axis, which points up."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def swing(origin: Array, target: Array) -> Array:
    """The smallest rotation that brings the direction of `origin` (3) to that of `target` (3), neither of length 0."""
    a, b = origin / math.sqrt(origin @ origin), target / math.sqrt(target @ target)
    axis = cross(a, b)
    sine, cosine = math.sqrt(axis @ axis), float(a @ b)
    if sine > 1e-9:
        return about(axis, math.atan2(sine, cosine))
    if cosine > 0:
        return np.eye(3)
    return about(cross(a, np.eye(3)[np.argmin(np.abs(a))]), math.pi)
