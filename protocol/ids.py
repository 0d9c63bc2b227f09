"""Identities that sort by time and are the same whenever the same thing is observed again.

An id is a UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 bits that here are no
chance but the SHA-256 of what the id stands for. The same event of the same outbox therefore has the same id in every
run and after every restart, and the milliseconds in front keep databases' indices in order.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7(at: datetime, *parts: str | int) -> UUID:
    """The id of the thing that `parts` name, which happened at `at` (a moment with an offset).

    Raises ValueError for a moment without an offset or outside the 48 bits that version 7 has for it.
    """
    if at.tzinfo is None:
        raise ValueError("an id needs a moment with an offset")
    # In whole numbers: a float of seconds is now and then a hair less than the millisecond that it was made of.
    milliseconds = (at - EPOCH) // timedelta(milliseconds=1)
    if not 0 <= milliseconds < 1 << 48:
        raise ValueError(f"{at.isoformat()} is outside the years that a version 7 UUID can say")
    # A separator that no part contains, so that ("a", "bc") and ("ab", "c") differ.
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    random = int.from_bytes(digest[:10], "big")
    rand_a = random >> 68
    rand_b = random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)
