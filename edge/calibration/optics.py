"""A lens that bends straight lines, both ways: from the picture that comes to the one a pinhole would give.

`brown` is Brown and Conrady's model as OpenCV counts it (k1, k2, p1, p2, k3, about the focal length). `division` is
Fitzgibbon's (Simultaneous linear estimation of multiple view geometry and lens distortion, CVPR 2001): a pixel at
radius r lies at r / (1 + λ r²) in the pinhole's picture, r in half diagonals of the picture. It has one number, needs
no focal length, and holds for wide lenses that bend strongly.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from protocol.store import Lens

Doubles = npt.NDArray[np.float64]
Size = tuple[int, int]
"""Width and height of a picture in pixels."""

ROUNDS = 60
"""Of the fixed point that undoes Brown's terms: lenses that a shop has are there to 1e-9 px in a third of these."""
ASPECT_OFF_MAX = 0.01


@dataclass(frozen=True, slots=True)
class Optics:
    """How the lens of pictures of `size` bends about `centre` (pixels). `focal_px` is None where nobody knows it."""

    size: Size
    centre: tuple[float, float]
    focal_px: float | None
    model: str
    coefficients: tuple[float, ...]

    @staticmethod
    def straight(size: Size, focal_px: float | None = None) -> "Optics":
        """A pinhole."""
        return Optics(size, (size[0] / 2.0, size[1] / 2.0), focal_px, "division", (0.0,))

    @staticmethod
    def of(lens: Lens | None, size: Size, camera: str) -> "Optics":
        """The lens of the store file for pictures of `size`; scaled where only the number of pixels differs.

        Raises CalibrationError where the picture has another shape than the one it was calibrated with: what was cut
        off cannot be known.
        """
        if lens is None:
            return Optics.straight(size)
        scale = same_shape(lens.size, size, camera, "lens")
        centre = lens.centre[0] * scale, lens.centre[1] * scale
        focal_px = None if lens.focal is None else lens.focal * scale
        return Optics(size, centre, focal_px, lens.model, tuple(lens.coefficients))

    @property
    def bends(self) -> bool:
        """Whether it does anything."""
        return any(value != 0.0 for value in self.coefficients)

    def straighten(self, pixels: Doubles) -> Doubles:
        """Where pixels (n, 2) of the picture lie in a pinhole's one, (n, 2)."""
        if not self.bends:
            return np.asarray(pixels, np.float64)
        off = pixels - np.array(self.centre)
        if self.model == "division":
            square = (off**2).sum(axis=1, keepdims=True) / self._unit**2
            return np.asarray(np.array(self.centre) + off / np.maximum(1.0 + self.coefficients[0] * square, 0.05))
        bent = off / self._unit
        flat = bent.copy()
        for _ in range(ROUNDS):
            stretch, shift = _brown(flat, self.coefficients)
            flat = (bent - shift) / np.maximum(stretch, 0.2)
        return np.asarray(np.array(self.centre) + flat * self._unit)

    def bend(self, pixels: Doubles) -> Doubles:
        """Where points (n, 2) of a pinhole's picture lie in the one that comes, (n, 2)."""
        if not self.bends:
            return np.asarray(pixels, np.float64)
        flat = (pixels - np.array(self.centre)) / self._unit
        if self.model == "division":
            return np.asarray(np.array(self.centre) + self._unit * divided(flat, self.coefficients[0]))
        stretch, shift = _brown(flat, self.coefficients)
        return np.asarray(np.array(self.centre) + self._unit * (flat * stretch + shift))

    @property
    def _unit(self) -> float:
        if self.model == "division":
            return math.hypot(*self.size) / 2.0
        assert self.focal_px is not None, "Brown's terms are told with a focal length"
        return self.focal_px


def divided(flat: Doubles, amount: float) -> Doubles:
    """The division model forwards: points (n, 2) of a pinhole's picture, in half diagonals, as the lens bends them.

    Where a pincushion cannot reach, points stay at the radius that it reaches.
    """
    square = (flat**2).sum(axis=1, keepdims=True)
    root = np.sqrt(np.maximum(1.0 - 4.0 * amount * square, 0.0))
    return np.asarray(flat * 2.0 / (1.0 + root))


def same_shape(was: Size, now: Size, camera: str, what: str) -> float:
    """By how much pictures of `now` are larger than those of `was`; CalibrationError where their shapes differ."""
    across, down = now[0] / was[0], now[1] / was[1]
    if abs(across / down - 1.0) > ASPECT_OFF_MAX:
        raise CalibrationError(
            f"camera {camera!r}: its {what} was calibrated with pictures of {was[0]}×{was[1]} pixels, and they are "
            f"{now[0]}×{now[1]} now: another shape, so it is not known what was cut off. Calibrate it anew, or set the "
            "camera back"
        )
    return across


def _brown(flat: Doubles, coefficients: tuple[float, ...]) -> tuple[Doubles, Doubles]:
    """By how much radii grow (n, 1), and what the tilt of the lens adds (n, 2)."""
    k1, k2, p1, p2, k3 = (*coefficients, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
    x, y = flat[:, :1], flat[:, 1:]
    square = x**2 + y**2
    stretch = 1.0 + square * (k1 + square * (k2 + square * k3))
    shift = np.hstack([2.0 * p1 * x * y + p2 * (square + 2.0 * x**2), p1 * (square + 2.0 * y**2) + 2.0 * p2 * x * y])
    return np.asarray(stretch), np.asarray(shift)
