"""What delivery says of itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Health:
    """How delivery is at one moment.

    `connected` and `problem` (None: all is well) hold `since` a moment of the wall clock. A problem does not stop the
    store from trading: events wait on disk. Only an append that raises does.
    """

    broker: str
    connected: bool
    since: datetime
    problem: str | None
    waiting: int
    """Events that are on disk and that the cloud has not acked."""
    held_bytes: int
    limit_bytes: int
