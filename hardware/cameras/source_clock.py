"""When a picture was taken, on our clock: a source's own times, mapped by what their arrival tells.

Theory of operation. A source stamps pictures with a clock of its own: it began anywhere, runs a little too fast or slow
(drift), and may be set while it runs (a jump). A picture arrives here d seconds after it was taken; d varies with the
network, and only ever upwards from what the way takes at least. So of all differences `arrived − own` the *smallest*
ones tell the offset of the two clocks (plus that least delay, which nobody at this end can know), and how the
smallest ones move over a minute tells the drift. (The convex-hull argument of Moon, Skelly and Towsley, "Estimation
and removal of clock skew from network delay measurements", INFOCOM 1999, with bucket minima in place of the hull.)

    each picture      its difference goes into the bucket of its moment, which keeps the smallest
    a new bucket      the line through the buckets' minima is fitted anew (drift bounded to what crystals do)
    taken             own + line(own), never later than it arrived, never before the picture before
    own goes back, or the difference falls by more than JUMP_S     the clock was set: begin anew at once
    the difference stays more than JUMP_S above the line for LATE_S     the same, set backwards: begin anew
"""

from collections import deque

BUCKET_S = 2.0
BUCKETS_MAX = 60
"""Two minutes: a drift of 20 ppm moves 2.4 ms in it, about what the smallest delays scatter."""
BUCKETS_FOR_DRIFT = 10
DRIFT_MAX = 500e-6
"""Seconds a second. Crystals are within 100 ppm, and 500 leaves room for cameras that count lines."""
JUMP_S = 0.5
LATE_S = 3.0
STEP_S = 1e-4
"""Two pictures of one camera are never at the same moment."""


class SourceClock:
    """Maps one source's own times to ours, in seconds of time.monotonic."""

    def __init__(self) -> None:
        self.jumps = 0
        """How often the source's clock was set while it ran."""
        self._taken_s: float | None = None
        self._forget()

    def _forget(self) -> None:
        self._own_s: float | None = None
        self._origin_s = 0.0
        self._buckets: deque[tuple[int, float, float]] = deque(maxlen=BUCKETS_MAX)
        self._intercept_s = 0.0
        self._late_since_s: float | None = None
        self.drift = 0.0
        """Seconds that our clock gains on the source's in a second of the source's."""

    @property
    def offset_s(self) -> float:
        """What is added to the source's time to get ours, as it was last."""
        return self._line(self._own_s) if self._own_s is not None else 0.0

    def taken_at(self, own_s: float | None, arrived_s: float) -> float:
        """When the picture with the source's time `own_s` was taken; call in the order of arrival."""
        taken_s = arrived_s
        if own_s is not None:
            self._learn(own_s, arrived_s)
            taken_s = min(arrived_s, own_s + self._line(own_s))
        if self._taken_s is not None:
            taken_s = max(taken_s, self._taken_s + STEP_S)
        self._taken_s = taken_s
        return taken_s

    def _line(self, own_s: float) -> float:
        return self._intercept_s + self.drift * (own_s - self._origin_s)

    def _learn(self, own_s: float, arrived_s: float) -> None:
        difference_s = arrived_s - own_s
        if self._own_s is not None and self._was_set(own_s, difference_s, arrived_s):
            self.jumps += 1
            self._forget()
        if self._own_s is None:
            self._origin_s, self._intercept_s = own_s, difference_s
        self._own_s = own_s
        number = int(arrived_s // BUCKET_S)
        if self._buckets and self._buckets[-1][0] == number:
            if difference_s < self._buckets[-1][2]:
                self._buckets[-1] = (number, own_s, difference_s)
        else:
            self._fit()
            self._buckets.append((number, own_s, difference_s))
        # The line lies below every difference: nothing arrives before it was taken.
        self._intercept_s = min(self._intercept_s, difference_s - self.drift * (own_s - self._origin_s))

    def _was_set(self, own_s: float, difference_s: float, arrived_s: float) -> bool:
        assert self._own_s is not None, "asked only where there was a picture before"
        above_s = difference_s - self._line(own_s)
        if own_s < self._own_s or above_s < -JUMP_S:
            return True
        if above_s <= JUMP_S:
            self._late_since_s = None
            return False
        if self._late_since_s is None:
            self._late_since_s = arrived_s
        return arrived_s - self._late_since_s > LATE_S

    def _fit(self) -> None:
        if not self._buckets:
            return
        points = [(own_s - self._origin_s, least_s) for _, own_s, least_s in self._buckets]
        if len(points) >= BUCKETS_FOR_DRIFT:
            mean_x = sum(x for x, _ in points) / len(points)
            mean_y = sum(y for _, y in points) / len(points)
            spread = sum((x - mean_x) ** 2 for x, _ in points)
            slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread > 0.0 else 0.0
            self.drift = min(max(slope, -DRIFT_MAX), DRIFT_MAX)
        self._intercept_s = min(y - self.drift * x for x, y in points)
