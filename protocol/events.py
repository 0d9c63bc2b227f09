"""What happens in a store, as the edge says it: the `data` of each event type.

An interaction is one hand in one slot, from entering to leaving. It says what changed (`changes`; none for a touch)
with a probability, and keeps the readings that lost (`alternatives`) and the reasons. The same interaction may be said
again with a higher `revision`; the highest one counts, in whatever order they arrive.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from protocol.errors import TillfreeError
from protocol.model import Id, Instant, Message, Probability, Sku, SlotPath, Token


class EventError(TillfreeError):
    """An event's type is unknown or its data do not fit the type."""


class Entered(Message):
    """A shopper scanned in: the visit opens. `token` is what the gate read."""

    type: Literal["entered"] = "entered"
    lane: Id
    token: Token


class Exited(Message):
    """The visit's last person left the store."""

    type: Literal["exited"] = "exited"
    lane: Id | None = None


class Change(Message):
    """Something left a slot or came into it. `sku` is None for a product that nobody enrolled."""

    type: Literal["pick", "put_back"]
    sku: Sku | None
    qty: Annotated[int, Field(ge=1, le=1000)]
    slot: SlotPath | None = None
    p: Probability
    """That this visit made exactly this change: who, what and how many together."""


class Alternative(Message):
    """Another reading of the same interaction."""

    visit: UUID | None = None
    changes: Annotated[tuple[Change, ...], Field(max_length=32)]
    p: Probability


class Interaction(Message):
    """A hand in a slot. The envelope's `visit` says whose; None where nobody can be named."""

    type: Literal["interaction"] = "interaction"
    interaction: UUID
    revision: Annotated[int, Field(ge=1, le=10_000)]
    cameras: Annotated[tuple[Id, ...], Field(max_length=64)]
    slot: SlotPath | None
    entered: Instant
    left: Instant
    changes: Annotated[tuple[Change, ...], Field(max_length=32)]
    p: Probability
    """That `changes` as a whole are what happened (for a touch: that nothing changed)."""
    alternatives: Annotated[tuple[Alternative, ...], Field(max_length=32)] = ()
    reasons: Annotated[dict[str, float], Field(max_length=64)] = Field(default_factory=dict)


class Faulted(Message):
    """A device stopped being trustworthy: what failed, and what a person should do."""

    type: Literal["faulted"] = "faulted"
    part: Annotated[str, Field(max_length=200)]
    reason: Annotated[str, Field(max_length=2000)]


class Recovered(Message):
    """The part that had faulted works again."""

    type: Literal["recovered"] = "recovered"
    part: Annotated[str, Field(max_length=200)]


Event = Annotated[Entered | Exited | Interaction | Faulted | Recovered, Field(discriminator="type")]
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def event_from(event_type: str, data: dict[str, JsonValue]) -> Event:
    """The event of type `event_type` that `data` holds; EventError where the two do not fit."""
    try:
        return _EVENT.validate_python({**data, "type": event_type})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "data"
        raise EventError(f"event of type {event_type!r}: {where}: {first['msg']}") from None


def data_of(event: Event) -> dict[str, JsonValue]:
    """The JSON data of `event`, without its type, which the envelope carries."""
    return event.model_dump(mode="json", exclude={"type"})
