"""Refunds and disputes as they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, case, func, insert, select, update

from cloud.adapters.database.tables import disputes, refund_parts, refunds
from cloud.domain.money import Money
from cloud.domain.refund import Part, Wish
from cloud.domain.review import Complaint, DisputeState


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back for one charge of a visit: `pending`, `done` or `declined`."""

    store: str
    refund: UUID
    visit: UUID
    charge: int
    state: str
    amount: Money
    reason: str
    note: str | None
    by: str
    dispute: UUID | None
    created_at: datetime
    resolved_at: datetime | None
    declined: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a shopper says is wrong with a receipt, and what became of that."""

    store: str
    dispute: UUID
    visit: UUID
    account: str
    state: DisputeState
    reason: Complaint
    note: str | None
    wishes: tuple[Wish, ...]
    opened_at: datetime
    lapses_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None


def keep_refund(connection: Connection, refund: Refund, parts: Sequence[Part]) -> None:
    """Keep a new refund with its parts."""
    key = {"store_id": refund.store, "refund_id": refund.refund}
    connection.execute(
        insert(refunds).values(
            **key,
            visit_id=refund.visit,
            charge_number=refund.charge,
            state=refund.state,
            amount_minor=refund.amount.minor,
            currency=refund.amount.currency,
            reason=refund.reason,
            note=refund.note,
            by=refund.by,
            dispute_id=refund.dispute,
            created_at=refund.created_at,
            resolved_at=refund.resolved_at,
        )
    )
    rows = [{**key, "position": each.position, "qty": each.qty, "amount_minor": each.amount_minor} for each in parts]
    connection.execute(insert(refund_parts), rows)


def find_refund(connection: Connection, store: str, refund: UUID) -> Refund | None:
    """One refund."""
    row = connection.execute(select(refunds).where(refunds.c.store_id == store, refunds.c.refund_id == refund)).first()
    return refund_from(row) if row else None


def parts_of(connection: Connection, refund: Refund) -> Sequence[Part]:
    """What the refund gives back of each line."""
    mine = (refund_parts.c.store_id == refund.store, refund_parts.c.refund_id == refund.refund)
    rows = connection.execute(select(refund_parts).where(*mine).order_by(refund_parts.c.position))
    return [Part(row.position, refund.charge, row.qty, row.amount_minor) for row in rows]


def resolve_refund(connection: Connection, refund: Refund, now: datetime, declined: str | None) -> None:
    """Note what the gateway said to it."""
    mine = (refunds.c.store_id == refund.store, refunds.c.refund_id == refund.refund)
    state = "declined" if declined else "done"
    connection.execute(update(refunds).where(*mine).values(state=state, declined=declined, resolved_at=now))


def under_way(connection: Connection, store: str, visit: UUID) -> dict[int, tuple[int, int]]:
    """Pieces and minor units per line of the visit's refunds that have no answer yet."""
    together = (refund_parts.c.store_id == refunds.c.store_id) & (refund_parts.c.refund_id == refunds.c.refund_id)
    query = (
        select(refund_parts.c.position, func.sum(refund_parts.c.qty), func.sum(refund_parts.c.amount_minor))
        .join(refunds, together)
        .where(refunds.c.store_id == store, refunds.c.visit_id == visit, refunds.c.state == "pending")
        .group_by(refund_parts.c.position)
    )
    return {position: (int(qty), int(minor)) for position, qty, minor in connection.execute(query)}


def given_back(connection: Connection, store: str, visit: UUID, reason: str) -> list[tuple[int, int, int]]:
    """(position, pieces given back, pieces given back for another reason than `reason`), refunds under way too."""
    together = (refund_parts.c.store_id == refunds.c.store_id) & (refund_parts.c.refund_id == refunds.c.refund_id)
    otherwise = case((refunds.c.reason == reason, 0), else_=refund_parts.c.qty)
    query = (
        select(refund_parts.c.position, func.sum(refund_parts.c.qty), func.sum(otherwise))
        .join(refunds, together)
        .where(refunds.c.store_id == store, refunds.c.visit_id == visit, refunds.c.state != "declined")
        .group_by(refund_parts.c.position)
    )
    return [(position, int(qty), int(other)) for position, qty, other in connection.execute(query)]


def pending_minor(connection: Connection, store: str, visit: UUID, charge: int) -> int:
    """What of a charge is about to be given back."""
    mine = (
        refunds.c.store_id == store,
        refunds.c.visit_id == visit,
        refunds.c.charge_number == charge,
        refunds.c.state == "pending",
    )
    return int(connection.execute(select(func.sum(refunds.c.amount_minor)).where(*mine)).scalar() or 0)


def keep_dispute(connection: Connection, dispute: Dispute) -> None:
    """Keep a new dispute."""
    connection.execute(
        insert(disputes).values(
            store_id=dispute.store,
            dispute_id=dispute.dispute,
            visit_id=dispute.visit,
            account_id=dispute.account,
            state=dispute.state,
            reason=dispute.reason,
            note=dispute.note,
            wishes=[{"position": wish.position, "qty": wish.qty} for wish in dispute.wishes],
            opened_at=dispute.opened_at,
            lapses_at=dispute.lapses_at,
        )
    )


def find_dispute(connection: Connection, store: str, dispute: UUID) -> Dispute | None:
    """One dispute, locked until the transaction ends."""
    mine = (disputes.c.store_id == store, disputes.c.dispute_id == dispute)
    row = connection.execute(select(disputes).where(*mine).with_for_update()).first()
    return dispute_from(row) if row else None


def open_dispute_of(connection: Connection, store: str, visit: UUID) -> UUID | None:
    """The visit's dispute that nobody has decided yet."""
    mine = (disputes.c.store_id == store, disputes.c.visit_id == visit, disputes.c.state == DisputeState.OPEN)
    return connection.execute(select(disputes.c.dispute_id).where(*mine)).scalar()


def lapsing_disputes(connection: Connection, now: datetime, limit: int) -> Sequence[Dispute]:
    """Open disputes whose time is over."""
    query = select(disputes).where(disputes.c.state == DisputeState.OPEN, disputes.c.lapses_at <= now)
    return [dispute_from(row) for row in connection.execute(query.order_by(disputes.c.lapses_at).limit(limit))]


def change_dispute(connection: Connection, dispute: Dispute, **values: Any) -> None:
    """Set columns of the dispute."""
    mine = (disputes.c.store_id == dispute.store, disputes.c.dispute_id == dispute.dispute)
    connection.execute(update(disputes).where(*mine).values(**values))


def refund_from(row: Any) -> Refund:
    """The refund in a row."""
    return Refund(
        row.store_id,
        row.refund_id,
        row.visit_id,
        row.charge_number,
        row.state,
        Money(row.amount_minor, row.currency),
        row.reason,
        row.note,
        row.by,
        row.dispute_id,
        row.created_at,
        row.resolved_at,
        row.declined,
    )


def dispute_from(row: Any) -> Dispute:
    """The dispute in a row."""
    return Dispute(
        row.store_id,
        row.dispute_id,
        row.visit_id,
        row.account_id,
        DisputeState(row.state),
        Complaint(row.reason),
        row.note,
        tuple(Wish(wish["position"], wish["qty"]) for wish in row.wishes),
        row.opened_at,
        row.lapses_at,
        row.decided_by,
        row.decided_at,
        row.decision_note,
    )
