"""What the ledger says of money that a gateway moved, for comparing it with what the gateway says."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from cloud.adapters.database.tables import (
    charges,
    gateway_notices,
    ledger_entries,
    ledger_postings,
    payments,
    receipts,
    visits,
)
from cloud.domain.ledger import WALLET, wallet
from cloud.domain.money import Money
from cloud.domain.reconciliation import Movement, MovementKind
from cloud.domain.settlement import State

_KINDS: dict[str, tuple[MovementKind, int]] = {
    "capture": ("capture", 1),
    "debt_paid": ("capture", 1),
    "refund": ("refund", -1),
    "chargeback": ("chargeback", -1),
    "chargeback_won": ("chargeback_reversed", 1),
}
"""The gateway's word for each kind of entry, and the sign that its posting to the gateway's account has."""


def booked_movements(connection: Connection, store: str, gateway: str) -> Iterator[Movement]:
    """What the ledger says that `gateway` moved."""
    account = ledger_postings.c.account
    mine = account.startswith(wallet(""), autoescape=True) if gateway == WALLET else account == f"gateway:{gateway}"
    together = (ledger_postings.c.store_id == ledger_entries.c.store_id) & (
        ledger_postings.c.entry_id == ledger_entries.c.entry_id
    )
    query = (
        select(ledger_entries, ledger_postings.c.amount_minor, ledger_postings.c.currency)
        .join(ledger_postings, together)
        .where(ledger_entries.c.store_id == store, ledger_entries.c.kind.in_(list(_KINDS)), mine)
        .order_by(ledger_entries.c.entry_id)
    )
    for row in connection.execute(query):
        kind, sign = _KINDS[row.kind]
        amount = Money(sign * row.amount_minor, row.currency)
        # The key of a chargeback is gateway/reference/word; of everything else it is the payment's.
        charged_back = kind in {"chargeback", "chargeback_reversed"}
        reference = row.key.split("/", 1)[1].rsplit("/", 1)[0] if charged_back else row.key
        yield Movement(kind, row.key, reference, amount, row.recorded_at)


def in_flight(connection: Connection, store: str, gateway: str) -> frozenset[str]:
    """Keys and references that may be on one side only: payments without an answer, notices not heeded."""
    waiting = select(payments.c.key).where(
        payments.c.store_id == store, payments.c.gateway == gateway, payments.c.state == "pending"
    )
    told = select(gateway_notices.c.reference).where(
        gateway_notices.c.store_id == store,
        gateway_notices.c.gateway == gateway,
        gateway_notices.c.heeded_at.is_(None),
    )
    return frozenset([*connection.execute(waiting).scalars(), *connection.execute(told).scalars()])


def intended_since(connection: Connection, store: str, keys: Iterable[str], since: datetime) -> frozenset[str]:
    """Those of `keys` whose payment was intended or concluded since then."""
    found: set[str] = set()
    wanted = sorted(set(keys))
    for begin in range(0, len(wanted), 500):
        query = select(payments.c.key).where(
            payments.c.store_id == store,
            payments.c.key.in_(wanted[begin : begin + 500]),
            or_(payments.c.intended_at >= since, payments.c.resolved_at >= since, payments.c.state == "pending"),
        )
        found.update(connection.execute(query).scalars())
    return frozenset(found)


def needed_holds(connection: Connection, store: str, gateway: str) -> frozenset[str]:
    """Keys of holds that something still needs: an open visit, a charge under way, or a call without an answer."""
    of_visit = (visits.c.store_id == payments.c.store_id) & (visits.c.visit_id == payments.c.visit_id)
    other = payments.alias()
    under_way = select(other.c.key).where(
        other.c.store_id == payments.c.store_id,
        other.c.visit_id == payments.c.visit_id,
        other.c.state == "pending",
    )
    query = (
        select(payments.c.key)
        .join(visits, of_visit)
        .where(
            payments.c.store_id == store,
            payments.c.gateway == gateway,
            payments.c.kind == "hold",
            or_(visits.c.state.not_in([State.SETTLED, State.REFUSED]), under_way.exists()),
        )
    )
    return frozenset(connection.execute(query).scalars())


def receipts_that_differ(connection: Connection, store: str) -> Iterator[tuple[str, int, int]]:
    """Visits whose latest receipt is not what the ledger sold them: (visit, receipt, ledger) in minor units."""
    sold = (
        select(ledger_entries.c.visit_id, func.sum(-ledger_postings.c.amount_minor).label("sold"))
        .join(
            ledger_postings,
            (ledger_postings.c.store_id == ledger_entries.c.store_id)
            & (ledger_postings.c.entry_id == ledger_entries.c.entry_id),
        )
        .where(
            ledger_entries.c.store_id == store,
            ledger_entries.c.visit_id.is_not(None),
            or_(ledger_postings.c.account == "sales", ledger_postings.c.account.startswith("tax:")),
        )
        .group_by(ledger_entries.c.visit_id)
        .subquery()
    )
    latest = (
        select(receipts.c.visit_id, func.max(receipts.c.revision).label("revision"))
        .where(receipts.c.store_id == store)
        .group_by(receipts.c.visit_id)
        .subquery()
    )
    query = (
        select(receipts.c.visit_id, receipts.c.total_minor, func.coalesce(sold.c.sold, 0))
        .join(latest, (latest.c.visit_id == receipts.c.visit_id) & (latest.c.revision == receipts.c.revision))
        .outerjoin(sold, sold.c.visit_id == receipts.c.visit_id)
        .where(receipts.c.store_id == store, receipts.c.total_minor != func.coalesce(sold.c.sold, 0))
    )
    for visit, total, booked in connection.execute(query):
        yield str(visit), int(total), int(booked)


def gateways_used(connection: Connection, store: str) -> frozenset[str]:
    """The gateways that the store's charges went through."""
    query = select(charges.c.gateway).distinct().where(charges.c.store_id == store)
    return frozenset(connection.execute(query).scalars())
