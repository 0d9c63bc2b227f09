"""An observed event gets its number and its id, and becomes the bytes that are stored and sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.events import NewEvent
from protocol.events import data_of
from protocol.ids import uuid7
from protocol.messages import Envelope, encode
from protocol.model import utc_milliseconds


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose outbox it is."""

    store: str
    device: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event with its number, and the envelope's bytes."""

    envelope: Envelope
    body: bytes


def seal(events: Sequence[NewEvent], owner: Owner, epoch: int, first_seq: int) -> tuple[Sealed, ...]:
    """The events, numbered from `first_seq`. The same events at the same numbers give the same ids and bytes.

    Raises MessageError for an event that is too large to send, and ValueError for a time without an offset.
    """
    sealed = []
    for seq, new in enumerate(events, first_seq):
        ts = utc_milliseconds(new.ts)
        envelope = Envelope(
            id=uuid7(ts, owner.store, owner.device, epoch, seq),
            type=new.event.type,
            device=owner.device,
            epoch=epoch,
            seq=seq,
            ts=ts,
            visit=new.visit,
            data=data_of(new.event),
        )
        sealed.append(Sealed(envelope, encode(envelope)))
    return tuple(sealed)
