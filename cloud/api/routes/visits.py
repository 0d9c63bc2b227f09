"""Visits: what is in the cart, how sure that is, and why."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection, func, select

from cloud.adapters.database.shop import load_terms
from cloud.adapters.database.tables import settlement_lines, visits
from cloud.adapters.database.visits import Visit, find_visit, interactions_of
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import documented, not_found
from cloud.api.rim import PageSize, Resource, RimOf, StorePath, VisitPath, require_account, require_store
from cloud.api.routes.accounts import AccountPath
from cloud.domain.decision import DecidedLine, Decision, Reason
from cloud.domain.settlement import CLOSED, State
from cloud.service.settling import decided_lines
from protocol.events import Alternative, Change, Interaction
from protocol.model import Instant

router = APIRouter(tags=["Visits"])


class VisitResource(Resource):
    """A visit: from entry to exit, one payer."""

    store: str
    visit: UUID
    state: State
    account: str | None
    entered_at: Annotated[Instant | None, Field(description="When it was, by the store's observation.")]
    exited_at: Annotated[Instant | None, Field(description="When it was, by the store's observation.")]
    refused_reason: Annotated[str | None, Field(examples=["insufficient_funds", "unknown_token", "nobody_entered"])]
    late_events: Annotated[int, Field(description="What was said of it after its cart was decided; never charged.")]


class Visits(Resource):
    """A page of visits, the newest first."""

    items: list[VisitResource]
    next: str | None


class LineResource(Resource):
    """A line of a cart. Before the visit settles, `decision` says what would become of it now."""

    sku: Annotated[str | None, Field(description="None: a product that nobody enrolled.")]
    name: str | None
    qty: int
    p: Annotated[float, Field(description="That the line is right: the least sure of the changes it is made of.")]
    decision: Decision
    reasons: list[Reason]
    unit_minor: int | None
    discount_minor: Annotated[int, Field(description="What promotions take off; `amount_minor` is what remains.")]
    promotions: list[str]
    tax_bps: int | None
    amount_minor: int | None
    interactions: list[UUID]


class InteractionResource(Resource):
    """The latest revision of an interaction, with the readings that lost and the reasons."""

    interaction: UUID
    revision: int
    ts: Instant
    slot: str | None
    p: float
    changes: list[Change]
    alternatives: list[Alternative]
    reasons: dict[str, float]


class VisitDetail(VisitResource):
    """A visit with its cart."""

    currency: str
    lines: list[LineResource]
    interactions: list[InteractionResource]


@router.get("/stores/{store}/visits", responses=documented(404))
def list_visits(
    store: StorePath,
    rim: RimOf,
    state: Annotated[State | None, Query(description="Only visits in this state.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Visits:
    """The store's visits, the newest first."""
    query = select(visits).where(visits.c.store_id == store)
    if state is not None:
        query = query.where(visits.c.state == state)
    if cursor is not None:
        query = query.where(visits.c.visit_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(visits.c.visit_id.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    items = [VisitResource(**_visit(row)) for row in rows[:limit]]
    return Visits(items=items, next=encode_cursor(str(items[-1].visit)) if more else None)


@router.get("/stores/{store}/accounts/{account}/visits", responses=documented(404))
def list_visits_of_account(
    store: StorePath, account: AccountPath, rim: RimOf, cursor: Cursor = None, limit: PageSize = 50
) -> Visits:
    """An account's visits, the newest first."""
    query = select(visits).where(visits.c.store_id == store, visits.c.account_id == account)
    if cursor is not None:
        query = query.where(visits.c.visit_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        require_account(connection, store, account)
        rows = connection.execute(query.order_by(visits.c.visit_id.desc()).limit(limit + 1)).all()
    items = [VisitResource(**_visit(row)) for row in rows[:limit]]
    return Visits(items=items, next=encode_cursor(str(items[-1].visit)) if len(rows) > limit else None)


@router.get("/stores/{store}/visits/{visit}", responses=documented(404))
def get_visit(store: StorePath, visit: VisitPath, rim: RimOf) -> VisitDetail:
    """One visit with its cart: as it was decided, or, before that, as it would be now."""
    with rim.database.read() as connection:
        require_store(connection, store)
        found = find_visit(connection, store, visit)
        if found is None:
            raise not_found(f"visit {visit}")
        row = connection.execute(select(visits).where(visits.c.store_id == store, visits.c.visit_id == visit)).one()
        terms = load_terms(connection, store)
        if found.state in CLOSED:
            lines = _kept_lines(connection, found)
        else:
            lines = [_live_line(line) for line in decided_lines(connection, found, terms)]
        seen = [_interaction(each) for each in connection.execute(interactions_of(store, visit))]
    return VisitDetail(**_visit(row), currency=terms.currency, lines=lines, interactions=seen)


def _visit(row: Any) -> dict[str, Any]:
    return {
        "store": row.store_id,
        "visit": row.visit_id,
        "state": row.state,
        "account": row.account_id,
        "entered_at": row.entered_at,
        "exited_at": row.exited_at,
        "refused_reason": row.refused_reason,
        "late_events": row.late_events,
    }


def _kept_lines(connection: Connection, visit: Visit) -> list[LineResource]:
    mine = (settlement_lines.c.store_id == visit.store, settlement_lines.c.visit_id == visit.visit)
    latest = select(func.max(settlement_lines.c.revision)).where(*mine).scalar_subquery()
    query = select(settlement_lines).where(*mine, settlement_lines.c.revision == latest)
    rows = connection.execute(query.order_by(settlement_lines.c.position))
    names = LineResource.model_fields
    return [LineResource(**{name: row._mapping[name] for name in names}) for row in rows]


def _live_line(line: DecidedLine) -> LineResource:
    offer = line.offer
    return LineResource(
        sku=line.line.sku,
        name=offer.name if offer else None,
        qty=line.line.qty,
        p=line.line.p,
        decision=line.decision,
        reasons=list(line.reasons),
        unit_minor=offer.unit.minor if offer and offer.unit else None,
        discount_minor=line.discount_minor,
        promotions=list(line.promotions),
        tax_bps=offer.tax_bps if offer else None,
        amount_minor=line.amount.minor if line.amount else None,
        interactions=list(line.line.interactions),
    )


def _interaction(row: Any) -> InteractionResource:
    said = Interaction.model_validate(row.data)
    return InteractionResource(
        interaction=said.interaction,
        revision=said.revision,
        ts=row.ts,
        slot=said.slot,
        p=said.p,
        changes=list(said.changes),
        alternatives=list(said.alternatives),
        reasons=said.reasons,
    )
