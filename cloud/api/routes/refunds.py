"""Refunds: money that goes back, line by line or whole."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import select

from cloud.adapters.database.refunds import Refund, find_refund, parts_of, refund_from
from cloud.adapters.database.tables import refunds
from cloud.adapters.database.visits import find_visit
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import (
    AS_WHOLE,
    AmountMinor,
    Body,
    IdempotencyKey,
    PageSize,
    Resource,
    RimOf,
    StorePath,
    VisitPath,
    Words,
    require_store,
)
from cloud.domain.refund import RefundError, Wish
from cloud.service.refunding import Ask, ask_refund
from protocol.model import Instant

router = APIRouter(tags=["Refunds"])

LinePosition = Annotated[
    int, Field(strict=True, ge=0, le=10_000, description="`line` of the receipt's line."), AS_WHOLE
]
Pieces = Annotated[int, Field(strict=True, ge=1, le=1_000_000), AS_WHOLE]


class WishBody(Body):
    """A line: so many pieces of it, or an amount, or (neither) all that is left."""

    model_config = ConfigDict(
        json_schema_extra={
            "not": {
                "properties": {"qty": {"type": "number"}, "amount_minor": {"type": "number"}},
                "required": ["qty", "amount_minor"],
            }
        }
    )

    line: LinePosition
    qty: Pieces | None = None
    amount_minor: AmountMinor | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.qty is not None and self.amount_minor is not None:
            raise ValueError("say qty or amount_minor, not both")
        return self


class NewRefund(Body):
    """What to give back; no `lines` means everything that is left."""

    lines: Annotated[tuple[WishBody, ...], Field(max_length=200)] = ()
    reason: Literal["not_taken", "wrong_product", "wrong_price", "faulty", "goodwill", "other"]
    by: Annotated[Words | None, Field(description="Who decided it; an operator need not say.")] = None
    note: Words | None = None


class PartResource(Resource):
    """What is given back of a line; `qty` is 0 where only an amount was asked for."""

    line: int
    qty: int
    amount_minor: int


class RefundResource(Resource):
    """A refund of one charge. `done`: the money is on its way and the receipt is revised."""

    store: str
    refund: UUID
    visit: UUID
    charge: int
    state: Literal["pending", "done", "declined"]
    amount_minor: int
    currency: str
    lines: list[PartResource]
    reason: str
    note: str | None
    by: str
    dispute: UUID | None
    declined: Annotated[str | None, Field(description="The gateway's reason; the shopper must be paid another way.")]
    created_at: Instant
    resolved_at: Instant | None


class Refunds(Resource):
    """Refunds; a visit with several charges gives back of each apart."""

    items: list[RefundResource]
    next: str | None = None


@router.post(
    "/stores/{store}/visits/{visit}/refunds",
    status_code=201,
    response_model=Refunds,
    responses=documented(404, 409),
)
def post_refund(store: StorePath, visit: VisitPath, body: NewRefund, key: IdempotencyKey, rim: RimOf) -> Response:
    """Give back lines, pieces or amounts of a receipt, or all of it. Never more than was paid."""
    with rim.database.write() as connection:
        require_store(connection, store)
        found = find_visit(connection, store, visit, lock=True)
        if found is None:
            raise not_found(f"visit {visit}")
        now = rim.clock()

        def create() -> Refunds:
            wishes = tuple(Wish(wish.line, wish.qty, wish.amount_minor) for wish in body.lines)
            try:
                made = ask_refund(connection, found, Ask(key, wishes, body.reason, rim.signed(body.by), body.note), now)
            except RefundError as error:
                raise conflict("not-refundable", str(error)) from error
            kept = (find_refund(connection, store, refund) for refund in made)
            return Refunds(items=[_refund(connection, refund) for refund in kept if refund])

        return once(connection, store, key, route=f"visits/{visit}/refunds", body=body, now=now, create=create)


@router.get("/stores/{store}/refunds", responses=documented(404))
def list_refunds(
    store: StorePath,
    rim: RimOf,
    visit: UUID | None = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Refunds:
    """The store's refunds, the newest first."""
    query = select(refunds).where(refunds.c.store_id == store)
    if visit is not None:
        query = query.where(refunds.c.visit_id == visit)
    if cursor is not None:
        query = query.where(refunds.c.refund_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(refunds.c.refund_id.desc()).limit(limit + 1)).all()
        items = [_refund(connection, refund_from(row)) for row in rows[:limit]]
    return Refunds(items=items, next=encode_cursor(str(items[-1].refund)) if len(rows) > limit else None)


def _refund(connection: Any, refund: Refund) -> RefundResource:
    parts = parts_of(connection, refund)
    return RefundResource(
        store=refund.store,
        refund=refund.refund,
        visit=refund.visit,
        charge=refund.charge,
        state=refund.state,
        amount_minor=refund.amount.minor,
        currency=refund.amount.currency,
        lines=[PartResource(line=each.position, qty=each.qty, amount_minor=each.amount_minor) for each in parts],
        reason=refund.reason,
        note=refund.note,
        by=refund.by,
        dispute=refund.dispute,
        declined=refund.declined,
        created_at=refund.created_at,
        resolved_at=refund.resolved_at,
    )
