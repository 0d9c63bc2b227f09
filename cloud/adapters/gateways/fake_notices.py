"""Reading the fake gateway's webhooks."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cloud.domain.errors import GatewayError
from cloud.domain.money import Money
from cloud.domain.notice import Notice, NoticeKind
from protocol.model import Currency, Id, Instant

_KINDS = {
    "chargeback.created": NoticeKind.CHARGED_BACK,
    "chargeback.reversed": NoticeKind.CHARGE_BACK_REVERSED,
    "hold.succeeded": NoticeKind.ANSWERED,
    "hold.released": NoticeKind.ANSWERED,
    "capture.succeeded": NoticeKind.ANSWERED,
    "refund.succeeded": NoticeKind.ANSWERED,
}


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]
    type: Annotated[str, Field(max_length=100)]
    created: Instant
    store: Id
    pays_for: Annotated[str, Field(max_length=200)]
    reference: Annotated[str, Field(max_length=200)]
    amount_minor: Annotated[int, Field(strict=True, ge=0, le=10**12)]
    currency: Currency


def read_fake_notice(body: bytes) -> Notice:
    """The notice in a webhook's body; GatewayError where it makes no sense."""
    try:
        event = _Event.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise GatewayError(f"the webhook makes no sense: {where}: {first['msg']}") from None
    return Notice(
        event.id,
        event.store,
        _KINDS.get(event.type, NoticeKind.OTHER),
        event.pays_for,
        event.reference,
        Money(event.amount_minor, event.currency),
        event.created,
    )
