"""What is kept of a picture of a product: the network's features of several parts of it, and its colours.

The whole says what shape a thing has, its middle says what is printed on it; one photo seen in four ways also tells how
much the features of one thing differ, which the head must know when there is one photo only.
"""

import math
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.appearance import Features
from edge.perception.surfaces import channels_max
from hardware.ports import Image

Look = npt.NDArray[np.float32]
"""(views, numbers): each row is one view's features (length one) beside its share of the colours."""

MIDDLES = (1.0, 0.8, 0.6)
"""Sides of the squares about the middle, in shares of the shorter side."""
VIEWS = 1 + len(MIDDLES)
COLOUR_WEIGHT = 0.3
"""Length of the colours beside features of length one. 0.3 to 0.7 came out alike, 0 and 1 worse."""
COLOUR_SIDE = 96
COLOUR_PARTS = (1.0, 0.6)
BRIGHT, BRIGHT_PERCENT = 235.0, 95.0
"""In light of 0.6 the log ratio of a look's own product falls by 0.4; without it by 2 (GroceryStore, 40 classes)."""
GAIN = (0.6, 2.5)
"""By no more than this: what is nearly black stays so."""
_BINS = (4, 8, 8)
_RANGE = ((0.0, 256.0), (64.0, 192.0), (64.0, 192.0))
"""Lightness coarsely, for light changes; the two colour axes of CIE Lab within what print and fruit reach."""
BEYOND = -10_000
"""Less than any sum of bins can make good again."""

COLOUR_NUMBERS = len(COLOUR_PARTS) * 4 * 8 * 8


class Eye(Protocol):
    """What gives a picture's features; edge/perception/appearance.py does."""

    def features(self, image: Image) -> Features:
        """Features of length one."""


def look_at(image: Image, eye: Eye, gain: float | None = None) -> Look:
    """The look of `image`: `VIEWS` runs of the network. `gain`: its light, where that is known better than from it."""
    features = np.stack([eye.features(image), *(eye.features(_middle(image, share)) for share in MIDDLES)])
    colours = _colours(image, gain_of(image) if gain is None else gain)
    return np.concatenate([features, np.broadcast_to(COLOUR_WEIGHT * colours, (VIEWS, COLOUR_NUMBERS))], axis=1).astype(
        np.float32
    )


def gain_of(*images: Image) -> float:
    """What brings pictures that were taken in one light to one exposure, the brightest of their parts at `BRIGHT`."""
    brightest = max(_bright(image) for image in images)
    return min(max(BRIGHT / max(brightest, 1.0), GAIN[0]), GAIN[1])


def _bright(image: Image) -> float:
    """The level that `BRIGHT_PERCENT` of the pixels stay beneath, each in its brightest channel."""
    up_to = np.cumsum(np.bincount(channels_max(image).ravel(), minlength=256))
    place = BRIGHT_PERCENT / 100.0 * (up_to[-1] - 1)
    lower, upper = np.searchsorted(up_to, [math.floor(place), math.ceil(place)], side="right")
    return float(lower + (upper - lower) * (place - math.floor(place)))


def _middle(image: Image, share: float) -> Image:
    height, width = image.shape[:2]
    side = max(int(min(height, width) * share), 1)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def _colours(image: Image, gain: float) -> npt.NDArray[np.float64]:
    """Square roots of colour histograms, of length one together: their dot product is Bhattacharyya's."""
    size = (COLOUR_SIDE, COLOUR_SIDE)
    small = cv2.resize(_middle(image, 1.0), size, interpolation=cv2.INTER_AREA)
    square = np.asarray(np.clip(small * np.float32(gain), 0, 255), np.uint8)
    roots = []
    for share in COLOUR_PARTS:
        # Colours beyond the range are purer than print or fruit is, and are left out.
        counts = _histogram(cv2.cvtColor(_middle(square, share), cv2.COLOR_BGR2LAB))
        roots.append(np.sqrt(counts / max(float(counts.sum()), 1.0)))
    return np.asarray(np.concatenate(roots) / np.sqrt(len(roots)), np.float64)


def _bins(count: int, low: float, high: float) -> npt.NDArray[np.intp]:
    """Of each of 256 levels, the bin in which it is; levels beyond the range have none (`BEYOND`)."""
    levels = np.arange(256)
    bins = np.minimum((levels - low) * count / (high - low), count - 1).astype(np.intp)
    return np.where((levels >= low) & (levels <= high), bins, BEYOND)


_LIGHTNESS, _GREEN_RED, _BLUE_YELLOW = (_bins(count, *span) for count, span in zip(_BINS, _RANGE, strict=True))


def _histogram(lab: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """How many pixels of a picture in CIE Lab each bin holds."""
    lightness, green_red, blue_yellow = (plane.ravel() for plane in cv2.split(lab))
    bins = (_LIGHTNESS[lightness] * _BINS[1] + _GREEN_RED[green_red]) * _BINS[2] + _BLUE_YELLOW[blue_yellow]
    size = math.prod(_BINS)
    return np.bincount(bins[bins >= 0], minlength=size)[:size].astype(np.float64)
