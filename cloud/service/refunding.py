"""Giving money back: by the gateway where it was taken, off the debt where it was not."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from cloud.adapters.database.charges import Charge, change_charge, find_charge
from cloud.adapters.database.erasing import is_forgotten
from cloud.adapters.database.payments import Payment, intend, next_number
from cloud.adapters.database.refunds import (
    Refund,
    find_refund,
    keep_refund,
    parts_of,
    pending_minor,
    resolve_refund,
    under_way,
)
from cloud.adapters.database.visits import Visit
from cloud.domain.charging import ChargeState, Progress, charge_after
from cloud.domain.ledger import Entry, Gross, debt, sold, source
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Outcome
from cloud.domain.receipt import Cause, SettledLine
from cloud.domain.refund import Part, RefundError, Wish, refund_of
from cloud.domain.settlement import State
from cloud.service.revising import current_lines, revise
from protocol.ids import uuid7

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ask:
    """A refund that somebody asks for; no `wishes` means all that is left. `key` names the request."""

    key: str
    wishes: tuple[Wish, ...]
    reason: str
    by: str
    note: str | None = None
    dispute: UUID | None = None


def ask_refund(connection: Connection, visit: Visit, ask: Ask, now: datetime) -> list[UUID]:
    """Commit to a refund, one for each charge it gives back of; RefundError where it cannot be."""
    if visit.state is not State.SETTLED:
        raise RefundError(f"visit {visit.visit} is {visit.state}: only what is settled can be given back")
    if is_forgotten(connection, visit.store, visit.visit):
        raise RefundError(f"visit {visit.visit} was erased: nobody knows whom to pay")
    lines = current_lines(connection, visit)
    by_charge: defaultdict[int, list[Part]] = defaultdict(list)
    for part in refund_of(lines, ask.wishes, under_way(connection, visit.store, visit.visit)):
        by_charge[part.charge].append(part)
    return [_of_charge(connection, visit, parts, ask, now) for _, parts in sorted(by_charge.items())]


def _of_charge(connection: Connection, visit: Visit, parts: Sequence[Part], ask: Ask, now: datetime) -> UUID:
    number = parts[0].charge
    charge = find_charge(connection, visit.store, visit.visit, number, lock=True)
    if charge is None:
        raise RefundError(f"charge {number} of visit {visit.visit} is not known")
    amount = Money(sum(part.amount_minor for part in parts), charge.amount.currency)
    refund = Refund(
        visit.store,
        uuid7(now, visit.store, str(visit.visit), "refund", ask.key, number),
        visit.visit,
        number,
        "pending",
        amount,
        ask.reason,
        ask.note,
        ask.by,
        ask.dispute,
        now,
        None,
        None,
    )
    if charge.state is ChargeState.CAPTURED:
        _by_gateway(connection, charge, refund, parts, now)
    elif charge.state is ChargeState.OWED:
        _off_the_debt(connection, visit, charge, refund, parts)
    else:
        raise RefundError(f"charge {number} is {charge.state}: try again when it is paid, or owed")
    return refund.refund


def _by_gateway(connection: Connection, charge: Charge, refund: Refund, parts: Sequence[Part], now: datetime) -> None:
    pending = pending_minor(connection, charge.store, charge.visit, charge.number)
    left = charge.captured_minor - charge.refunded_minor - charge.charged_back_minor - pending
    if refund.amount.minor > max(left, 0):
        raise RefundError(
            f"{max(left, 0)} minor units of charge {charge.number} are still with us, not {refund.amount.minor}: the "
            "shopper's bank took some back"
        )
    assert charge.capture_reference is not None
    keep_refund(connection, refund, parts)
    intend(
        connection,
        charge.store,
        charge.visit,
        "refund",
        next_number(connection, charge.store, charge.visit, "refund"),
        account=charge.account,
        amount=refund.amount,
        gateway=charge.gateway,
        subject=charge.capture_reference,
        charge=charge.number,
        refund=refund.refund,
        now=now,
    )


def _off_the_debt(connection: Connection, visit: Visit, charge: Charge, refund: Refund, parts: Sequence[Part]) -> None:
    keep_refund(connection, replace(refund, state="done", resolved_at=refund.created_at), parts)
    values: dict[str, object] = {"refunded_minor": charge.refunded_minor + refund.amount.minor}
    if charge.due == refund.amount:
        state = charge_after(charge.state, Progress.FORGIVEN)
        values |= {"state": state, "indebted": False, "next_attempt_at": None}
    change_charge(connection, charge, **values)
    entry = _Booking(debt(charge.account), f"{charge.store}/refund/{refund.refund}", refund.amount.currency)
    _revise(connection, visit, parts, entry, refund.created_at)


def refund_answered(connection: Connection, visit: Visit, payment: Payment, outcome: Outcome, now: datetime) -> None:
    """The gateway's answer to a refund."""
    assert payment.refund is not None
    assert payment.charge is not None
    refund = find_refund(connection, payment.store, payment.refund)
    charge = find_charge(connection, payment.store, payment.visit, payment.charge, lock=True)
    assert refund is not None
    assert charge is not None
    if isinstance(outcome, Declined):
        resolve_refund(connection, refund, now, outcome.reason[:64])
        log.error(
            "a refund was declined: the shopper must be paid another way",
            extra={"store": refund.store, "visit": str(refund.visit), "amount_minor": refund.amount.minor},
        )
        return
    resolve_refund(connection, refund, now, None)
    change_charge(connection, charge, refunded_minor=charge.refunded_minor + refund.amount.minor)
    entry = _Booking(source(charge.gateway, charge.account), payment.key, refund.amount.currency)
    _revise(connection, visit, parts_of(connection, refund), entry, now)


@dataclass(frozen=True, slots=True)
class _Booking:
    """The entry for what was sold before and after a refund that `pays` gives back."""

    pays: str
    key: str
    currency: str

    def __call__(self, before: Gross, after: Gross) -> Entry:
        return sold(self.pays, before, after, self.currency, key=self.key, kind="refund")


def _revise(connection: Connection, visit: Visit, parts: Sequence[Part], book: _Booking, now: datetime) -> None:
    given = {part.position: part for part in parts}
    lines = [_less(line, given.get(line.position)) for line in current_lines(connection, visit)]
    revise(connection, visit, lines, Cause.REFUNDED, book, currency=book.currency, now=now)


def _less(line: SettledLine, part: Part | None) -> SettledLine:
    if part is None:
        return line
    return replace(
        line,
        refunded_minor=line.refunded_minor + part.amount_minor,
        refunded_qty=line.refunded_qty + part.qty,
    )
