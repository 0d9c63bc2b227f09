"""Waiting longer after each failure, up to a bound; and saying what failed, to whoever asks meanwhile."""

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Doubles from `first_s` to `last_s` seconds; `reset` after a success."""

    first_s: float = 0.1
    last_s: float = 5.0
    why: str | None = None
    """What failed the last time; None since a success."""

    _next_s: float = 0.0

    def failed(self, why: str) -> float:
        """How many seconds to wait now."""
        self.why = why
        wait = self._next_s or self.first_s
        self._next_s = min(wait * 2, self.last_s)
        return wait

    def reset(self) -> None:
        """Begin anew."""
        self._next_s = 0.0
        self.why = None
