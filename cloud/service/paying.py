"""Making the payments that were committed to, and committing their results.

Crash points: before the call (the intent is found pending and the call made), after the call (it is made again under
the same key, with the same outcome), after the result (the intent is no longer pending). The result, the ledger entry
and the receipt are one transaction.
"""

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, update

from cloud.adapters.database.charges import method_of
from cloud.adapters.database.engine import Database
from cloud.adapters.database.payments import (
    Payment,
    conclude,
    find_hold,
    hold_ended,
    intend,
    is_pending,
    next_number,
)
from cloud.adapters.database.receipts import lines_of
from cloud.adapters.database.tables import settlements
from cloud.adapters.database.visits import Visit, change_visit, find_visit
from cloud.clock import Clock
from cloud.domain.errors import GatewayError
from cloud.domain.ledger import Gross
from cloud.domain.payment import Declined, Outcome, PaymentGateway
from cloud.domain.receipt import Cause
from cloud.domain.settlement import CLOSED, Happening, State, after
from cloud.logs import about
from cloud.observing.gateway_calls import counted
from cloud.observing.tracing import span
from cloud.service.admitting import answer_lane
from cloud.service.charging import capture_answered, hold_answered
from cloud.service.refunding import refund_answered
from cloud.service.releasing import release_hold
from cloud.service.revising import FIRST_REVISION, revise

log = logging.getLogger(__name__)

Gateways = Mapping[str, PaymentGateway]
"""The gateways that this process can reach, by name."""

ASK_FIRST_AFTER = timedelta(hours=12)
"""Gateways keep idempotency keys for 24 hours. An older intent may have been called under a key that is forgotten by
now, so it is asked for before it is called."""

RETAKE_BEFORE = timedelta(minutes=10)
"""How long before it lapses a hold is taken anew."""


def pay(gateways: Gateways, payment: Payment, now: datetime, *, tried: bool) -> Outcome:
    """Get the outcome of `payment`. Raises GatewayError where there is none yet.

    Where it may have been `tried` without an answer, the gateway is first asked what came of that.
    """
    gateway = gateways.get(payment.gateway)
    if gateway is None:
        raise GatewayError(f"no gateway {payment.gateway!r} is set up in this process")
    with about(store=payment.store, visit=payment.visit, key=payment.key), _span("pay", payment):
        if tried or now - payment.intended_at > ASK_FIRST_AFTER:
            known = counted(payment.gateway, "ask", payment.key, lambda: gateway.ask(payment.order))
            if known is not None:
                return known
        return counted(payment.gateway, payment.kind, payment.key, lambda: _call(gateway, payment))


def _call(gateway: PaymentGateway, payment: Payment) -> Outcome:
    order = payment.order
    match payment.kind:
        case "hold":
            return gateway.hold(order.store, order.subject, order.amount, order.key)
        case "capture":
            return gateway.capture(order.store, order.subject, order.amount, order.key)
        case "release":
            return gateway.release(order.store, order.subject, order.key)
        case "refund":
            return gateway.refund(order.store, order.subject, order.amount, order.key)


def _span(name: str, payment: Payment) -> AbstractContextManager[None]:
    return span(name, payment.visit, store=payment.store, visit=payment.visit, key=payment.key)


def resolve(database: Database, clock: Clock, payment: Payment, outcome: Outcome) -> None:
    """Commit what came of `payment`, once, whoever else does so at the same time."""
    now = clock()
    with _span("resolve", payment), database.write() as connection:
        visit = find_visit(connection, payment.store, payment.visit, lock=True)
        assert visit is not None
        if not conclude(connection, payment, outcome, now):
            return
        match payment.kind:
            case "hold" if payment.charge is None:
                _entry_held(connection, visit, payment, outcome, now)
            case "hold":
                hold_answered(connection, visit, payment, outcome, now)
            case "capture":
                capture_answered(connection, visit, payment, outcome, now)
            case "release":
                _released(connection, visit, payment, now)
            case "refund":
                refund_answered(connection, visit, payment, outcome, now)
    context = {"store": payment.store, "visit": str(payment.visit), "key": payment.key}
    if isinstance(outcome, Declined):
        log.warning("payment declined", extra={**context, "reason": outcome.reason})
    else:
        log.info("payment made", extra={**context, "amount_minor": payment.amount.minor})


def _entry_held(connection: Connection, visit: Visit, payment: Payment, outcome: Outcome, now: datetime) -> None:
    """The answer to the hold of an entry, or to one that takes its place before it lapses."""
    if visit.state is not State.OPENING:
        _retaken(connection, visit, payment, outcome, now)
        return
    if isinstance(outcome, Declined):
        state = after(visit.state, Happening.HOLD_REFUSED)
        change_visit(connection, visit, state=state, refused_reason=outcome.reason)
        answer_lane(connection, visit, visit.entered_at, refused=outcome.reason, now=now)
        return
    answer_lane(connection, visit, visit.entered_at, refused=None, now=now)
    state = after(visit.state, Happening.HELD)
    change_visit(connection, visit, state=after(state, Happening.EXITED) if visit.leaving else state)


def _retaken(connection: Connection, visit: Visit, payment: Payment, outcome: Outcome, now: datetime) -> None:
    if isinstance(outcome, Declined):
        # The first one is used while it lasts; a capture that finds it gone takes another one itself.
        hold_ended(connection, visit.store, visit.visit, visit.hold_number)
        return
    if visit.state in CLOSED:
        release_hold(connection, visit, payment.number, now)
        return
    release_hold(connection, visit, visit.hold_number, now)
    change_visit(connection, visit, hold_number=payment.number)


def _released(connection: Connection, visit: Visit, payment: Payment, now: datetime) -> None:
    """A hold was freed; one that the gateway no longer knows is as free. Where nothing was due the visit is settled."""
    hold_ended(connection, visit.store, visit.visit, payment.number)
    if visit.state is not State.RELEASING or payment.number != visit.hold_number:
        return
    change_visit(connection, visit, state=after(visit.state, Happening.RELEASED))
    mine = (settlements.c.store_id == visit.store, settlements.c.visit_id == visit.visit)
    connection.execute(update(settlements).where(*mine).values(outcome="released", settled_at=now))
    lines = lines_of(connection, visit.store, visit.visit, FIRST_REVISION)
    revise(connection, visit, lines, Cause.SETTLED, _nothing, currency=payment.amount.currency, now=now)


def _nothing(_before: Gross, _after: Gross) -> None:
    return None


def retake_hold(connection: Connection, store: str, visit_id: UUID, now: datetime) -> None:
    """Commit to another hold for an open visit whose own is about to lapse."""
    visit = find_visit(connection, store, visit_id, lock=True)
    assert visit is not None
    held = find_hold(connection, store, visit_id, visit.hold_number)
    number = next_number(connection, store, visit_id, "hold")
    if visit.account is None or visit.state not in {State.OPEN, State.EXITED} or held is None:
        return
    if number > visit.hold_number + 1 and is_pending(connection, store, visit_id, "hold", number - 1):
        return
    method = method_of(connection, store, visit.account)
    intend(
        connection,
        store,
        visit_id,
        "hold",
        number,
        account=visit.account,
        amount=held.amount,
        gateway=method.gateway,
        subject=method.payer,
        now=now,
    )
