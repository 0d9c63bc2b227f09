"""Where people stand who reach into a slot: as far along the shelf and out from it as a store's own shoppers do.

At first little is taken for known. Each pick or put-back teaches where those stood whose it may have been, each as
much as it was theirs (online expectation and maximisation): so it tells better of the next ones whose they are.
"""

import math
from dataclasses import dataclass, field

from edge.visits.attribution import TAIL

FIRST_M = 0.5
"""Standard deviation, each way, of where they stand before anything is learnt: rather too wide than too sure."""
FIRST_COUNTS = 5.0
"""As many picks as that counts for."""
LEAST_M = 0.1
"""Nobody stands before a slot as if nailed down there."""
COUNTS_MAX = 500.0
"""What was learnt from more picks than these is forgotten slowly: shelves are moved, and cameras."""


@dataclass(slots=True)
class _Axis:
    """One way on the floor, metres: where people stand, a mean and its variance, learnt from so many `counts`."""

    counts: float = FIRST_COUNTS
    mean: float = 0.0
    variance: float = FIRST_M**2

    def learn(self, at_m: float, sigma_m: float, p: float) -> None:
        """Somebody was seen there, give or take `sigma_m`, whose pick it was with probability `p`."""
        self.counts = min(self.counts + p, COUNTS_MAX)
        step, seen = p / self.counts, self.variance + sigma_m**2
        away_m, share = at_m - self.mean, self.variance / seen
        # Of what is far away, less is believed (Student's t). What cameras are wrong by is not where people stand.
        trust = (TAIL + 1.0) / (TAIL + away_m**2 / seen)
        self.mean += min(step * trust, 1.0) * share * away_m
        stands = trust * (share * away_m) ** 2 + share * sigma_m**2
        self.variance = max(self.variance + step * (stands - self.variance), LEAST_M**2)


@dataclass(slots=True)
class Stance:
    """Where people stand, from the place right before a slot (metres: along the shelf, and out from it)."""

    _along: _Axis = field(default_factory=_Axis)
    _out: _Axis = field(default_factory=_Axis)

    def learn(self, offset: tuple[float, float], sigma_m: float, p: float = 1.0) -> None:
        """Somebody was seen there, give or take `sigma_m` each way, who reached into a slot with probability `p`."""
        self._along.learn(offset[0], sigma_m, p)
        self._out.learn(offset[1], sigma_m, p)

    def deviations(self, offset: tuple[float, float], sigma_m: float, width_m: float = 0.0) -> float:
        """How many standard deviations somebody seen there, give or take `sigma_m`, is from where they would stand.

        `width_m`: of what they may have reached into, anywhere along it.
        """
        along_m, out_m = offset
        along = (along_m - self._along.mean) ** 2 / (self._along.variance + sigma_m**2 + width_m**2 / 12.0)
        out = (out_m - self._out.mean) ** 2 / (self._out.variance + sigma_m**2)
        return math.sqrt(along + out)

    def widened(self, sigma_m: float, by_m: float) -> float:
        """By what factor the deviation of a place, give or take `sigma_m`, grows where it is `by_m` more uncertain."""
        variance = (self._along.variance + self._out.variance) / 2.0 + sigma_m**2
        return math.sqrt(1.0 + by_m**2 / variance)
