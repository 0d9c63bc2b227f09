"""When to say how far was observed: several times a second, at once when it matters, and never in a flood."""

from dataclasses import dataclass
from datetime import datetime

EVERY_S = 0.2
AT_ONCE_S = 0.05
"""The least time between two of them, however much hangs on the next."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Nothing that will yet be said happened before `until`, and the last event said so far has the number `last_seq`.

    The two belong together: they are taken at one moment, by the one who appends.
    """

    until: datetime
    last_seq: int


class Watermarks:
    """Which mark to say and when. Times are seconds of a clock that never goes back.

    At once is said the first mark that passes the newest event: a visit that has ended waits for just that.
    """

    def __init__(self) -> None:
        self._mark: Mark | None = None
        self._said: Mark | None = None
        self._said_s = float("-inf")
        self._newest_event: datetime | None = None
        self._urgent = False

    def appended(self, ts: datetime) -> None:
        """An event of time `ts` is on disk."""
        if self._newest_event is None or ts > self._newest_event:
            self._newest_event = ts

    def observed(self, mark: Mark) -> None:
        """Observation has come as far as `mark`."""
        self._mark = mark
        if self._newest_event is not None and mark.until >= self._newest_event:
            self._urgent = True
            if mark.until > self._newest_event:
                self._newest_event = None

    def again(self) -> None:
        """What was said may not have been heard: say it again at once."""
        self._said = None
        self._urgent = self._mark is not None

    @property
    def silent(self) -> bool:
        """Whether there has never been a mark to say."""
        return self._mark is None

    @property
    def all_said(self) -> bool:
        """Whether the latest mark (if there is one) has been said."""
        return self._mark == self._said

    @property
    def wake_s(self) -> float | None:
        """When `due` will have something; None: not before an input."""
        if self._mark is None:
            return None
        return self._said_s + (AT_ONCE_S if self._urgent else EVERY_S)

    def due(self, now_s: float) -> Mark | None:
        """The mark to say at `now_s`; None: nothing now."""
        wake_s = self.wake_s
        return self._mark if wake_s is not None and now_s >= wake_s else None

    def said(self, mark: Mark, now_s: float) -> None:
        """`mark` has been sent."""
        self._said, self._said_s, self._urgent = mark, now_s, False
