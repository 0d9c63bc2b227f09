"""What is kept of a picture of a product: the network's features of several parts of it, and its colours.

The whole says what shape a thing has, its middle says what is printed on it; one photo seen in four ways also tells how
much the features of one thing differ, which the head must know when there is one photo only.
"""

from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.appearance import Features
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
    brightest = max(float(np.percentile(image.max(axis=2), BRIGHT_PERCENT)) for image in images)
    return min(max(BRIGHT / max(brightest, 1.0), GAIN[0]), GAIN[1])


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
        lab = cv2.cvtColor(_middle(square, share), cv2.COLOR_BGR2LAB).reshape(-1, 3)
        counts, _ = np.histogramdd(lab, bins=_BINS, range=_RANGE)
        roots.append(np.sqrt(counts.ravel() / max(float(counts.sum()), 1.0)))
    return np.asarray(np.concatenate(roots) / np.sqrt(len(roots)), np.float64)
