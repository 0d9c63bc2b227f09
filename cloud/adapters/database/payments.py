"""Payments that were committed to: intents first, results later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, update

from cloud.adapters.database.among import among
from cloud.adapters.database.by_store import by_store
from cloud.adapters.database.changing import change_all
from cloud.adapters.database.inserting import insert_all
from cloud.adapters.database.tables import payments, visits
from cloud.adapters.database.visits import Visit, VisitKey
from cloud.domain.ledger import WALLET
from cloud.domain.money import Money
from cloud.domain.payment import Done, Kind, Order, Outcome, payment_key
from cloud.domain.settlement import State


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was committed to and whose result is not yet known."""

    store: str
    key: str
    kind: Kind
    visit: UUID
    number: int
    account: str
    amount: Money
    gateway: str
    subject: str
    charge: int | None
    refund: UUID | None
    intended_at: datetime

    @property
    def order(self) -> Order:
        """The call to make."""
        return Order(self.store, self.kind, self.key, self.subject, self.amount)


def intend(
    connection: Connection,
    store: str,
    visit: UUID,
    kind: Kind,
    number: int,
    *,
    account: str,
    amount: Money,
    gateway: str,
    subject: str,
    now: datetime,
    charge: int | None = None,
    refund: UUID | None = None,
) -> None:
    """Commit to a payment, which is made after this transaction."""
    row = intent_row(
        store,
        visit,
        kind,
        number,
        account=account,
        amount=amount,
        gateway=gateway,
        subject=subject,
        now=now,
        charge=charge,
        refund=refund,
    )
    intend_all(connection, [row])


