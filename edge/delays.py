"""How long pictures take from when they were taken until all that follows from them is on disk."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from hardware.ports import Frame

KEPT = 20_000
"""The newest so many count: more than an hour of five pictures a second."""


@dataclass(slots=True)
class Delays:
    """A run's pictures: how many, and of the newest how long each took. Of a play that keeps no time only how many."""

    frames: int = 0
    left_out: int = 0
    """Numbers that no picture came with: lost on the way, too late, or more than the store file wants."""
    _last: dict[str, int] = field(default_factory=dict)
    _s: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, frame: Frame, since_s: float | None) -> None:
        """`frame` is done, `since_s` seconds after it was taken."""
        self.frames += 1
        self.left_out += max(frame.index - self._last.get(frame.camera, -1) - 1, 0)
        self._last[frame.camera] = frame.index
        if since_s is not None:
            self._s.append(since_s)

    def to_json(self) -> dict[str, Any]:
        """Counts, and delays in milliseconds; None where none was measured."""
        p50, p99 = self.quantile_s(0.5), self.quantile_s(0.99)
        delay = None if p50 is None or p99 is None else {"p50": round(p50 * 1000), "p99": round(p99 * 1000)}
        return {"seen": self.frames, "left_out": self.left_out, "delay_ms": delay}

    def quantile_s(self, share: float) -> float | None:
        """The delay that `share` of the pictures stay within, seconds; None where none was measured."""
        if not self._s:
            return None
        ordered = sorted(self._s)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
