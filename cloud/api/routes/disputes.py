"""Disputes: what a shopper says is wrong with a receipt."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import Connection, select

from cloud.adapters.database.refunds import Dispute, dispute_from, find_dispute
from cloud.adapters.database.shop import load_terms
from cloud.adapters.database.tables import disputes
from cloud.adapters.database.visits import Visit, find_visit
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_id, encode_cursor
from cloud.api.problems import conflict, documented, not_found
from cloud.api.rim import Body, IdempotencyKey, PageSize, Resource, RimOf, StorePath, VisitPath, Words, require_store
from cloud.api.routes.refunds import LinePosition, Pieces
from cloud.domain.refund import RefundError, Wish
from cloud.domain.review import Complaint, DisputeState
from cloud.service.disputing import DisputeError, open_dispute, reject, uphold
from protocol.ids import uuid7
from protocol.model import Instant

router = APIRouter(tags=["Disputes"])

DisputePath = Annotated[UUID, Path(description="The dispute's id.")]


class DisputedLine(Body):
    """A line of the receipt; no `qty` means all of it."""

    line: LinePosition
    qty: Pieces | None = None


class NewDispute(Body):
    """What is wrong; no `lines` means the whole receipt."""

    lines: Annotated[tuple[DisputedLine, ...], Field(max_length=200)] = ()
    reason: Complaint
    note: Words | None = None


class DisputeDecision(Body):
    """What a person decided about it."""

    decision: Literal["uphold", "reject"]
    by: Annotated[Words | None, Field(description="An operator need not say.")] = None
    note: Words | None = None


class DisputeResource(Resource):
    """A dispute. Upheld, what is disputed is refunded; nobody decides until `lapses_at`, and it is upheld."""

    store: str
    dispute: UUID
    visit: UUID
    account: str
    state: DisputeState
    lines: list[DisputedLine]
    reason: Complaint
    note: str | None
    opened_at: Instant
    lapses_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    decision_note: str | None


class Disputes(Resource):
    """A page of disputes, the newest first."""

    items: list[DisputeResource]
    next: str | None


@router.post(
    "/stores/{store}/visits/{visit}/disputes",
    status_code=201,
    response_model=DisputeResource,
    responses=documented(404, 409),
)
def post_dispute(store: StorePath, visit: VisitPath, body: NewDispute, key: IdempotencyKey, rim: RimOf) -> Response:
    """Say that a receipt is wrong."""
    with rim.database.write() as connection:
        require_store(connection, store)
        found = find_visit(connection, store, visit, lock=True)
        if found is None or found.account is None:
            raise not_found(f"visit {visit}")
        account = found.account
        now = rim.clock()

        def create() -> DisputeResource:
            dispute = Dispute(
                store,
                uuid7(now, store, str(visit), "dispute", key),
                visit,
                account,
                DisputeState.OPEN,
                body.reason,
                body.note,
                tuple(Wish(line.line, line.qty) for line in body.lines),
                now,
                now + load_terms(connection, store).review_within,
                None,
                None,
                None,
            )
            try:
                open_dispute(connection, found, dispute)
            except DisputeError as error:
                raise conflict("not-disputable", str(error)) from error
            return _dispute(dispute)

        return once(connection, store, key, route=f"visits/{visit}/disputes", body=body, now=now, create=create)


@router.get("/stores/{store}/disputes", responses=documented(404))
def list_disputes(
    store: StorePath,
    rim: RimOf,
    state: Annotated[DisputeState | None, Query(description="Only disputes in this state.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Disputes:
    """The store's disputes, the newest first."""
    query = select(disputes).where(disputes.c.store_id == store)
    if state is not None:
        query = query.where(disputes.c.state == state)
    if cursor is not None:
        query = query.where(disputes.c.dispute_id < decode_id(cursor))
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(disputes.c.dispute_id.desc()).limit(limit + 1)).all()
    items = [_dispute(dispute_from(row)) for row in rows[:limit]]
    return Disputes(items=items, next=encode_cursor(str(items[-1].dispute)) if len(rows) > limit else None)


@router.get("/stores/{store}/disputes/{dispute}", responses=documented(404))
def get_dispute(store: StorePath, dispute: DisputePath, rim: RimOf) -> DisputeResource:
    """One dispute."""
    with rim.database.read() as connection:
        require_store(connection, store)
        return _dispute(_find(connection, store, dispute)[0])


@router.post(
    "/stores/{store}/disputes/{dispute}/decision",
    status_code=201,
    response_model=DisputeResource,
    responses=documented(404, 409),
)
def post_dispute_decision(
    store: StorePath, dispute: DisputePath, body: DisputeDecision, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Decide a dispute: uphold it and give the money back, or reject it."""
    with rim.database.write() as connection:
        require_store(connection, store)
        found, visit = _find(connection, store, dispute)
        now = rim.clock()

        def create() -> DisputeResource:
            try:
                if body.decision == "uphold":
                    uphold(
                        connection, visit, found, DisputeState.UPHELD, by=rim.signed(body.by), note=body.note, now=now
                    )
                else:
                    reject(connection, found, rim.signed(body.by), body.note, now)
            except (DisputeError, RefundError) as error:
                raise conflict("not-decidable", str(error)) from error
            return _dispute(_find(connection, store, dispute)[0])

        return once(connection, store, key, route=f"disputes/{dispute}/decision", body=body, now=now, create=create)


def _find(connection: Connection, store: str, dispute: UUID) -> tuple[Dispute, Visit]:
    found = find_dispute(connection, store, dispute)
    if found is None:
        raise not_found(f"dispute {dispute}")
    visit = find_visit(connection, store, found.visit, lock=True)
    assert visit is not None
    return found, visit


def _dispute(dispute: Dispute) -> DisputeResource:
    return DisputeResource(
        store=dispute.store,
        dispute=dispute.dispute,
        visit=dispute.visit,
        account=dispute.account,
        state=dispute.state,
        lines=[DisputedLine(line=wish.position, qty=wish.qty) for wish in dispute.wishes],
        reason=dispute.reason,
        note=dispute.note,
        opened_at=dispute.opened_at,
        lapses_at=dispute.lapses_at,
        decided_by=dispute.decided_by,
        decided_at=dispute.decided_at,
        decision_note=dispute.decision_note,
    )
