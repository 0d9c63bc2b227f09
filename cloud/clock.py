"""The wall clock, as the one thing that is passed to whoever needs it."""

from collections.abc import Callable
from datetime import UTC, datetime

from protocol.model import utc_milliseconds

Clock = Callable[[], datetime]
"""Now, in UTC, in whole milliseconds."""


def wall_clock() -> datetime:
    """The machine's clock."""
    return utc_milliseconds(datetime.now(UTC))
