"""How a camera is set for the light: exposure and white balance."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image

GAMMA = 2.2
"""About what a picture's grey values are to the power of, to be light again."""


@dataclass(frozen=True, slots=True)
class Tone:
    """`ev` stops more light than is right; `warmth` stops more of red than of blue (negative: a blue cast)."""

    ev: float = 0.0
    warmth: float = 0.0

    def render(self, image: Image) -> Image:
        """The picture as so set: what is too bright clips at white."""
        if self.ev == 0.0 and self.warmth == 0.0:
            return image
        return np.asarray(cv2.LUT(image, _table(self)), np.uint8)


@lru_cache(maxsize=64)
def _table(tone: Tone) -> npt.NDArray[np.uint8]:
    """The new grey value of each old one, (1, 256, 3): blue, green, red."""
    light = (np.arange(256) / 255.0) ** GAMMA
    stops = np.array([tone.ev - tone.warmth / 2.0, tone.ev, tone.ev + tone.warmth / 2.0])
    values = np.minimum(light[:, None] * 2.0**stops, 1.0) ** (1.0 / GAMMA)
    return np.asarray(np.rint(values * 255.0), np.uint8)[None]
