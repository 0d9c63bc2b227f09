"""The meshes of products: closed surfaces with places for a printed label.

A product stands on z = 0 in the middle of its footprint and shows its front to −y; metres. Texture coordinates: u runs
once round the product, the front's middle at 0.25 and the back's at 0.75; v runs from 0 at the label's foot to 1 at its
top. A negative v names a plain surface instead: see `Plain`.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.form import Form

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Plain:
    """Values of v that stand for a surface without print."""

    METAL = -1.0
    BODY = -2.0
    CAP = -3.0


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """`vertices` (V, 8) float32: position, normal, u, v. `triangles` (T, 3), counter-clockwise from outside."""

    vertices: npt.NDArray[np.float32]
    triangles: npt.NDArray[np.int32]


def product_mesh(form: Form, fine: bool = True) -> Mesh:
    """The mesh of a product; a coarse one for where it fills few pixels."""
    width, depth, height = form.width_m, form.depth_m, form.height_m
    around = 16 if fine else 8
    if form.shape == "box":
        return box(width, depth, height)
    if form.shape == "carton":
        return carton(width, depth, height)
    if form.shape == "can":
        return can(width / 2, height, around)
    if form.shape == "bottle":
        return bottle(width / 2, height, around)
    return bag(width, depth, height, 6 if fine else 4)


class _Sewing:
    """Faces on their way to becoming a mesh."""

    def __init__(self) -> None:
        self._vertices: list[Array] = []
        self._triangles: list[tuple[int, int, int]] = []

    def face(self, corners: Array, uv: Array) -> None:
        """A flat convex face: corners (n, 3) counter-clockwise from outside, their texture coordinates (n, 2)."""
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal = normal / np.linalg.norm(normal)
        first = sum(len(part) for part in self._vertices)
        self._vertices.append(np.hstack([corners, np.tile(normal, (len(corners), 1)), uv]))
        self._triangles += [(first, first + k, first + k + 1) for k in range(1, len(corners) - 1)]

    def mesh(self) -> Mesh:
        return Mesh(np.concatenate(self._vertices).astype(np.float32), np.array(self._triangles, np.int32))


def _walls(sewing: _Sewing, width: float, depth: float, height: float) -> None:
    """Front, right, back and left; the narrow sides carry the print's edges."""
    x, y = width / 2, depth / 2
    round_trip = ((-x, -y), (x, -y), (x, y), (-x, y))
    spans = ((0.0, 0.5), (0.44, 0.56), (0.5, 1.0), (0.94, 1.06))
    for number, (u0, u1) in enumerate(spans):
        (ax, ay), (bx, by) = round_trip[number], round_trip[(number + 1) % 4]
        corners = np.array([(ax, ay, 0), (bx, by, 0), (bx, by, height), (ax, ay, height)], float)
        sewing.face(corners, np.array([(u0, 0), (u1, 0), (u1, 1), (u0, 1)]))


def box(width: float, depth: float, height: float) -> Mesh:
    """A box with flat faces."""
    sewing, x, y = _Sewing(), width / 2, depth / 2
    _walls(sewing, width, depth, height)
    lid = np.array([(0.05, 0.5), (0.45, 0.5), (0.45, 0.8), (0.05, 0.8)])
    sewing.face(np.array([(-x, -y, height), (x, -y, height), (x, y, height), (-x, y, height)]), lid)
    floor = np.full((4, 2), Plain.BODY)
    sewing.face(np.array([(-x, y, 0), (x, y, 0), (x, -y, 0), (-x, -y, 0)], float), floor)
    return sewing.mesh()


def carton(width: float, depth: float, height: float) -> Mesh:
    """A drink's carton: walls, a gabled top, a seam along the ridge."""
    sewing, x, y = _Sewing(), width / 2, depth / 2
    eaves, ridge = height * 0.8, height * 0.95
    _walls(sewing, width, depth, eaves)
    slope = np.array([(0.05, 0.85), (0.45, 0.85), (0.45, 1.0), (0.05, 1.0)])
    sewing.face(np.array([(-x, -y, eaves), (x, -y, eaves), (x, 0, ridge), (-x, 0, ridge)]), slope)
    sewing.face(np.array([(x, y, eaves), (-x, y, eaves), (-x, 0, ridge), (x, 0, ridge)]), slope)
    plain = np.full((4, 2), Plain.BODY)
    sewing.face(np.array([(x, -y, eaves), (x, y, eaves), (x, 0, ridge)]), plain[:3])
    sewing.face(np.array([(-x, y, eaves), (-x, -y, eaves), (-x, 0, ridge)]), plain[:3])
    for side in (-1.0, 1.0):
        a, b = (-x, x) if side < 0 else (x, -x)
        at = side * 0.002
        sewing.face(np.array([(a, at, ridge), (b, at, ridge), (b, at, height), (a, at, height)]), plain)
    sewing.face(np.array([(-x, y, 0), (x, y, 0), (x, -y, 0), (-x, -y, 0)], float), plain)
    return sewing.mesh()


