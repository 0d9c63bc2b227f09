"""Settlements and the receipts that come of them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import Connection, select

from cloud.adapters.database.tables import receipts, settlement_lines, settlements, visits
from cloud.adapters.database.visits import find_visit
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import ApiError, documented, not_found
from cloud.api.rim import PageSize, Resource, RimOf, StorePath, VisitPath, require_store
from cloud.domain.decision import Decision
from cloud.domain.money import Money
from cloud.domain.receipt import Cause
from cloud.domain.tax import tax_totals
from protocol.model import Instant

router = APIRouter(tags=["Settlements"])


class MissingResource(Resource):
    """Events of the hub's that should have come and did not."""

    epoch: int
    first: int
    last: int


class SettlementResource(Resource):
    """What became of a visit's cart. A visit settles once, so the visit's id is the settlement's."""

    store: str
    visit: UUID
    account: str
    outcome: Annotated[
        Literal["captured", "owed", "released", "refused"] | None,
        Field(
            description="None while the payment is under way; `released`: nothing was due; `owed`: no money came yet."
        ),
    ]
    charged_minor: int
    currency: str
    complete: Annotated[bool, Field(description="Whether everything that the store observed had come.")]
    missing: list[MissingResource]
    exit_received_at: Annotated[Instant | None, Field(description="None: no exit came before the time limit.")]
    decided_at: Instant
    settled_at: Instant | None


class Settlements(Resource):
    """A page of settlements, the newest visits first."""

    items: list[SettlementResource]
    next: str | None


class ReceiptLineResource(Resource):
    """What was charged of one product. `line` is its number: refunds and disputes name it by that."""

    line: int
    sku: str
    name: str
    qty: int
    unit_minor: int
    discount_minor: Annotated[int, Field(description="What promotions took off; `amount_minor` is what remains.")]
    promotions: list[str]
    tax_bps: Annotated[int | None, Field(description="Basis points of the tax that the amount includes.")]
    amount_minor: int
    refunded_minor: int
    refunded_qty: int


class TaxResource(Resource):
    """What was sold at one rate: `gross_minor` is paid, `tax_minor` of it is tax, rounded half up per rate."""

    rate_bps: int
    gross_minor: int
    net_minor: int
    tax_minor: int


class ReceiptResource(Resource):
    """What the shopper is told. A correction is a new revision."""

    store: str
    visit: UUID
    account: str
    revision: int
    lines: list[ReceiptLineResource]
    taxes: list[TaxResource]
    total_minor: Annotated[int, Field(description="What the shopper pays in the end, refunds taken off.")]
    refunded_minor: int
    owed_minor: Annotated[int, Field(description="What of the total is not yet paid.")]
    charged_back_minor: Annotated[int, Field(description="What the shopper's bank took back.")]
    currency: str
    cause: Annotated[Cause, Field(description="Why this revision was made.")]
    in_review: Annotated[int, Field(description="Lines that are not charged but wait for a person.")]
    entered_at: Instant
    exited_at: Annotated[Instant | None, Field(description="None: no exit came before the time limit.")]
    issued_at: Instant


class Receipts(Resource):
    """A page of receipts, the newest visits first."""

    items: list[ReceiptResource]
    next: str | None


_SETTLED = select(settlements, visits.c.exit_received_at).join(
    visits, (visits.c.store_id == settlements.c.store_id) & (visits.c.visit_id == settlements.c.visit_id)
)
_RECEIPTS = select(receipts, visits.c.entered_at, visits.c.exited_at).join(
    visits, (visits.c.store_id == receipts.c.store_id) & (visits.c.visit_id == receipts.c.visit_id)
)


