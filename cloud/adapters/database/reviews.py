"""Reviews as they are kept: one for each line that waits for a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, text, update

from cloud.adapters.database.tables import reviews, visits
from cloud.domain.review import ReviewState
from cloud.domain.settlement import State


@dataclass(frozen=True, slots=True)
class Review:
    """A line of a visit that waits for a person, or that one decided."""

    store: str
    visit: UUID
    position: int
    state: ReviewState
    opened_at: datetime
    lapses_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    charge: int | None
    decided: dict[str, Any] | None
    """What was decided to charge: sku, name, qty, unit_minor, amount_minor, discount_minor, tax_bps."""


def open_reviews(
    connection: Connection, store: str, visit: UUID, positions: Iterable[int], *, now: datetime, lapses_at: datetime
) -> None:
    """Queue the lines at `positions`."""
    rows = [review_row(store, visit, position, now=now, lapses_at=lapses_at) for position in positions]
    if rows:
        connection.execute(insert(reviews), rows)


def review_row(store: str, visit: UUID, position: int, *, now: datetime, lapses_at: datetime) -> dict[str, Any]:
    """The row of a review that nobody has claimed."""
    return {
        "store_id": store,
        "visit_id": visit,
        "position": position,
        "state": ReviewState.OPEN,
        "opened_at": now,
        "lapses_at": lapses_at,
    }


def find_review(connection: Connection, store: str, visit: UUID, position: int) -> Review | None:
    """One review, locked until the transaction ends."""
    mine = (reviews.c.store_id == store, reviews.c.visit_id == visit, reviews.c.position == position)
    row = connection.execute(select(reviews).where(*mine).with_for_update()).first()
    return review_of(row) if row else None


def reviews_of(connection: Connection, store: str, visit: UUID) -> Sequence[Review]:
    """Every review of a visit."""
    query = select(reviews).where(reviews.c.store_id == store, reviews.c.visit_id == visit)
    return [review_of(row) for row in connection.execute(query.order_by(reviews.c.position))]


def change_review(connection: Connection, review: Review, **values: Any) -> None:
    """Set columns of the review."""
    mine = (
        reviews.c.store_id == review.store,
        reviews.c.visit_id == review.visit,
        reviews.c.position == review.position,
    )
    connection.execute(update(reviews).where(*mine).values(**values))


def lapsing_visits(connection: Connection, now: datetime, limit: int) -> Sequence[tuple[str, UUID]]:
    """Settled visits with reviews whose time is over."""
    query = (
        select(reviews.c.store_id, reviews.c.visit_id)
        .join(visits, (visits.c.store_id == reviews.c.store_id) & (visits.c.visit_id == reviews.c.visit_id))
        .where(
            reviews.c.lapses_at <= now,
            # Spelled as the index has it, which planners recognise it by.
            text("reviews.state IN ('open', 'claimed')"),
            visits.c.state == State.SETTLED,
        )
    )
    rows = connection.execute(query.order_by(reviews.c.lapses_at).limit(limit))
    return list(dict.fromkeys((row.store_id, row.visit_id) for row in rows))


def review_of(row: Any) -> Review:
    """The review in a row."""
    return Review(
        row.store_id,
        row.visit_id,
        row.position,
        ReviewState(row.state),
        row.opened_at,
        row.lapses_at,
        row.claimed_by,
        row.claimed_until,
        row.decided_by,
        row.decided_at,
        row.note,
        row.charge_number,
        row.decided,
    )
