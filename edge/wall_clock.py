"""The machine's clock, watched while a store is live: whether somebody, or NTP, has set it.

Theory of operation. All times of a run come from the monotonic clock, which nobody can set, counted from one moment of
UTC, the run's start. So they go on evenly whatever happens to the machine's clock, and an event's UTC is as right as
that clock was when the run began. How far UTC is from the monotonic clock stays the same for ever (NTP bends both
alike), until the clock is set: then it jumps.

    the distance is off by more than SET_S     a fault of the part `clock` says so, once; events keep their even times
    it is off by other than was said           the same, with how much it is now
    it is as it was                            the fault is over

The run's times are not moved after the clock: what was said would no longer lie in order with what will be said. Who
wants the right UTC starts the edge anew.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator

from hardware.ports import Fault, Reading, Restored

PART = "clock"
SET_S = 1.0
"""More than the two clocks can be read apart on a machine that is busy."""
EVERY_S = 1.0

Seconds = Callable[[], float]


class WallClock:
    """Watches `utc_s` (Unix time) beside `monotonic_s`; readings carry the times of the run."""

    def __init__(self, utc_s: Seconds = time.time, monotonic_s: Seconds = time.monotonic) -> None:
        self._utc_s, self._monotonic_s = utc_s, monotonic_s
        self._began_off_s = utc_s() - monotonic_s()
        self._said_s = 0.0
        """By how much it was said to be off; 0 where all is well."""

    def look(self, t_s: float) -> Fault | Restored | None:
        """What there is to say at the moment `t_s` of the run."""
        off_s = self._utc_s() - self._monotonic_s() - self._began_off_s
        if abs(off_s - self._said_s) <= SET_S:
            return None
        if abs(off_s) <= SET_S:
            self._said_s = 0.0
            return Restored(t_s, PART)
        self._said_s = off_s
        way = "forward" if off_s > 0.0 else "back"
        return Fault(
            t_s,
            PART,
            f"the machine's clock is {abs(off_s):.1f} s {way} of where it was when the edge started. Events keep "
            "even times by the clock as it was; if it is right now, start the edge anew while nobody is inside",
        )

    def readings(self, live: Iterable[Reading]) -> Iterator[Reading]:
        """The readings of `live`, and between them what there is to say of the clock, looked at every `EVERY_S`."""
        next_s = -math.inf
        for reading in live:
            yield reading
            if reading.t_s >= next_s:
                next_s = reading.t_s + EVERY_S
                said = self.look(reading.t_s)
                if said is not None:
                    yield said
