"""Whether a camera's picture shows anything else than the one that was looked at last.

Theory of operation. Each picture is made small (`WIDTH` points across, colours kept) and compared with the small
picture of the last look, not with the picture before: what creeps adds up until it shows. The difference is taken less
its median over the picture, so that a lamp or the camera's own exposure moves nothing, and averaged over cells of
`CELL` points, so that noise goes and what moves stays. How much noise is left is measured: half of the cells of a shop
show nothing that moves, so their differences tell it. A cell that differs by more than that many times, or than
`STEP_MIN`, has changed. One cell is enough: whoever comes in at the edge of the picture is seen with the first picture
in which a cell of them shows.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image

WIDTH = 160
CELL = 4
STEP_MIN = 5.0
"""Of 255: less than a dark coat before a dark shelf differs, more than the noise of a cell of sixteen points."""
NOISES = 7.0
"""Times the noise: of the 900 cells of a picture hardly one a minute differs by so much for no reason."""
ROUGH_FACTOR_MIN = 3
"""Pictures so many times too wide are first thinned by leaving points out: averaging all of them would cost most."""

Small = npt.NDArray[np.float32]


class Stillness:
    """One camera's. Ask `changed` of each picture; tell it by `looked` which one was looked at."""

    def __init__(self) -> None:
        self._last: Small | None = None
        self._now: Small | None = None

    def changed(self, image: Image) -> bool:
        """Whether anything shows in `image` that did not at the last look; always so before the first."""
        self._now = _small(image)
        if self._last is None or self._last.shape != self._now.shape:
            return True
        off = _cells(self._now - self._last)
        cells = np.abs(off - np.median(off, axis=(0, 1))).max(axis=2)
        noise = float(np.median(cells))
        return bool(cells.max() > max(STEP_MIN, NOISES * noise))

    def looked(self) -> None:
        """The picture that was asked about last is being looked at."""
        self._last = self._now


def _small(image: Image) -> Small:
    height, width = image.shape[:2]
    factor = max(width // WIDTH, 1)
    if factor >= ROUGH_FACTOR_MIN:
        thinned = factor // 2
        image = image[::thinned, ::thinned]
    size = (min(WIDTH, width), max(round(height * min(WIDTH / width, 1.0)), 1))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _cells(off: Small) -> Small:
    height, width = off.shape[:2]
    size = (math.ceil(width / CELL), math.ceil(height / CELL))
    return np.asarray(cv2.resize(off, size, interpolation=cv2.INTER_AREA), np.float32).reshape(size[1], size[0], -1)
