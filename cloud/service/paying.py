"""Making the payments that were committed to, and committing their results.

Crash points: before the call (the intent is found pending and the call made), after the call (it is made again under
the same key, with the same outcome), after the result (the intent is no longer pending). The result, the ledger entry
and the receipt are one transaction.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update

from cloud.adapters.database.engine import Database
from cloud.adapters.database.ledger import write_entry
from cloud.adapters.database.tables import payments, receipts, settlement_lines, settlements
from cloud.adapters.database.visits import Visit, change_visit, find_visit
from cloud.clock import Clock
from cloud.domain.decision import Decision, Reason
from cloud.domain.ledger import sold, source
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Kind, Outcome, PaymentGateway, payment_key
from cloud.domain.settlement import Happening, after
from cloud.service.settling import FIRST_REVISION

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was committed to and whose result is not yet known."""

    store: str
    key: str
    kind: Kind
    visit: UUID
    account: str
    amount: Money


def pending_payments(connection: Connection, limit: int) -> Sequence[Payment]:
    """Payments to be made, in the order they were intended."""
    query = select(payments).where(payments.c.state == "pending").order_by(payments.c.intended_at, payments.c.key)
    return [_payment(row) for row in connection.execute(query.limit(limit))]


def _payment(row: Any) -> Payment:
    amount = Money(row.amount_minor, row.currency)
    return Payment(row.store_id, row.key, row.kind, row.visit_id, row.account_id, amount)


def pay(gateway: PaymentGateway, payment: Payment) -> Outcome:
    """Ask the gateway. Raises GatewayError where it gives no answer."""
    hold = payment_key(payment.store, payment.visit, "hold")
    match payment.kind:
        case "hold":
            return gateway.hold(payment.store, payment.account, payment.amount, payment.key)
        case "capture":
            return gateway.capture(payment.store, hold, payment.amount, payment.key)
        case "release":
            return gateway.release(payment.store, hold, payment.key)
        case "refund":
            raise NotImplementedError("no visit intends a refund")


def resolve(database: Database, clock: Clock, payment: Payment, outcome: Outcome) -> None:
    """Commit what came of `payment`, once, whoever else does so at the same time."""
    now = clock()
    with database.write() as connection:
        visit = find_visit(connection, payment.store, payment.visit, lock=True)
        assert visit is not None
        where = (payments.c.store_id == payment.store, payments.c.key == payment.key, payments.c.state == "pending")
        values = (
            {"state": "done", "reference": outcome.reference}
            if isinstance(outcome, Done)
            else {"state": "declined", "reason": outcome.reason}
        )
        if not connection.execute(update(payments).where(*where).values(**values, resolved_at=now)).rowcount:
            return
        if payment.kind == "hold":
            _held(connection, visit, outcome)
        else:
            _closed(connection, visit, payment, outcome, now)
    context = {"store": payment.store, "visit": str(payment.visit), "key": payment.key}
    if isinstance(outcome, Declined):
        log.warning("payment declined", extra={**context, "reason": outcome.reason})
    else:
        log.info("payment made", extra={**context, "amount_minor": payment.amount.minor})


def _held(connection: Connection, visit: Visit, outcome: Outcome) -> None:
    if isinstance(outcome, Declined):
        state = after(visit.state, Happening.HOLD_REFUSED)
        change_visit(connection, visit, state=state, refused_reason=outcome.reason)
        return
    state = after(visit.state, Happening.HELD)
    change_visit(connection, visit, state=after(state, Happening.EXITED) if visit.leaving else state)


def _closed(connection: Connection, visit: Visit, payment: Payment, outcome: Outcome, now: datetime) -> None:
    """The result of a capture or a release: ledger entry, settlement and receipt."""
    assert visit.leaving is not None
    charged = 0
    if payment.kind == "release":
        # A hold that the gateway no longer knows is as free as one that it freed.
        happening, result = Happening.RELEASED, "released"
    elif isinstance(outcome, Done):
        happening, result, charged = Happening.CAPTURED, "captured", payment.amount.minor
        paid_by = source("wallet", payment.account)
        gross = _gross(connection, visit)
        entry = sold(paid_by, {}, gross, payment.amount.currency, key=payment.key, kind="capture")
        write_entry(connection, visit.store, entry, visit=visit.visit, occurred_at=visit.leaving.ts, now=now)
    else:
        happening, result = Happening.CAPTURE_REFUSED, "refused"
        _to_review(connection, visit)
    change_visit(connection, visit, state=after(visit.state, happening))
    where = (settlements.c.store_id == visit.store, settlements.c.visit_id == visit.visit)
    values = {"outcome": result, "charged_minor": charged, "settled_at": now}
    connection.execute(update(settlements).where(*where).values(**values))
    _issue_receipt(connection, visit, payment, charged, now)


def _gross(connection: Connection, visit: Visit) -> dict[int | None, int]:
    amount = func.sum(settlement_lines.c.amount_minor)
    query = select(settlement_lines.c.tax_bps, amount).where(
        settlement_lines.c.store_id == visit.store,
        settlement_lines.c.visit_id == visit.visit,
        settlement_lines.c.revision == FIRST_REVISION,
        settlement_lines.c.decision == Decision.CHARGE,
    )
    rows = connection.execute(query.group_by(settlement_lines.c.tax_bps))
    return {rate_bps: int(total) for rate_bps, total in rows}


def _to_review(connection: Connection, visit: Visit) -> None:
    mine = (
        settlement_lines.c.store_id == visit.store,
        settlement_lines.c.visit_id == visit.visit,
        settlement_lines.c.decision == Decision.CHARGE,
    )
    values = {"decision": Decision.REVIEW, "reasons": [Reason.CAPTURE_REFUSED]}
    connection.execute(update(settlement_lines).where(*mine).values(**values))


def _issue_receipt(connection: Connection, visit: Visit, payment: Payment, total_minor: int, now: datetime) -> None:
    reviewed = select(func.count()).where(
        settlement_lines.c.store_id == visit.store,
        settlement_lines.c.visit_id == visit.visit,
        settlement_lines.c.revision == FIRST_REVISION,
        settlement_lines.c.decision == Decision.REVIEW,
    )
    connection.execute(
        insert(receipts).values(
            store_id=visit.store,
            visit_id=visit.visit,
            revision=FIRST_REVISION,
            account_id=payment.account,
            total_minor=total_minor,
            currency=payment.amount.currency,
            in_review=connection.execute(reviewed).scalar_one(),
            issued_at=now,
        )
    )
