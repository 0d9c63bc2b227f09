"""A store that does nothing but say, remember and keep clips; it says each number once it is on disk.

python keeping_store.py FOLDER
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

from edge.delivery.outbox import Outbox
from edge.events import NewEvent
from edge.evidence.sealed_clips import SealedClips
from protocol.events import Faulted
from protocol.evidence import digest_of

BYTES_MAX = 2_000_000


def clip(number: int) -> bytes:
    """The clip of a number: 20 kB that nothing makes smaller."""
    return b"".join(digest_of(f"{number}/{part}".encode()).encode() for part in range(320))


def memory(number: int) -> bytes:
    """What is remembered with an event."""
    return f"{number} ".encode() * 2_000


def open_clips(folder: Path) -> SealedClips:
    return SealedClips(folder / "clips", folder / "key", bytes_max=BYTES_MAX, life_s=3_600.0, clock=time.time)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    outbox = Outbox.open(folder / "hub.db", store="corner", device="hub")
    clips = open_clips(folder)
    for n in count(outbox.last_seq + 1):
        ts = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(milliseconds=n)
        clips.keep(digest_of(clip(n)), UUID(int=n), UUID(int=n % 7), clip(n))
        outbox.append([NewEvent(ts, None, Faulted(part="camera", reason="dark"))], memory(n))
        sys.stdout.write(f"{n}\n")
        sys.stdout.flush()
