"""How fast one asker may ask: a bucket that fills at a steady rate and that each request takes one from.

At most ASKERS_MAX buckets are remembered. Beyond, the one that was used longest ago goes; it has had the most time to
fill, so forgetting it gives least away.
"""

from collections import OrderedDict
from dataclasses import dataclass

ASKERS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """`burst` requests at once, and `rate_per_s` from then on."""

    rate_per_s: float
    burst: int


class Buckets:
    """One bucket an asker. Not for several threads at once."""

    def __init__(self, askers_max: int = ASKERS_MAX) -> None:
        self._askers_max = askers_max
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, asker: str, pace: Pace, now_s: float) -> float:
        """Take one; 0 where there was one, else how many seconds until there is."""
        left, since_s = self._kept.pop(asker, (float(pace.burst), now_s))
        left = min(left + (now_s - since_s) * pace.rate_per_s, float(pace.burst))
        wait_s = 0.0 if left >= 1 else (1 - left) / pace.rate_per_s
        self._kept[asker] = (left if wait_s else left - 1, now_s)
        if len(self._kept) > self._askers_max:
            self._kept.popitem(last=False)
        return wait_s
