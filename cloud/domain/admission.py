"""What a message from a broker is: an event, a watermark, or something to put aside with the reason.

Nothing here trusts the message: whatever the bytes, the answer is a value. The registry is asked later; here it
only matters that topic, envelope and data agree.
"""

import json
from dataclasses import dataclass

from protocol import topics
from protocol.errors import TillfreeError
from protocol.events import Entered, Event, Exited, event_from
from protocol.evidence import ClipSent
from protocol.messages import Envelope, MessageError, Watermark, decode

SEQUENCE_MAX = 1 << 53


@dataclass(frozen=True, slots=True)
class Said:
    """An event that fits its type, from the device whose topic it came on. `store` is only what the topic claims."""

    store: str
    envelope: Envelope
    event: Event


@dataclass(frozen=True, slots=True)
class Told:
    """A watermark from the device whose topic it came on."""

    store: str
    watermark: Watermark


@dataclass(frozen=True, slots=True)
class Shown:
    """A clip that was asked for, from the device whose topic it came on, and whole."""

    store: str
    sent: ClipSent


@dataclass(frozen=True, slots=True)
class Aside:
    """An event that cannot be taken, and why. Where its number can be read it still counts as received."""

    reason: str
    store: str | None = None
    device: str | None = None
    epoch: int | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """A message that is safe to lose: a bad watermark, as the next one says more; a clip, as it is asked for again."""

    reason: str


Verdict = Said | Told | Shown | Aside | Noise


def judge(topic: str, payload: bytes) -> Verdict:
    """What the message `payload` on `topic` is."""
    try:
        where = topics.parse(topic)
    except topics.TopicError as error:
        return Aside(str(error))
    match where.kind:
        case "ev":
            return _said(where, payload)
        case "telemetry":
            return _watermark(where, payload)
        case "evidence":
            return _clip(where, payload)
    return Noise(f"nothing is expected on {topic}")


def _said(where: topics.Topic, payload: bytes) -> Said | Aside:
    try:
        return _event(where, decode(Envelope, payload))
    except TillfreeError as error:
        device, epoch, seq = _numbers(payload)
        if device != where.device:
            return Aside(str(error), where.store, where.device)
        return Aside(str(error), where.store, where.device, epoch, seq)


def _event(where: topics.Topic, envelope: Envelope) -> Said | Aside:
    if envelope.device != where.device:
        return Aside(
            f"the envelope names device {envelope.device!r}, the topic {where.device!r}", where.store, where.device
        )
    event = event_from(envelope.type, envelope.data)
    if isinstance(event, Entered | Exited) and envelope.visit is None:
        raise MessageError(f"Envelope: visit: an event of type {event.type!r} names the visit it belongs to")
    return Said(where.store, envelope, event)


def _watermark(where: topics.Topic, payload: bytes) -> Told | Noise:
    try:
        watermark = decode(Watermark, payload)
    except MessageError as error:
        return Noise(str(error))
    if watermark.device != where.device:
        return Noise(f"the watermark names device {watermark.device!r}, the topic {where.device!r}")
    return Told(where.store, watermark)


def _clip(where: topics.Topic, payload: bytes) -> Shown | Noise:
    try:
        sent = decode(ClipSent, payload)
    except MessageError as error:
        return Noise(str(error))
    if sent.device != where.device:
        return Noise(f"the clip names device {sent.device!r}, the topic {where.device!r}")
    return Shown(where.store, sent)


def _numbers(payload: bytes) -> tuple[str | None, int | None, int | None]:
    """Device, epoch and number of an event that is otherwise unreadable; a newer version's, say."""
    try:
        loose = json.loads(payload)
    except (ValueError, RecursionError):
        return None, None, None
    if not isinstance(loose, dict):
        return None, None, None
    device, epoch, seq = loose.get("device"), loose.get("epoch"), loose.get("seq")
    if not isinstance(device, str) or type(epoch) is not int or type(seq) is not int:
        return None, None, None
    if not (0 <= epoch < SEQUENCE_MAX and 1 <= seq < SEQUENCE_MAX):
        return None, None, None
    return device, epoch, seq