def intend_all(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Commit to the payments of these rows."""
    insert_all(connection, payments, rows)


def intent_row(
    store: str,
    visit: UUID,
    kind: Kind,
    number: int,
    *,
    account: str,
    amount: Money,
    gateway: str,
    subject: str,
    now: datetime,
    charge: int | None = None,
    refund: UUID | None = None,
) -> dict[str, Any]:
    """The row of a payment that is yet to be made."""
    return {
        "store_id": store,
        "key": payment_key(store, visit, kind, number),
        "kind": kind,
        "visit_id": visit,
        "number": number,
        "account_id": account,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "gateway": gateway,
        "subject": subject,
        "charge_number": charge,
        "refund_id": refund,
        "state": "pending",
        "intended_at": now,
    }


def pending_payments(connection: Connection, limit: int) -> Sequence[Payment]:
    """Payments to be made, in the order they were intended."""
    query = select(payments).where(payments.c.state == "pending").order_by(payments.c.intended_at, payments.c.key)
    return [_payment(row) for row in connection.execute(query.limit(limit))]


def conclude(connection: Connection, payment: Payment, outcome: Outcome, now: datetime) -> bool:
    """Note what came of `payment`; False where somebody else did so already."""
    values = _said(outcome)
    where = (payments.c.store_id == payment.store, payments.c.key == payment.key, payments.c.state == "pending")
    return bool(connection.execute(update(payments).where(*where).values(**values, resolved_at=now)).rowcount)


_PENDING = (
    select(payments.c.key)
    .where(
        payments.c.store_id == bindparam("store"),
        among(payments.c.key, "those"),
        payments.c.state == "pending",
    )
    .order_by(payments.c.key)
    .with_for_update()
)


def pending_among(connection: Connection, keys: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of the payments (store, key) that have no answer yet, locked until the transaction ends."""
    found: set[tuple[str, str]] = set()
    for store, mine in by_store(keys):
        those = {"store": store, "those": mine}
        found.update((store, key) for key in connection.execute(_PENDING, those).scalars())
    return frozenset(found)


_ANSWER = ("state", "reference", "expires_at", "reason")


def conclude_all(connection: Connection, answered: Sequence[tuple[Payment, Outcome]], now: datetime) -> None:
    """Note what came of payments that `pending_among` locked."""
    nothing = {**dict.fromkeys(_ANSWER), "resolved_at": now}
    rows = [{"of_store_id": p.store, "of_key": p.key, **nothing, **_said(outcome)} for p, outcome in answered]
    change_all(connection, payments, ("store_id", "key"), rows)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that the gateway confirmed."""

    number: int
    amount: Money
    gateway: str
    reference: str


def find_hold(connection: Connection, store: str, visit: UUID, number: int) -> Hold | None:
    """The visit's hold of that number, where the gateway confirmed it."""
    mine = (payments.c.store_id == store, payments.c.key == payment_key(store, visit, "hold", number))
    row = connection.execute(select(payments).where(*mine, payments.c.state == "done")).first()
    if row is None:
        return None
    return Hold(row.number, Money(row.amount_minor, row.currency), row.gateway, row.reference)


_WALLET_HOLDS = select(
    payments.c.key, payments.c.number, payments.c.amount_minor, payments.c.currency, payments.c.reference
).where(
    payments.c.store_id == bindparam("store"),
    among(payments.c.key, "those"),
    payments.c.state == "done",
    payments.c.gateway == WALLET,
)


def wallet_holds_of(connection: Connection, found: Iterable[Visit]) -> dict[VisitKey, Hold]:
    """The hold behind each of those visits, where it is one of the embedded wallet's and confirmed."""
    keys = {(v.store, payment_key(v.store, v.visit, "hold", v.hold_number)): (v.store, v.visit) for v in found}
    holds: dict[VisitKey, Hold] = {}
    for store, mine in by_store(keys):
        those = {"store": store, "those": mine}
        for key, number, minor, currency, reference in connection.execute(_WALLET_HOLDS, those):
            holds[keys[store, key]] = Hold(number, Money(minor, currency), WALLET, reference)
    return holds


def next_number(connection: Connection, store: str, visit: UUID, kind: Kind) -> int:
    """The number of the visit's next payment of a kind."""
    mine = (payments.c.store_id == store, payments.c.visit_id == visit, payments.c.kind == kind)
    return (connection.execute(select(func.max(payments.c.number)).where(*mine)).scalar() or 0) + 1


def is_pending(connection: Connection, store: str, visit: UUID, kind: Kind, number: int) -> bool:
    """Whether that payment has no answer yet."""
    mine = (payments.c.store_id == store, payments.c.key == payment_key(store, visit, kind, number))
    return connection.execute(select(payments.c.state).where(*mine)).scalar() == "pending"


def hold_ended(connection: Connection, store: str, visit: UUID, number: int) -> None:
    """The hold was captured, released or given up: its expiry matters no more."""
    mine = (payments.c.store_id == store, payments.c.key == payment_key(store, visit, "hold", number))
    connection.execute(update(payments).where(*mine).values(expires_at=None))


def expiring_holds(connection: Connection, before: datetime, limit: int) -> Sequence[tuple[str, UUID]]:
    """Visits, not yet decided, whose hold lapses `before` and for which no other hold is under way."""
    other = payments.alias()
    under_way = select(other.c.key).where(
        other.c.store_id == payments.c.store_id,
        other.c.visit_id == payments.c.visit_id,
        other.c.kind == "hold",
        other.c.state == "pending",
    )
    query = (
        select(payments.c.store_id, payments.c.visit_id)
        .join(visits, (visits.c.store_id == payments.c.store_id) & (visits.c.visit_id == payments.c.visit_id))
        .where(
            payments.c.expires_at <= before,
            payments.c.kind == "hold",
            payments.c.number == visits.c.hold_number,
            visits.c.state.in_([State.OPEN, State.EXITED]),
            ~under_way.exists(),
        )
    )
    return [(row.store_id, row.visit_id) for row in connection.execute(query.limit(limit))]


def _said(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Done):
        return {"state": "done", "reference": outcome.reference, "expires_at": outcome.expires_at}
    return {"state": "declined", "reason": outcome.reason[:64]}


def _payment(row: Any) -> Payment:
    subject = row.subject
    if subject is None:
        # An intent of before there were gateways: a wallet knows a hold by its key.
        hold = payment_key(row.store_id, row.visit_id, "hold", row.number)
        subject = row.account_id if row.kind == "hold" else hold
    return Payment(
        row.store_id,
        row.key,
        row.kind,
        row.visit_id,
        row.number,
        row.account_id,
        Money(row.amount_minor, row.currency),
        row.gateway,
        subject,
        row.charge_number,
        row.refund_id,
        row.intended_at,
    )
