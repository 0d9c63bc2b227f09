"""How long pictures take from when they were taken until all that follows from them is on disk."""

from collections import deque
from dataclasses import dataclass, field

KEPT = 20_000
"""The newest so many count: more than an hour of five pictures a second."""


@dataclass(slots=True)
class Delays:
    """A run's pictures: how many, and of the newest how long each took. Of a play that keeps no time only how many."""

    frames: int = 0
    _s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, since_s: float | None) -> None:
        """A picture is done, `since_s` seconds after it was taken."""
        self.frames += 1
        if since_s is not None:
            self._s.append(since_s)

    def quantile_s(self, share: float) -> float | None:
        """The delay that `share` of the pictures stay within, seconds; None where none was measured."""
        if not self._s:
            return None
        ordered = sorted(self._s)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
