"""A lens that bends straight lines: Brown and Conrady's radial terms, as OpenCV counts them."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import axes

Doubles = npt.NDArray[np.float64]
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

    def bend(self, image: Image, fov_deg: float) -> Image:
        """The picture of a pinhole with that view across, as this lens shows it. Beyond its edge, the edge goes on."""
        if not self.bends:
            return image
        across, down = _maps(self, (image.shape[1], image.shape[0]), fov_deg)
        return np.asarray(cv2.remap(image, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def bend_ids(self, ids: npt.NDArray[np.uint16], fov_deg: float) -> npt.NDArray[np.uint16]:
        """The same for an id image (height, width): numbers are moved, never mixed. Beyond the edge is nobody."""
        if not self.bends:
            return ids
        across, down = _maps(self, (ids.shape[1], ids.shape[0]), fov_deg)
        return np.asarray(cv2.remap(ids, across, down, cv2.INTER_NEAREST, borderValue=0), np.uint16)

    def project(self, viewpoint: Viewpoint, size: tuple[int, int], points: Doubles) -> tuple[Doubles, Doubles]:
        """Pixels (n, 2) and depths (n,) in metres of `points` (n, 3) of the store, in the bent picture of `size`.

        Agrees with layout.projection where the lens is straight.
        """
        seen = (points - np.array(viewpoint.eye)) @ axes(viewpoint).T
        flat = seen[:, :2] / np.maximum(seen[:, 2:], 1e-9)
        pixels = np.array(size) / 2.0 + _focal(size, viewpoint.fov_deg) * self.distort(flat)
        return np.asarray(pixels), np.asarray(seen[:, 2])

    def distort(self, flat: Doubles) -> Doubles:
        """From a pinhole's image plane at depth 1 to the lens's, (n, 2)."""
        square = (flat**2).sum(axis=-1, keepdims=True)
        return np.asarray(flat * (1.0 + self.k1 * square + self.k2 * square**2))

    def undistort(self, bent: Doubles) -> Doubles:
        """The other way: by a fixed point, which a lens that any camera has reaches in these rounds."""
        flat = bent.copy()
        for _ in range(40):
            square = (flat**2).sum(axis=-1, keepdims=True)
            flat = bent / np.maximum(1.0 + self.k1 * square + self.k2 * square**2, 0.2)
        return np.asarray(flat)


def _focal(size: tuple[int, int], fov_deg: float) -> float:
    return float(size[0] / 2.0 / np.tan(np.radians(fov_deg) / 2.0))


@lru_cache(maxsize=64)
def _maps(lens: Lens, size: tuple[int, int], fov_deg: float) -> Maps:
    """For every pixel of the bent picture, where it is in the straight one."""
    focal = _focal(size, fov_deg)
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    bent = (np.stack([x, y], axis=-1).reshape(-1, 2) - np.array(size) / 2.0) / focal
    flat = lens.undistort(bent) * focal + np.array(size) / 2.0 - 0.5
    across, down = flat.reshape(size[1], size[0], 2).astype(np.float32).transpose(2, 0, 1)
    return np.ascontiguousarray(across), np.ascontiguousarray(down)
