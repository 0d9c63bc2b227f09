"""An event as the store observed it, before the outbox gives it its place in the device's sequence."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from protocol.events import Event


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened at `ts` (UTC, by the pictures' clock), and in which visit; None where it belongs to none."""

    ts: datetime
    visit: UUID | None
    event: Event