def turned(profile: Array, around: int) -> Mesh:
    """A surface turned on a lathe: `profile` (n, 3) from foot to top: radius, height, v."""
    count = len(profile)
    angle = np.linspace(0.0, 2 * math.pi, around + 1) - math.pi
    radius, up = profile[:, 0], profile[:, 1]
    slope_r, slope_z = np.gradient(radius), np.gradient(up)
    length = np.maximum(np.hypot(slope_r, slope_z), 1e-9)
    across, along = slope_z / length, -slope_r / length
    cos, sin = np.cos(angle), np.sin(angle)
    vertices = np.stack(
        [
            np.outer(radius, cos),
            np.outer(radius, sin),
            np.repeat(up[:, None], around + 1, axis=1),
            np.outer(across, cos),
            np.outer(across, sin),
            np.repeat(along[:, None], around + 1, axis=1),
            # The front, at −90°, is to be u = 0.25.
            np.tile(np.linspace(0.0, 1.0, around + 1), (count, 1)),
            np.repeat(profile[:, 2:], around + 1, axis=1),
        ],
        axis=-1,
    )
    row, column = np.meshgrid(np.arange(count - 1), np.arange(around), indexing="ij")
    corner = (row * (around + 1) + column).ravel()
    above = corner + around + 1
    triangles = np.concatenate(
        [np.stack([corner, corner + 1, above + 1], axis=1), np.stack([corner, above + 1, above], axis=1)]
    )
    return Mesh(vertices.reshape(-1, 8).astype(np.float32), triangles.astype(np.int32))


def can(radius: float, height: float, around: int) -> Mesh:
    """A can: a printed wall between metal rims."""
    metal = Plain.METAL
    profile = [
        (0.0, 0.0, metal),
        (radius * 0.88, 0.0, metal),
        (radius, 0.008, metal),
        (radius, 0.0081, 0.0),
        (radius, height - 0.012, 1.0),
        (radius, height - 0.0119, metal),
        (radius * 0.86, height, metal),
        (radius * 0.8, height - 0.004, metal),
        (0.0, height - 0.004, metal),
    ]
    return turned(np.array(profile), around)


def bottle(radius: float, height: float, around: int) -> Mesh:
    """A bottle: a body with a label round it, shoulder, neck and cap."""
    body, cap = Plain.BODY, Plain.CAP
    profile = [
        (0.0, 0.0, body),
        (radius * 0.94, 0.0, body),
        (radius, 0.01, body),
        (radius, height * 0.16, body),
        (radius, height * 0.161, 0.0),
        (radius, height * 0.6, 1.0),
        (radius, height * 0.601, body),
        (radius * 0.92, height * 0.68, body),
        (radius * 0.62, height * 0.79, body),
        (radius * 0.37, height * 0.87, body),
        (radius * 0.35, height * 0.915, body),
        (radius * 0.42, height * 0.916, cap),
        (radius * 0.42, height, cap),
        (0.0, height, cap),
    ]
    return turned(np.array(profile), around)


def bag(width: float, depth: float, height: float, steps: int) -> Mesh:
    """A pillow, thin at its top and bottom seam."""
    sewn = []
    grid_x, grid_z = np.meshgrid(np.linspace(0, 1, steps + 1), np.linspace(0, 1, steps + 1))
    puff = np.sqrt(np.sin(math.pi * grid_x)) * np.sin(math.pi * np.clip(grid_z, 0.02, 0.98)) ** 0.6
    for side in (-1.0, 1.0):
        x = (grid_x - 0.5) * width * -side * (0.94 + 0.06 * np.abs(2 * grid_z - 1))
        position = np.stack([x, side * depth / 2 * puff, grid_z * height], axis=-1)
        normal = np.stack([(grid_x - 0.5) * -side * 1.3, np.full_like(x, side), (grid_z - 0.5) * 0.9], axis=-1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        u = 0.5 * grid_x + (0.5 if side > 0 else 0.0)
        sewn.append(np.concatenate([position, normal, u[..., None], grid_z[..., None]], axis=-1).reshape(-1, 8))
    row, column = np.meshgrid(np.arange(steps), np.arange(steps), indexing="ij")
    corner = (row * (steps + 1) + column).ravel()
    above = corner + steps + 1
    one = np.concatenate(
        [np.stack([corner, corner + 1, above + 1], axis=1), np.stack([corner, above + 1, above], axis=1)]
    )
    triangles = np.concatenate([one, one + (steps + 1) ** 2])
    return Mesh(np.concatenate(sewn).astype(np.float32), triangles.astype(np.int32))
