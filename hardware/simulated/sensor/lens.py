"""A lens that bends straight lines: Brown and Conrady's radial terms, as OpenCV counts them."""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import axes

Doubles = npt.NDArray[np.float64]
Size = tuple[int, int]
"""Width and height of a picture in pixels."""
Maps = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Lens:
    """Radial distortion: x′ = x (1 + k1 r² + k2 r⁴) with x at depth 1. Negative k1 is a barrel, as of most cameras."""

    k1: float = 0.0
    k2: float = 0.0

    @property
    def bends(self) -> bool:
        """Whether it does anything."""
        return self.k1 != 0.0 or self.k2 != 0.0

    def canvas(self, size: Size, fov_deg: float) -> tuple[Size, float]:
        """The size of the pinhole's picture that a bent one of `size` is made from, and its view across in degrees.

        A barrel shows more than a pinhole does: what is drawn for it is wider all round, with as many pixels a metre.
        """
        if not self.bends:
            return size, fov_deg
        focal, half = _focal(size, fov_deg), np.array(size) / 2.0
        share = np.linspace(-1.0, 1.0, 65)
        edge = np.concatenate([[(s, one), (one, s)] for s in share for one in (-1.0, 1.0)]) * half / focal
        beyond = np.abs(self.undistort(edge)).max(axis=0) * focal - half
        margin_x, margin_y = (min(max(0, math.ceil(more) + 1), side) for more, side in zip(beyond, size, strict=True))
        wide = size[0] + 2 * margin_x, size[1] + 2 * margin_y
        return wide, math.degrees(2.0 * math.atan(wide[0] / 2.0 / focal))

    def bend(self, image: Image, fov_deg: float, size: Size | None = None) -> Image:
        """The picture as this lens shows it, of `size` and with that view across but for the bend.

        `image` is a pinhole's, of the size that `canvas` says; of `size` itself (or without one) it does as well, but
        beyond its edge the edge goes on.
        """
        if not self.bends:
            return image
        drawn = image.shape[1], image.shape[0]
        across, down = _maps(self, size or drawn, drawn, fov_deg)
        return np.asarray(cv2.remap(image, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def bend_ids(self, ids: npt.NDArray[np.uint16], fov_deg: float, size: Size | None = None) -> npt.NDArray[np.uint16]:
        """The same for an id image (height, width): numbers are moved, never mixed. Beyond the edge is nobody."""
        if not self.bends:
            return ids
        drawn = ids.shape[1], ids.shape[0]
        across, down = _maps(self, size or drawn, drawn, fov_deg)
        return np.asarray(cv2.remap(ids, across, down, cv2.INTER_NEAREST, borderValue=0), np.uint16)

    def project(self, viewpoint: Viewpoint, size: Size, points: Doubles) -> tuple[Doubles, Doubles]:
        """Pixels (n, 2) and depths (n,) in metres of `points` (n, 3) of the store, in the bent picture of `size`.

        Agrees with layout.projection where the lens is straight.
        """
        seen = (points - np.array(viewpoint.eye)) @ axes(viewpoint).T
        flat = seen[:, :2] / np.maximum(seen[:, 2:], 1e-9)
        pixels = np.array(size) / 2.0 + _focal(size, viewpoint.fov_deg) * self.distort(flat)
        return np.asarray(pixels), np.asarray(seen[:, 2])

    def distort(self, flat: Doubles) -> Doubles:
        """From a pinhole's image plane at depth 1 to the lens's, (n, 2).

        Beyond where the two terms would fold the plane back on itself (no lens does), points stay at that radius.
        """
        if not self.bends:
            return flat
        square = (flat**2).sum(axis=-1, keepdims=True)
        inside = np.minimum(square, _fold(self.k1, self.k2))
        bent = flat * np.sqrt(inside / np.maximum(square, 1e-12)) * (1.0 + self.k1 * inside + self.k2 * inside**2)
        return np.asarray(np.where(square > 0.0, bent, flat))

    def undistort(self, bent: Doubles) -> Doubles:
        """The other way: by a fixed point, which a lens that any camera has reaches in these rounds."""
        flat = bent.copy()
        for _ in range(40):
            square = (flat**2).sum(axis=-1, keepdims=True)
            flat = bent / np.maximum(1.0 + self.k1 * square + self.k2 * square**2, 0.2)
        return np.asarray(flat)


@lru_cache(maxsize=256)
def _fold(k1: float, k2: float) -> float:
    """The squared radius at which the radius in the picture stops growing: the least root of its derivative."""
    roots = np.roots([5.0 * k2, 3.0 * k1, 1.0])
    real = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0.0]
    return min(real, default=math.inf)


def _focal(size: Size, fov_deg: float) -> float:
    return float(size[0] / 2.0 / np.tan(np.radians(fov_deg) / 2.0))


@lru_cache(maxsize=64)
def _maps(lens: Lens, size: Size, drawn: Size, fov_deg: float) -> Maps:
    """For every pixel of the bent picture of `size`, where it is in the straight one of size `drawn`."""
    focal = _focal(size, fov_deg)
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    bent = (np.stack([x, y], axis=-1).reshape(-1, 2) - np.array(size) / 2.0) / focal
    flat = lens.undistort(bent) * focal + np.array(drawn) / 2.0 - 0.5
    across, down = flat.reshape(size[1], size[0], 2).astype(np.float32).transpose(2, 0, 1)
    return np.ascontiguousarray(across), np.ascontiguousarray(down)
