"""What a glance at a picture tells of its camera: whether there is light in it, and how noisy it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardware.ports import Image

STEP_PX = 8
"""Every eighth pixel of every eighth row: 3,600 of 640×360. A glance costs 0.2 ms."""
LIT_LEVEL = 32
"""Of 255. A covered or unlit sensor's noise stays below."""
CELLS = 8
"""The picture is looked at in 8 × 8 cells, or as many as it has looked-at pixels for."""
QUIET_CELLS = 0.25


@dataclass(frozen=True, slots=True)
class Look:
    """`lit` is the share of looked-at values that are not dark.

    `noise` is how much the picture differs from the one before in its quieter cells, in mean grey levels: what moves
    moves in a part of the picture, noise is everywhere. `motion` is the same in the cell that differs most. Both are
    None for the first picture, and for one of another size than the one before.
    """

    lit: float
    noise: float | None
    motion: float | None


class Glance:
    """Looks at one camera's pictures, in order."""

    def __init__(self) -> None:
        self._before: npt.NDArray[np.int16] | None = None

    def look(self, image: Image) -> Look:
        """What `image` tells, beside the one before."""
        sample = image[::STEP_PX, ::STEP_PX].astype(np.int16)
        lit = float(np.count_nonzero(sample > LIT_LEVEL)) / sample.size
        before, self._before = self._before, sample
        if before is None or before.shape != sample.shape:
            return Look(lit, None, None)
        cells = _cells(np.abs(sample - before))
        return Look(lit, float(cells[int(QUIET_CELLS * len(cells))]), float(cells[-1]))


def _cells(differences: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """The mean difference in each cell, the quietest first."""
    rows, columns = (min(CELLS, side) for side in differences.shape[:2])
    high, wide = differences.shape[0] // rows, differences.shape[1] // columns
    cells = differences[: rows * high, : columns * wide].reshape(rows, high, columns, wide, -1).mean(axis=(1, 3, 4))
    return np.sort(cells, axis=None)
