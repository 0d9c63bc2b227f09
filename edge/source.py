"""What a node is played from the beginning: a store, when it began, and everything its devices said, by time.

What is drawn as it is played may come as a network brings it, later than it was taken; what was recorded is there at
its own time.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hardware.in_order import Arrival
from hardware.playback import readings
from protocol.recording import Recording
from protocol.store import Store


@dataclass(frozen=True, slots=True)
class Source:
    """Something that says the same each time it is played. `key` names its content; photos lie relative to `folder`."""

    key: str
    store: Store
    folder: Path
    start: datetime
    duration_s: float
    arrivals: Callable[[], Iterator[Arrival]]
    """In the order of the readings' times."""


def recorded(recording: Recording) -> Source:
    """The recording as a source."""
    return Source(
        key=_key(recording),
        store=recording.store,
        folder=recording.store_path.parent,
        start=recording.file.start,
        duration_s=recording.file.duration_s,
        arrivals=lambda: (Arrival(reading.t_s, reading) for reading in readings(recording)),
    )


def _key(recording: Recording) -> str:
    """The same files, the same key."""
    digest = hashlib.sha256()
    for path in (recording.folder / "recording.yaml", recording.store_path, recording.folder / "gate.jsonl"):
        digest.update(path.read_bytes() if path.exists() else b"")
    digest.update(str(recording.folder.resolve()).encode())
    return digest.hexdigest()
