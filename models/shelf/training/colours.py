"""The same picture by another light and through another sensor."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[Any]
CANVAS_MAX = 416
"""No canvas is larger, pixels each way."""
NOISE_ROOM = 96
"""The noise is drawn once, larger than a canvas by this, and laid over pictures at random places: it is costly."""


class Colours:
    """Changes pictures by chance, by `rng`."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._noise = rng.standard_normal((CANVAS_MAX + NOISE_ROOM, CANVAS_MAX + NOISE_ROOM, 3), np.float32)

    def of(self, image: Image) -> Image:
        """The picture by another light and through another sensor."""
        rng = self._rng
        pale = float(rng.uniform(0.0, 0.3) if rng.random() < 0.06 else rng.uniform(0.5, 1.5))
        mixed = pale * _turned(float(rng.normal(0.0, 0.1))) + (1.0 - pale) / 3.0
        gains = np.exp(rng.normal(0.0, 0.08, 3)) * np.exp(rng.normal(0.0, 0.25))
        image = cv2.transform(image, gains[:, None] * mixed)
        levels = (np.arange(256) / 255.0) ** float(np.exp(rng.normal(0.0, 0.25)))
        levels = (levels - 0.45) * float(rng.uniform(0.65, 1.3)) + 0.45 + float(rng.normal(0.0, 0.04))
        image = cv2.LUT(image, np.clip(levels * 255.0, 0, 255).astype(np.uint8))
        if rng.random() < 0.2:
            image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.4, 1.6)))
        if rng.random() < 0.3:
            top, left = (int(value) for value in rng.integers(0, NOISE_ROOM, 2))
            noise = self._noise[top : top + image.shape[0], left : left + image.shape[1]]
            image = cv2.scaleAdd(noise, float(rng.uniform(1.0, 9.0)), image.astype(np.float32))
            image = np.clip(image, 0, 255).astype(np.uint8)
        if rng.random() < 0.15:
            _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 80))])
            image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(image, np.uint8)


def _turned(angle: float) -> npt.NDArray[np.float64]:
    """Colours turned about grey: the rotation by `angle` about (1, 1, 1)."""
    third, side = (1.0 - np.cos(angle)) / 3.0, np.sin(angle) / np.sqrt(3.0)
    cross = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    return np.asarray(np.cos(angle) * np.eye(3) + third + side * cross)
