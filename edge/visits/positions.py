"""Where everybody was of late, whatever visit they belong to.

Kept for `KEPT_S`, so that an interaction can be given to whoever stood there while it lasted, though it is understood
only after the hand has gone.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from edge.tracking.joining.joining import Person

KEPT_S = 30.0
POSITIONS_MAX = 50_000
Times = tuple[float, float]
"""From when until when, in seconds."""


class Positions:
    """Who was seen where; call `saw` in the order of time."""

    def __init__(self) -> None:
        self._seen: deque[Person] = deque(maxlen=POSITIONS_MAX)

    def __getstate__(self) -> dict[str, object]:
        """What is worth keeping: where people were is asked of the last seconds only."""
        return {"_seen": deque(maxlen=POSITIONS_MAX)}

    def saw(self, person: Person) -> None:
        """Take in where somebody stands now."""
        self._seen.append(person)

    def between(self, times: Times) -> Iterator[Person]:
        """Everybody who was seen between two times, the latest first."""
        # From the newest back: what is asked about has just happened.
        for person in reversed(self._seen):
            if person.t_s < times[0]:
                return
            if person.t_s <= times[1]:
                yield person

    def same(self, given_up: int, person: int) -> None:
        """One person had two numbers."""
        renamed = (replace(seen, person=person) if seen.person == given_up else seen for seen in self._seen)
        self._seen = deque(renamed, maxlen=POSITIONS_MAX)

    def forget(self, t_s: float) -> None:
        """Let go of what is too old to be asked about."""
        while self._seen and t_s - self._seen[0].t_s > KEPT_S:
            self._seen.popleft()
