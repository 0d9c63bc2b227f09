"""What the cloud asks of a device while it runs.

A command travels on the device's `do` topic and may be lost, doubled or late: the cloud says it again until an event of
type `commanded` answers it or it has expired. The device does each command once, by its id, and answers it as often as
it comes. One that it does not understand it answers, too, so that a newer cloud learns that this device is older.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from protocol.errors import TillfreeError
from protocol.events import TradingMode
from protocol.model import Instant, Message, Sha256

ERASE_MAX = 1_000
"""Visits in one command: 39 bytes each, and a message holds 128 KiB."""


class CommandError(TillfreeError):
    """A command that this version cannot do, or that says nothing that can be done."""


class Admit(Message):
    """Whether money is held for a visit that waits at a lane: open, or leave it shut with the reason."""

    type: Literal["admit"] = "admit"
    visit: UUID
    held: bool
    reason: Annotated[str | None, Field(max_length=200)] = None


class SetMode(Message):
    """Trade, close, or let staff only in."""

    type: Literal["mode"] = "mode"
    mode: TradingMode


class FetchClip(Message):
    """Send the clip with this hash on the `evidence` topic: somebody has to decide by it."""

    type: Literal["fetch_clip"] = "fetch_clip"
    sha256: Sha256


class EraseEvidence(Message):
    """Delete every clip of these visits."""

    type: Literal["erase_evidence"] = "erase_evidence"
    visits: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=ERASE_MAX)]


Order = Annotated[Admit | SetMode | FetchClip | EraseEvidence, Field(discriminator="type")]
_ORDER: TypeAdapter[Order] = TypeAdapter(Order)


class Command(Message):
    """One command on its way. After `expires` it is not to be done any more."""

    v: Literal[1] = 1
    id: UUID
    type: Annotated[str, Field(min_length=1, max_length=64)]
    expires: Instant
    data: dict[str, JsonValue]


def order_of(command: Command) -> Order:
    """What `command` asks for; CommandError where its type is unknown or its data do not fit the type."""
    try:
        return _ORDER.validate_python({**command.data, "type": command.type}, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "data"
        raise CommandError(f"command of type {command.type!r}: {where}: {first['msg']}") from None


def data_of_order(order: Order) -> dict[str, JsonValue]:
    """The JSON data of `order`, without its type, which the command carries."""
    return order.model_dump(mode="json", exclude={"type"})
