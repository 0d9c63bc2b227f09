"""What happens to a picture between the lens and the network: blur, vignette, noise, compression."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image

NOISE_SIDE = 256
"""Side of the square of noise that is drawn once a picture and laid over it at a random place: noise is costly."""


@dataclass(frozen=True, slots=True)
class Blur:
    """A lens out of focus: Gaussian, its deviation in pixels."""

    sigma_px: float = 0.5

    def soften(self, image: Image) -> Image:
        """The picture, blurred."""
        return image if self.sigma_px <= 0.0 else np.asarray(cv2.GaussianBlur(image, (0, 0), self.sigma_px), np.uint8)


@dataclass(frozen=True, slots=True)
class Vignette:
    """A picture darker towards its corners: by `fall` in the corners themselves."""

    fall: float = 0.15

    def darken(self, image: Image) -> Image:
        """The picture, its corners darkened."""
        if self.fall <= 0.0:
            return image
        factors = _vignette(self.fall, (image.shape[1], image.shape[0]))
        return np.asarray(cv2.multiply(image, factors, dtype=cv2.CV_8U), np.uint8)


@lru_cache(maxsize=32)
def _vignette(fall: float, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    across, down = np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1])
    square = (across[None, :] ** 2 + down[:, None] ** 2) / 2.0
    return np.ascontiguousarray(np.repeat((1.0 - fall * square)[:, :, None], 3, axis=2), np.float32)


@dataclass(frozen=True, slots=True)
class Noise:
    """A sensor's noise: `sigma` in grey values of 255, the same for all; real ones have more in the dark."""

    sigma: float = 3.0

    def add(self, image: Image, rng: np.random.Generator) -> Image:
        """The picture with noise from `rng`."""
        if self.sigma <= 0.0:
            return image
        height, width = image.shape[:2]
        tile = rng.standard_normal((NOISE_SIDE, NOISE_SIDE, 3), np.float32)
        shift_y, shift_x = (int(value) for value in rng.integers(0, NOISE_SIDE, 2))
        tile = np.roll(tile, (shift_y, shift_x), axis=(0, 1)) * np.float32(self.sigma)
        repeats = (-(-height // NOISE_SIDE), -(-width // NOISE_SIDE), 1)
        return np.asarray(cv2.add(image, np.tile(tile, repeats)[:height, :width], dtype=cv2.CV_8U), np.uint8)


@dataclass(frozen=True, slots=True)
class Jpeg:
    """Compression: quality 1 to 100, or 0 for none."""

    quality: int = 85

    def compress(self, image: Image) -> Image:
        """The picture after a trip through JPEG."""
        if self.quality == 0:
            return image
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
