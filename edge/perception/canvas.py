"""The picture as NanoDet takes it, and the grids of cells in which it answers.

The picture is scaled so that its longer side has 416 pixels, set into the top left corner of a canvas whose sides are
multiples of 32, and normalised. The canvas is written anew for each picture, its padding once.
"""

import math

import cv2
import numpy as np

from edge.perception.detections import Floats
from hardware.ports import Image
from models.shaped import SIDE, STEP

STRIDES = (8, 16, 32)
MEAN = np.array([103.53, 116.28, 123.675], np.float32)
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
NORMAL = ((np.arange(256, dtype=np.float32) - MEAN[:, None]) / DEVIATION[:, None]).astype(np.float32)
"""What a channel's 256 values become, (3, 256): looking up is quicker than computing."""
Size = tuple[int, int]
"""Width and height of a picture in pixels."""


class Canvas:
    """The network's pictures of one shape, and the cells of its grids, one grid after the other.

    `counts` says how many cells each grid has, `begins` where it begins; `points` (n, 2) are their centres and
    `strides` (n, 1) their sizes, in pixels of the network's picture.
    """

    def __init__(self, height: int, width: int) -> None:
        self.counts = tuple(height * width // stride**2 for stride in STRIDES)
        self.begins = (0, *np.cumsum(self.counts[:-1]).tolist())
        self.points = np.concatenate([_grid(height, width, stride) for stride in STRIDES])
        self.strides = np.repeat(np.array(STRIDES, np.float32), self.counts)[:, None]
        self._tensor = np.empty((1, 3, height, width), np.float32)
        self._within = (0, 0)
        self._small: Image = np.empty((0, 0, 3), np.uint8)

    @staticmethod
    def of(width: int, height: int) -> "Canvas":
        """For pictures of this size."""
        return Canvas(*sides(width, height))

    def filled(self, image: Image, scale: float) -> Floats:
        """The network's input for `image`, `scale` of its size; it holds until the next call."""
        height, width = max(round(image.shape[0] * scale), 1), max(round(image.shape[1] * scale), 1)
        if (height, width) != self._within:
            self._tensor[:] = NORMAL[:, 0].reshape(1, 3, 1, 1)
            self._within = (height, width)
            self._small = np.empty((height, width, 3), np.uint8)
        cv2.resize(image, (width, height), dst=self._small)
        # Apart first: a table is looked up much quicker in a plane than in every third value.
        for channel, plane in enumerate(cv2.split(self._small)):
            cv2.LUT(plane, NORMAL[channel], dst=self._tensor[0, channel, :height, :width])
        return self._tensor


def sides(width: int, height: int) -> tuple[int, int]:
    """Height and width of the canvas for a picture: the picture scaled, and filled up to whole cells."""
    scale = SIDE / max(height, width)
    across, down = (max(math.ceil(round(side * scale) / STEP), 1) * STEP for side in (width, height))
    # What touches the canvas's edge is found less well: a row of cells more where the picture leaves room to gain.
    return min(down + STEP, SIDE), min(across + STEP, SIDE)


def _grid(height: int, width: int, stride: int) -> Floats:
    """The centres of a grid's cells, (n, 2), in pixels of the network's picture."""
    y, x = np.mgrid[0 : height // stride, 0 : width // stride]
    return np.stack([x.ravel() + 0.5, y.ravel() + 0.5], axis=1).astype(np.float32) * stride
