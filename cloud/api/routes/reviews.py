"""Reviews: doubtful lines that wait for a person."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import Connection, select

from cloud.adapters.database.receipts import lines_of
from cloud.adapters.database.reviews import Review, find_review, review_of
from cloud.adapters.database.tables import reviews
from cloud.adapters.database.visits import Visit, find_visit
from cloud.api.once import once
from cloud.api.paging import Cursor, decode_cursor, decode_id, encode_cursor
from cloud.api.problems import ApiError, conflict, documented, not_found
from cloud.api.rim import Body, IdempotencyKey, PageSize, Resource, RimOf, StorePath, VisitPath, Words, require_store
from cloud.api.routes.refunds import Pieces
from cloud.domain.review import ReviewState
from cloud.service.reviewing import ReviewError, charge_reviewed, claim, drop
from cloud.service.revising import FIRST_REVISION
from protocol.model import Instant, Sku

router = APIRouter(tags=["Reviews"])

LinePath = Annotated[int, Path(ge=0, le=10_000, description="The line's number within its visit.")]


class ClaimBody(Body):
    """Who looks at it; an operator need not say."""

    by: Words | None = None


class ReviewDecision(Body):
    """What a person saw: charge the line (as it stands, or as other pieces), or drop it."""

    decision: Literal["charge", "drop"]
    by: Annotated[Words | None, Field(description="Who claimed it; an operator need not say.")] = None
    sku: Annotated[Sku | None, Field(description="The product that it was; None: as the line says.")] = None
    qty: Annotated[Pieces | None, Field(description="At most what was seen.")] = None
    note: Words | None = None


class ReviewResource(Resource):
    """A line that waits for a person. The evidence is the visit's interactions that `interactions` names."""

    store: str
    visit: UUID
    line: int
    state: ReviewState
    sku: str | None
    name: str | None
    qty: int
    p: float
    reasons: list[str]
    amount_minor: int | None
    interactions: list[UUID]
    opened_at: Instant
    lapses_at: Annotated[Instant, Field(description="Undecided until then, it is dropped in the shopper's favour.")]
    claimed_by: str | None
    claimed_until: Instant | None
    decided_by: str | None
    decided_at: Instant | None
    note: str | None


class Reviews(Resource):
    """A page of reviews, the oldest visits first."""

    items: list[ReviewResource]
    next: str | None


@router.get("/stores/{store}/reviews", responses=documented(404))
def list_reviews(
    store: StorePath,
    rim: RimOf,
    state: Annotated[ReviewState | None, Query(description="Only reviews in this state.")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Reviews:
    """The review queue, the oldest visits first."""
    query = select(reviews).where(reviews.c.store_id == store)
    if state is not None:
        query = query.where(reviews.c.state == state)
    if cursor is not None:
        visit, line = _place(cursor)
        later = (reviews.c.visit_id == visit) & (reviews.c.position > line)
        query = query.where((reviews.c.visit_id > visit) | later)
    with rim.database.read() as connection:
        require_store(connection, store)
        rows = connection.execute(query.order_by(reviews.c.visit_id, reviews.c.position).limit(limit + 1)).all()
        items = [_review(connection, review_of(row)) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Reviews(items=items, next=encode_cursor(str(last.visit), str(last.line)) if last else None)


@router.get("/stores/{store}/reviews/{visit}/{line}", responses=documented(404))
def get_review(store: StorePath, visit: VisitPath, line: LinePath, rim: RimOf) -> ReviewResource:
    """One review."""
    with rim.database.read() as connection:
        require_store(connection, store)
        review = find_review(connection, store, visit, line)
        if review is None:
            raise not_found(f"a review of line {line} of visit {visit}")
        return _review(connection, review)


@router.post(
    "/stores/{store}/reviews/{visit}/{line}/claim",
    status_code=201,
    response_model=ReviewResource,
    responses=documented(404, 409),
)
def post_claim(
    *, store: StorePath, visit: VisitPath, line: LinePath, body: ClaimBody, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Take a review for fifteen minutes, so that nobody else decides it."""
    with rim.database.write() as connection:
        require_store(connection, store)
        _, review = _find(connection, store, visit, line)
        now = rim.clock()

        def create() -> ReviewResource:
            try:
                claim(connection, review, rim.signed(body.by), now)
            except ReviewError as error:
                raise conflict("not-claimable", str(error)) from error
            return _review(connection, _find(connection, store, visit, line)[1])

        return once(connection, store, key, route=f"reviews/{visit}/{line}/claim", body=body, now=now, create=create)


@router.post(
    "/stores/{store}/reviews/{visit}/{line}/decision",
    status_code=201,
    response_model=ReviewResource,
    responses=documented(404, 409),
)
def post_decision(
    *, store: StorePath, visit: VisitPath, line: LinePath, body: ReviewDecision, key: IdempotencyKey, rim: RimOf
) -> Response:
    """Decide a review that was claimed."""
    with rim.database.write() as connection:
        require_store(connection, store)
        of, review = _find(connection, store, visit, line)
        now = rim.clock()

        def create() -> ReviewResource:
            try:
                if body.decision == "drop":
                    drop(connection, of, review, by=rim.signed(body.by), note=body.note, now=now)
                else:
                    what: dict[str, Any] = {
                        "by": rim.signed(body.by),
                        "note": body.note,
                        "sku": body.sku,
                        "qty": body.qty,
                    }
                    charge_reviewed(connection, of, review, **what, now=now)
            except ReviewError as error:
                raise conflict("not-decidable", str(error)) from error
            return _review(connection, _find(connection, store, visit, line)[1])

        return once(connection, store, key, route=f"reviews/{visit}/{line}/decision", body=body, now=now, create=create)


def _place(cursor: str) -> tuple[UUID, int]:
    visit, line = decode_cursor(cursor, 2)
    if not line.isascii() or not line.isdigit() or len(line) > 9:
        raise ApiError(404, "invalid-cursor", "query.cursor: not a cursor of this list")
    return decode_id(encode_cursor(visit)), int(line)


def _find(connection: Connection, store: str, visit: UUID, line: int) -> tuple[Visit, Review]:
    of = find_visit(connection, store, visit, lock=True)
    review = find_review(connection, store, visit, line)
    if of is None or review is None:
        raise not_found(f"a review of line {line} of visit {visit}")
    return of, review


def _review(connection: Connection, review: Review) -> ReviewResource:
    lines = lines_of(connection, review.store, review.visit, FIRST_REVISION)
    line = next(each for each in lines if each.position == review.position)
    decided = review.decided or {}
    return ReviewResource(
        store=review.store,
        visit=review.visit,
        line=review.position,
        state=review.state,
        sku=decided.get("sku", line.sku),
        name=decided.get("name", line.name),
        qty=decided.get("qty", line.qty),
        p=line.p,
        reasons=list(line.reasons),
        amount_minor=decided.get("amount_minor", line.amount_minor),
        interactions=[UUID(each) for each in line.interactions],
        opened_at=review.opened_at,
        lapses_at=review.lapses_at,
        claimed_by=review.claimed_by,
        claimed_until=review.claimed_until,
        decided_by=review.decided_by,
        decided_at=review.decided_at,
        note=review.note,
    )