@router.get("/stores/{store}/settlements", responses=documented(404))
def list_settlements(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Settlements:
    """The store's settlements, the newest visits first."""
    query = _SETTLED.where(settlements.c.store_id == store)
    if cursor is not None:
        query = query.where(settlements.c.visit_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(settlements.c.visit_id.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    items = [_settlement(row) for row in rows[:limit]]
    return Settlements(items=items, next=encode_cursor(str(items[-1].visit)) if more else None)


@router.get("/stores/{store}/settlements/{visit}", responses=documented(404))
def get_settlement(store: StorePath, visit: VisitPath, rim: RimOf) -> SettlementResource:
    """The settlement of one visit."""
    with rim.database.read() as connection:
        require_store(connection, store)
        mine = (settlements.c.store_id == store, settlements.c.visit_id == visit)
        row = connection.execute(_SETTLED.where(*mine)).first()
    if row is None:
        raise not_found(f"a settlement of visit {visit}")
    return _settlement(row)


@router.get("/stores/{store}/receipts", tags=["Receipts"], responses=documented(404))
def list_receipts(store: StorePath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50) -> Receipts:
    """The store's receipts, each in its latest revision, the newest visits first."""
    later = receipts.alias()
    following = (
        select(later.c.revision)
        .where(later.c.store_id == receipts.c.store_id, later.c.visit_id == receipts.c.visit_id)
        .where(later.c.revision == receipts.c.revision + 1)
    )
    query = _RECEIPTS.where(receipts.c.store_id == store, ~following.exists())
    if cursor is not None:
        query = query.where(receipts.c.visit_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(receipts.c.visit_id.desc()).limit(limit + 1)).all()
        items = [_receipt(connection, row) for row in rows[:limit]]
    more = len(rows) > limit
    return Receipts(items=items, next=encode_cursor(str(items[-1].visit)) if more else None)


@router.get("/stores/{store}/visits/{visit}/receipts", tags=["Receipts"], responses=documented(404))
def list_revisions(store: StorePath, visit: VisitPath, rim: RimOf) -> Receipts:
    """Every revision of a visit's receipt, the first one first."""
    with rim.database.read() as connection:
        require_store(connection, store)
        if find_visit(connection, store, visit) is None:
            raise not_found(f"visit {visit}")
        query = _RECEIPTS.where(receipts.c.store_id == store, receipts.c.visit_id == visit)
        rows = connection.execute(query.order_by(receipts.c.revision)).all()
        return Receipts(items=[_receipt(connection, row) for row in rows], next=None)


@router.get("/stores/{store}/visits/{visit}/receipt", tags=["Receipts"], responses=documented(404))
def get_receipt(store: StorePath, visit: VisitPath, rim: RimOf) -> ReceiptResource:
    """The receipt of one visit, in its latest revision; 404 until it is settled, and for a refused visit always."""
    with rim.database.read() as connection:
        require_store(connection, store)
        query = _RECEIPTS.where(receipts.c.store_id == store, receipts.c.visit_id == visit)
        row = connection.execute(query.order_by(receipts.c.revision.desc()).limit(1)).first()
        if row is not None:
            return _receipt(connection, row)
        found = find_visit(connection, store, visit)
    if found is None:
        raise not_found(f"visit {visit}")
    raise ApiError(404, "no-receipt", f"visit {visit} has no receipt: it is {found.state}")


def _settlement(row: Any) -> SettlementResource:
    values = dict(row._mapping)
    return SettlementResource(
        store=values.pop("store_id"), visit=values.pop("visit_id"), account=values.pop("account_id"), **values
    )


def _receipt(connection: Connection, row: Any) -> ReceiptResource:
    charged = (
        select(settlement_lines)
        .where(
            settlement_lines.c.store_id == row.store_id,
            settlement_lines.c.visit_id == row.visit_id,
            settlement_lines.c.revision == row.revision,
            settlement_lines.c.decision == Decision.CHARGE,
        )
        .order_by(settlement_lines.c.position)
    )
    names = [name for name in ReceiptLineResource.model_fields if name != "line"]
    lines = [
        ReceiptLineResource(line=line.position, **{name: line._mapping[name] for name in names})
        for line in connection.execute(charged)
    ]
    return ReceiptResource(
        store=row.store_id,
        visit=row.visit_id,
        account=row.account_id,
        revision=row.revision,
        lines=lines,
        taxes=[
            TaxResource(
                rate_bps=each.rate_bps,
                gross_minor=each.gross.minor,
                net_minor=each.net.minor,
                tax_minor=each.tax.minor,
            )
            for each in tax_totals(
                ((line.tax_bps, Money(line.amount_minor - line.refunded_minor, row.currency)) for line in lines),
                row.currency,
            )
        ],
        total_minor=row.total_minor,
        refunded_minor=row.refunded_minor,
        owed_minor=row.owed_minor,
        charged_back_minor=row.charged_back_minor,
        currency=row.currency,
        cause=row.cause,
        in_review=row.in_review,
        entered_at=row.entered_at,
        exited_at=row.exited_at,
        issued_at=row.issued_at,
    )
