"""The time while the shutter is open: rolling rows, and blur of what moves."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hardware.ports import Image


@dataclass(frozen=True, slots=True)
class RollingShutter:
    """Rows are read one after another: the last one `readout_s` later than the first."""

    readout_s: float = 0.02

    def expose(self, before: Image, now: Image, interval_s: float) -> Image:
        """The picture `now` whose upper rows were read earlier, when things stood between there and `before`.

        `interval_s` is the time between the two pictures. Rows are mixed by their age, which doubles a moving outline
        faintly as a long exposure does.
        """
        if self.readout_s <= 0.0 or interval_s <= 0.0:
            return now
        age = _row_ages(now.shape[0]) * min(self.readout_s / interval_s, 1.0)
        mixed = now + (before.astype(np.float32) - now) * age[:, None, None]
        return np.asarray(mixed + 0.5, np.uint8)


@lru_cache(maxsize=16)
def _row_ages(height: int) -> npt.NDArray[np.float32]:
    """How long before the last row each row was read, as a share of the readout."""
    return np.linspace(1.0, 0.0, height, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Flicker:
    """Lamps on the mains: bands of brightness that wander through the picture of a rolling shutter."""

    depth: float = 0.0
    """How much darker the darkest row is, 0 to 1."""
    mains_hz: float = 50.0
    readout_s: float = 0.02

    def light(self, image: Image, t_s: float) -> Image:
        """The picture taken at `t_s`."""
        if self.depth <= 0.0:
            return image
        rows = t_s + self.readout_s * np.linspace(-1.0, 0.0, image.shape[0])
        # Lamps brighten twice in a cycle.
        factor = 1.0 - self.depth * (0.5 - 0.5 * np.cos(4.0 * np.pi * self.mains_hz * rows))
        return np.asarray(image * factor[:, None, None].astype(np.float32), np.uint8)
