"""Whether two pictures show the same surfaces under a light that may differ.

For a known colour b and a seen colour i, alpha = i·b / b·b is the change of brightness and |i − alpha b| the change
of colour (Horprasert, Harwood and Davis, ICCV Frame-Rate Workshop 1999). A shadow darkens and keeps its colour, so it
passes for the same surface; what has the same colour but is another thing shows in its edges.
"""

from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Window = tuple[slice, slice]
"""Rows and columns of a picture."""
EVERYWHERE: Window = (slice(None), slice(None))

COLOUR_MIN = 9.0
"""Levels (of 255) of colour change beneath which a pixel may be the same surface."""
COLOUR_SATURATED = 30.0
"""The same where a channel is saturated: of a white board the others go on changing with the light."""
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
    """A known picture, float32 (h, w, 3) in levels, prepared to be compared with others of its size.

    What comparing needs of it is reckoned when it is asked for, for most pictures differ in nothing.
    """

    def __init__(self, picture: Floats) -> None:
        self.picture = picture

    @cached_property
    def levels(self) -> Image:
        """The picture in whole levels."""
        return np.asarray(cv2.convertScaleAbs(self.picture), np.uint8)

    @cached_property
    def grey(self) -> Image:
        """Its brightness."""
        return np.asarray(cv2.cvtColor(self.levels, cv2.COLOR_BGR2GRAY), np.uint8)

    @cached_property
    def _gradients(self) -> tuple[Floats, Floats]:
        return _gradients(self.picture)

    @cached_property
    def _squared(self) -> Floats:
        return _channels_sum(self.picture * self.picture) + np.float32(1)

    @cached_property
    def _alphas(self) -> tuple[float, float]:
        # Every fourth pixel says it as well.
        sample = self.picture[::4, ::4]
        colourless = float((channels_max(sample) + channels_max(-sample)).mean()) < COLOURLESS_MAX
        return (GREY_SHADOW, GREY_LIGHT) if colourless else (ALPHA_SHADOW, ALPHA_LIGHT)

    def differs(self, seen: Floats, noise: float = 0.0) -> Mask:
        """Where `seen` (h, w, 3) shows another surface, as (h, w). `noise` is the sensor's, in levels a pixel."""
        return self.other_level(cv2.convertScaleAbs(seen), noise) & self.other_surface(seen, noise)

    def other_level(self, seen: npt.NDArray[Any], noise: float = 0.0) -> Mask:
        """Where `seen`, in whole levels, is darker or lighter enough to be another surface; elsewhere it is not."""
        other = channels_max(cv2.absdiff(seen, self.levels))
        return np.asarray(other > max(LEVELS_MIN, LEVELS_NOISE * noise), np.bool_)

    def other_surface(
        self, seen: Floats, noise: float = 0.0, window: Window = EVERYWHERE, colours: Mask | None = None
    ) -> Mask:
        """Where `seen` would show another surface if its level is other.

        With a `window`, rows and columns, `seen` is that part of a picture; what is said of its rim may be wrong.
        `colours` says where colours can be believed; elsewhere they must differ by far.
        """
        known = self.picture[window]
        dot = _channels_sum(cv2.multiply(seen, known))
        alpha = cv2.divide(dot, self._squared[window])
        colour_sq = cv2.subtract(_channels_sum(cv2.multiply(seen, seen)), cv2.multiply(alpha, dot))
        shadow, light = self._alphas
        other_light = cv2.bitwise_not(cv2.inRange(alpha, shadow, light))
        (x, y), (known_x, known_y) = _gradients(seen), self._gradients
        edge = cv2.max(cv2.absdiff(x, known_x[window]), cv2.absdiff(y, known_y[window]))
        other_colour = colour_sq > max(COLOUR_MIN, COLOUR_NOISE * noise) ** 2
        if colours is not None:
            other_colour &= colours | (colour_sq > COLOUR_SATURATED**2)
        return np.asarray(other_colour | (other_light > 0) | (edge > EDGE_MIN + EDGE_NOISE * noise), np.bool_)


def edges(picture: Floats) -> Floats:
    """Brightness gradients, (h, w, 2), in levels a pixel."""
    return np.asarray(cv2.merge(_gradients(picture)), np.float32)


def _gradients(picture: Floats) -> tuple[Floats, Floats]:
    grey = cv2.transform(picture, np.full((1, 3), 1.0 / (3 * 4), np.float32))
    x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def channels_max(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The largest channel at each pixel."""
    first, *others = cv2.split(picture)
    for other in others:
        first = cv2.max(first, other)
    return np.asarray(first)


def _channels_sum(picture: npt.NDArray[Any]) -> Floats:
    return np.asarray(cv2.transform(picture, np.ones((1, 3), np.float32)), np.float32)
