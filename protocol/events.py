"""What happens in a store, as the edge says it: the `data` of each event type.

An interaction is one hand in one slot, from entering to leaving. It says what changed (`changes`; none for a touch)
with a probability, and keeps the readings that lost (`alternatives`) and the reasons. The same interaction may be said
again with a higher `revision`; the highest one counts, in whatever order they arrive.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from protocol.errors import TillfreeError
from protocol.model import Id, Instant, Message, Probability, Sha256, Sku, SlotPath, Token

CLIP_BYTES_MAX = 90_000
"""A clip travels as one message (base64 in JSON), of which a broker takes 128 KiB."""

TradingMode = Literal["up", "down", "stocking"]
"""Up: shoppers come in. Stocking and down: staff only."""


class EventError(TillfreeError):
    """An event's type is unknown or its data do not fit the type."""


class Entered(Message):
    """Somebody scanned in: the visit opens. `token` is what the gate read."""

    type: Literal["entered"] = "entered"
    lane: Id
    token: Token
    staff: bool = False
    """Their sealed token says that they work here: nothing of this visit is charged, and no money is asked for."""
    waits: bool = False
    """The lane stays shut until the cloud says whether the money is held (`commands.Admit`)."""


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
    """That the visit carries at least what is said of this product: this change and all others of it together.

    (Of an alternative: that this is what was changed.)
    """


class Alternative(Message):
    """Another reading of the same interaction."""

    visit: UUID | None = None
    changes: Annotated[tuple[Change, ...], Field(max_length=32)]
    p: Probability


class Clip(Message):
    """A clip of an interaction that the store keeps for a while, by the SHA-256 of its bytes."""

    sha256: Sha256
    camera: Id
    size_bytes: Annotated[int, Field(ge=1, le=CLIP_BYTES_MAX)]


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
    evidence: Annotated[tuple[Clip, ...], Field(max_length=8)] = ()
    """What a person may look at who decides about it; see protocol/evidence.py."""


class Faulted(Message):
    """A device stopped being trustworthy: what failed, and what a person should do."""

    type: Literal["faulted"] = "faulted"
    part: Annotated[str, Field(max_length=200)]
    reason: Annotated[str, Field(max_length=2000)]


class Recovered(Message):
    """The part that had faulted works again."""

    type: Literal["recovered"] = "recovered"
    part: Annotated[str, Field(max_length=200)]


class Refused(Message):
    """A lane let somebody not in, `times` times for the same reason. Which token it was is not told."""

    type: Literal["refused"] = "refused"
    lane: Id
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    times: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class FollowedIn(Message):
    """Somebody is in the store who belongs to no visit: they came in behind another, or the cameras lost a shopper.

    `person` is the hub's number for them, `since` when they were first seen.
    """

    type: Literal["followed_in"] = "followed_in"
    person: Annotated[int, Field(ge=0, lt=1 << 53)]
    since: Instant


class Crowded(Message):
    """How many are in the store, where that is more than it allows; and once more when it is not any more."""

    type: Literal["crowded"] = "crowded"
    people: Annotated[int, Field(ge=0, le=100_000)]
    people_max: Annotated[int, Field(ge=1, le=100_000)]


class Traded(Message):
    """From now on the store is in this mode; what keeps it from going up is named, device → reason."""

    type: Literal["traded"] = "traded"
    mode: TradingMode
    wants_up: bool = False
    in_the_way: Annotated[dict[str, str], Field(max_length=1000)] = Field(default_factory=dict)


class Commanded(Message):
    """What became of a command of the cloud's; the same answer however often it was sent."""

    type: Literal["commanded"] = "commanded"
    command: UUID
    done: bool
    reason: Annotated[str | None, Field(max_length=2000)] = None
    """Why it was not done."""


Event = Annotated[
    Entered | Exited | Interaction | Faulted | Recovered | Refused | FollowedIn | Crowded | Traded | Commanded,
    Field(discriminator="type"),
]
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
