"""When frames come and what time they say: dropped, late, by a clock that is off and drifts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

APART_S = 0.002
"""At least this long after one frame comes the next, however late both are."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A camera's clock beside the store's: it is `off_s` ahead at 0 and gains `drift_ppm` millionths."""

    off_s: float = 0.0
    drift_ppm: float = 0.0

    def says(self, t_s: float) -> float:
        """What it says at the store's `t_s`."""
        return t_s + self.off_s + t_s * self.drift_ppm * 1e-6


@dataclass(frozen=True, slots=True)
class Tick:
    """One frame: taken at the store's `taken_s`, stamped `stamp_s` by its own clock, there at `arrives_s`."""

    index: int
    taken_s: float
    stamp_s: float
    arrives_s: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """How frames get through: some are dropped, all are late, some later. Late ones hold up those behind them."""

    drop_share: float = 0.0
    late_s: float = 0.0
    jitter_s: float = 0.0
    """Mean of the further delay, which falls off exponentially."""
    stamped_on_arrival: bool = False
    """A camera that stamps nothing: a frame's time is when it comes, by the clock."""
    gaps: tuple[tuple[float, float], ...] = ()
    """From and until when nothing comes at all, seconds by the store's clock."""

    def ticks(self, fps: float, duration_s: float, clock: Clock, rng: np.random.Generator) -> Iterator[Tick]:
        """The frames that arrive of a camera that runs at `fps` for `duration_s`, in order."""
        last_s = -APART_S
        for index in range(int(np.floor(duration_s * fps + 1e-9))):
            # Both are drawn for every frame, so that dropping one shifts no other's chances.
            dropped, delay_s = bool(rng.random() < self.drop_share), float(rng.exponential()) * self.jitter_s
            taken_s = index / fps
            if dropped or any(from_s <= taken_s < until_s for from_s, until_s in self.gaps):
                continue
            last_s = max(last_s + APART_S, taken_s + self.late_s + delay_s)
            yield Tick(index, taken_s, clock.says(last_s if self.stamped_on_arrival else taken_s), last_s)
