"""Charges as they are kept, and what an account still owes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from cloud.adapters.database.among import among
from cloud.adapters.database.tables import charges, payment_methods
from cloud.domain.charging import ChargeState
from cloud.domain.ledger import WALLET
from cloud.domain.money import Money


@dataclass(frozen=True, slots=True)
class Charge:
    """A sum that a visit owes or has paid; see `cloud.domain.charging` for its states."""

    store: str
    visit: UUID
    number: int
    account: str
    state: ChargeState
    amount: Money
    gateway: str
    hold_number: int
    capture_key: str | None = None
    capture_reference: str | None = None
    captured_minor: int = 0
    refunded_minor: int = 0
    charged_back_minor: int = 0
    indebted: bool = False
    refusals: int = 0
    next_attempt_at: datetime | None = None

    @property
    def due(self) -> Money:
        """What is to be captured for it: refunds of what was not yet paid make it less."""
        return Money(self.amount.minor - self.refunded_minor, self.amount.currency)


@dataclass(frozen=True, slots=True)
class Method:
    """How an account pays: which gateway, and what that gateway calls the payer."""

    gateway: str
    payer: str


def open_charge(connection: Connection, charge: Charge, now: datetime) -> None:
    """Keep a new charge."""
    connection.execute(
        insert(charges).values(
            store_id=charge.store,
            visit_id=charge.visit,
            number=charge.number,
            account_id=charge.account,
            state=charge.state,
            amount_minor=charge.amount.minor,
            currency=charge.amount.currency,
            gateway=charge.gateway,
            hold_number=charge.hold_number,
            created_at=now,
        )
    )


def find_charge(connection: Connection, store: str, visit: UUID, number: int, *, lock: bool = False) -> Charge | None:
    """One charge of a visit, locked until the transaction ends if asked."""
    query = select(charges).where(charges.c.store_id == store, charges.c.visit_id == visit, charges.c.number == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _charge(row) if row else None


def charges_of(connection: Connection, store: str, visit: UUID) -> Sequence[Charge]:
    """Every charge of a visit, by number."""
    query = select(charges).where(charges.c.store_id == store, charges.c.visit_id == visit)
    return [_charge(row) for row in connection.execute(query.order_by(charges.c.number))]


def change_charge(connection: Connection, charge: Charge, **values: Any) -> None:
    """Set columns of the charge."""
    mine = (charges.c.store_id == charge.store, charges.c.visit_id == charge.visit, charges.c.number == charge.number)
    connection.execute(update(charges).where(*mine).values(**values))


def due_charges(connection: Connection, now: datetime, limit: int) -> Sequence[Charge]:
    """Owed charges whose next attempt is due."""
    query = select(charges).where(charges.c.next_attempt_at <= now, charges.c.state == ChargeState.OWED)
    return [_charge(row) for row in connection.execute(query.order_by(charges.c.next_attempt_at).limit(limit))]


def debts_of(connection: Connection, store: str, account: str | None, limit: int) -> Sequence[Charge]:
    """What the account (None: anybody) owes, the oldest visits first."""
    query = select(charges).where(charges.c.store_id == store, _OWING)
    if account is not None:
        query = query.where(charges.c.account_id == account)
    rows = connection.execute(query.order_by(charges.c.visit_id, charges.c.number).limit(limit))
    return [_charge(row) for row in rows]


def try_debts_now(connection: Connection, store: str, account: str, now: datetime) -> None:
    """Let everything that the account owes be tried at once: it may have money now."""
    mine = (charges.c.store_id == store, charges.c.account_id == account, charges.c.state == ChargeState.OWED)
    connection.execute(update(charges).where(*mine).values(next_attempt_at=now))


def next_charge_number(connection: Connection, store: str, visit: UUID) -> int:
    """The number of the visit's next charge."""
    mine = (charges.c.store_id == store, charges.c.visit_id == visit)
    return (connection.execute(select(func.max(charges.c.number)).where(*mine)).scalar() or 0) + 1


# Spelled as the index has it, which planners recognise it by.
_OWING = text("charges.indebted")
_INDEBTED = (
    select(charges.c.account_id)
    .distinct()
    .where(charges.c.store_id == bindparam("store"), among(charges.c.account_id, "those"), _OWING)
)


def indebted_among(connection: Connection, store: str, accounts: Iterable[str]) -> frozenset[str]:
    """Those of the accounts that owe anything."""
    return frozenset(connection.execute(_INDEBTED, {"store": store, "those": sorted(set(accounts))}).scalars())


def method_of(connection: Connection, store: str, account: str) -> Method:
    """How the account pays."""
    return methods_of(connection, store, [account]).get(account, Method(WALLET, account))


def methods_of(connection: Connection, store: str, accounts: Iterable[str]) -> dict[str, Method]:
    """How those of the accounts pay that do not pay from their wallets."""
    mine = (payment_methods.c.store_id == store, payment_methods.c.account_id.in_(sorted(set(accounts))))
    rows = connection.execute(select(payment_methods).where(*mine))
    return {row.account_id: Method(row.gateway, row.payer) for row in rows}


def _charge(row: Any) -> Charge:
    return Charge(
        row.store_id,
        row.visit_id,
        row.number,
        row.account_id,
        ChargeState(row.state),
        Money(row.amount_minor, row.currency),
        row.gateway,
        row.hold_number,
        row.capture_key,
        row.capture_reference,
        row.captured_minor,
        row.refunded_minor,
        row.charged_back_minor,
        row.indebted,
        row.refusals,
        row.next_attempt_at,
    )
