"""What travels on the topics: the envelope around an event, the watermark, the ack and the status.

All are compact JSON in UTF-8. `decode` gives a value or raises MessageError, whatever the bytes.
"""

import math
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue, ValidationError

from protocol.errors import TillfreeError
from protocol.model import Id, Instant, Message
from protocol.topics import PAYLOAD_BYTES_MAX


def _all_finite(data: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """`data`; a ValueError where a number in it is none that JSON can say."""
    waiting: list[JsonValue] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a number in it is infinite or none at all")
    return data


Sequence = Annotated[int, Field(ge=0, lt=1 << 53)]
"""A number that every JSON reader keeps exactly."""


class MessageError(TillfreeError):
    """Bytes that are not the message they should be, or a message that is too large to send."""


class Envelope(Message):
    """One event on its way. Unique by `id` and by (`device`, `epoch`, `seq`); `seq` counts from 1 without a gap.

    `epoch` rises when the device's outbox file is made anew. `ts` is when it happened by the device's observation,
    never when it was sent.
    """

    v: Literal[1] = 1
    id: UUID
    type: Annotated[str, Field(min_length=1, max_length=64)]
    device: Id
    epoch: Sequence
    seq: Annotated[int, Field(ge=1, lt=1 << 53)]
    ts: Instant
    visit: UUID | None = None
    data: Annotated[dict[str, JsonValue], AfterValidator(_all_finite)]


class Watermark(Message):
    """How far a device says it has observed: nothing that it will yet say changed a cart before `observed_until`.

    That somebody only touched something may still be said of before.

    `last_seq` is the last event it has on disk (0: none), `first_seq` the oldest that it can still send; older ones
    were acked. Said several times a second, even when nothing happens, and safe to lose: the next one says more.
    """

    v: Literal[1] = 1
    device: Id
    epoch: Sequence
    first_seq: Sequence
    last_seq: Sequence
    observed_until: Instant


class Ack(Message):
    """The cloud has committed every event of `epoch` up to and including `seq`."""

    v: Literal[1] = 1
    epoch: Sequence
    seq: Sequence


class Status(Message):
    """A device is there or gone: the birth that it retains, and the last will that the broker says for it."""

    v: Literal[1] = 1
    device: Id
    state: Literal["online", "offline"]


M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """`message` as bytes; MessageError where it is larger than a broker may take."""
    body = message.model_dump_json().encode()
    if len(body) > PAYLOAD_BYTES_MAX:
        raise MessageError(
            f"{type(message).__name__} of {len(body)} bytes: a broker takes {PAYLOAD_BYTES_MAX}. Say less in its data."
        )
    return body


def decode(kind: type[M], payload: bytes) -> M:
    """The message of type `kind` in `payload`; MessageError says what is wrong with it."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise MessageError(f"{kind.__name__}: {len(payload)} bytes, more than the {PAYLOAD_BYTES_MAX} allowed")
    try:
        return kind.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "payload"
        raise MessageError(f"{kind.__name__}: {where}: {first['msg']}") from None
