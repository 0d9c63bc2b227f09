"""Whether two pictures show the same surfaces under a light that may differ.

For a known colour b and a seen colour i, alpha = i·b / b·b is the change of brightness and |i − alpha b| the change
of colour (Horprasert, Harwood and Davis, ICCV Frame-Rate Workshop 1999). A shadow darkens and keeps its colour, so it
passes for the same surface; what has the same colour but is another thing shows in its edges.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

COLOUR_MIN = 9.0
"""Levels (of 255) of colour change beneath which a pixel may be the same surface."""
LEVELS_MIN = 14.0
"""Levels that a pixel must differ by at all: in dark places the ratio alpha means nothing."""
ALPHA_SHADOW = 0.5
ALPHA_LIGHT = 1.45
GREY_SHADOW = 0.78
GREY_LIGHT = 1.25
COLOURLESS_MAX = 3.0
"""Mean spread of the channels, in levels, of a camera without colour (infrared at night).

There only brightness is left, so less of it passes for a shadow."""
EDGE_MIN = 26.0
"""Levels a pixel that edges must differ by: the blurred edges of shadows stay beneath it."""
LEVELS_NOISE, COLOUR_NOISE, EDGE_NOISE = 4.0, 3.0, 4.0
"""Times the noise, where that is more."""


class Surfaces:
    """A known picture, float32 (h, w, 3) in levels, prepared to be compared with others of its size."""

    def __init__(self, picture: Floats) -> None:
        self.picture = picture
        self._edges = edges(picture)
        # Every fourth pixel says it as well, and a shelf camera asks at every look.
        sample = picture[::4, ::4]
        colourless = float((channels_max(sample) + channels_max(-sample)).mean()) < COLOURLESS_MAX
        self._shadow, self._light = (GREY_SHADOW, GREY_LIGHT) if colourless else (ALPHA_SHADOW, ALPHA_LIGHT)
        self._squared = _channels_sum(picture * picture) + np.float32(1)

    def differs(self, seen: Floats, noise: float = 0.0) -> Mask:
        """Where `seen` (h, w, 3) shows another surface, as (h, w). `noise` is the sensor's, in levels a pixel."""
        dot = _channels_sum(seen * self.picture)
        alpha = dot / self._squared
        colour_sq = _channels_sum(seen * seen) - alpha * dot
        other_level = channels_max(cv2.absdiff(seen, self.picture)) > max(LEVELS_MIN, LEVELS_NOISE * noise)
        other_light = (alpha < self._shadow) | (alpha > self._light)
        other_edge = channels_max(cv2.absdiff(edges(seen), self._edges)) > EDGE_MIN + EDGE_NOISE * noise
        return np.asarray(
            other_level & ((colour_sq > max(COLOUR_MIN, COLOUR_NOISE * noise) ** 2) | other_light | other_edge),
            np.bool_,
        )


def edges(picture: Floats) -> Floats:
    """Brightness gradients, (h, w, 2), in levels a pixel."""
    grey = _channels_sum(picture) / np.float32(3 * 4)
    return np.asarray(cv2.merge([cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)]), np.float32)


def channels_max(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The largest channel at each pixel."""
    first, *others = cv2.split(picture)
    for other in others:
        first = cv2.max(first, other)
    return np.asarray(first)


def _channels_sum(picture: Floats) -> Floats:
    return np.asarray(cv2.transform(picture, np.ones((1, 3), np.float32)), np.float32)
