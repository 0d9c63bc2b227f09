"""Getting a charge paid: what each answer of the gateway leads to. The table stands in `cloud.domain.charging`."""

import logging
from datetime import datetime

from sqlalchemy import Connection, update

from cloud.adapters.database.charges import Charge, change_charge, find_charge, method_of
from cloud.adapters.database.payments import Payment, hold_ended, intend, next_number
from cloud.adapters.database.receipts import lines_of
from cloud.adapters.database.tables import settlements
from cloud.adapters.database.visits import Visit, change_visit
from cloud.domain.charging import Progress, charge_after, next_attempt
from cloud.domain.ledger import WRITTEN_OFF, Entry, Gross, debt, moved, sold, source
from cloud.domain.payment import LAPSED, Declined, Done, Outcome
from cloud.domain.receipt import Cause, SettledLine
from cloud.domain.settlement import Happening, State, after
from cloud.service.releasing import release_hold
from cloud.service.reviewed import conclude_review
from cloud.service.revising import FIRST_REVISION, current_lines, revise

log = logging.getLogger(__name__)


def hold_for(connection: Connection, charge: Charge, progress: Progress | None, now: datetime) -> None:
    """Commit to a hold of what `charge` comes to, by the way the account pays now."""
    number = next_number(connection, charge.store, charge.visit, "hold")
    method = method_of(connection, charge.store, charge.account)
    state = charge_after(charge.state, progress) if progress else charge.state
    change_charge(connection, charge, state=state, hold_number=number, gateway=method.gateway, next_attempt_at=None)
    intend(
        connection,
        charge.store,
        charge.visit,
        "hold",
        number,
        account=charge.account,
        amount=charge.due,
        gateway=method.gateway,
        subject=method.payer,
        charge=charge.number,
        now=now,
    )


def capture_from(connection: Connection, charge: Charge, hold: str, now: datetime) -> None:
    """Commit to capturing what `charge` comes to from its hold, which the gateway calls `hold`."""
    intend(
        connection,
        charge.store,
        charge.visit,
        "capture",
        charge.hold_number,
        account=charge.account,
        amount=charge.due,
        gateway=charge.gateway,
        subject=hold,
        charge=charge.number,
        now=now,
    )


def hold_answered(connection: Connection, visit: Visit, payment: Payment, outcome: Outcome, now: datetime) -> None:
    """The answer to a hold that was asked for to pay a charge."""
    charge = _charge(connection, payment)
    if isinstance(outcome, Declined):
        _owe(connection, visit, charge, Progress.HOLD_REFUSED, now)
        return
    change_charge(connection, charge, state=charge_after(charge.state, Progress.HELD))
    capture_from(connection, charge, outcome.reference, now)


def capture_answered(connection: Connection, visit: Visit, payment: Payment, outcome: Outcome, now: datetime) -> None:
    """The answer to a capture."""
    charge = _charge(connection, payment)
    hold_ended(connection, payment.store, payment.visit, payment.number)
    if isinstance(outcome, Done):
        _paid(connection, visit, payment, outcome, now)
    elif outcome.reason in LAPSED and payment.number == visit.hold_number:
        # The hold of the entry is gone: once, another one is taken in its place.
        hold_for(connection, charge, Progress.HOLD_LAPSED, now)
    else:
        if outcome.reason not in LAPSED:
            # The gateway would keep the shopper's money reserved until the hold lapses.
            release_hold(connection, visit, payment.number, now)
        _owe(connection, visit, charge, Progress.CAPTURE_REFUSED, now)


def _charge(connection: Connection, payment: Payment) -> Charge:
    assert payment.charge is not None
    charge = find_charge(connection, payment.store, payment.visit, payment.charge, lock=True)
    assert charge is not None
    return charge


def write_off(connection: Connection, visit: Visit, charge: Charge, now: datetime) -> None:
    """Give up an owed charge: the debt becomes a loss."""
    due = charge.due
    state = charge_after(charge.state, Progress.WRITTEN_OFF)
    change_charge(connection, charge, state=state, indebted=False, next_attempt_at=None)
    key = f"{charge.store}/{charge.visit}/written-off/{charge.number}"
    entry = moved(WRITTEN_OFF, debt(charge.account), due, key=key, kind="written_off")
    lines = current_lines(connection, visit)
    revise(connection, visit, lines, Cause.WRITTEN_OFF, lambda *_: entry, currency=due.currency, now=now)


def _paid(connection: Connection, visit: Visit, payment: Payment, outcome: Done, now: datetime) -> None:
    charge = _charge(connection, payment)
    change_charge(
        connection,
        charge,
        state=charge_after(charge.state, Progress.CAPTURED),
        capture_key=payment.key,
        capture_reference=outcome.reference,
        captured_minor=payment.amount.minor,
        indebted=False,
    )
    debits = source(charge.gateway, charge.account)
    currency = charge.amount.currency

    def book(before: Gross, after_it: Gross) -> Entry:
        if charge.indebted:
            return moved(debits, debt(charge.account), payment.amount, key=payment.key, kind="debt_paid")
        return sold(debits, before, after_it, currency, key=payment.key, kind="capture")

    cause = Cause.DEBT_PAID if charge.indebted else _cause(charge)
    revise(connection, visit, _lines(connection, visit, charge, now), cause, book, currency=currency, now=now)
    _close(connection, visit, charge, Happening.CAPTURED, now)


def _owe(connection: Connection, visit: Visit, charge: Charge, progress: Progress, now: datetime) -> None:
    refusals = charge.refusals + 1
    change_charge(
        connection,
        charge,
        state=charge_after(charge.state, progress),
        refusals=refusals,
        next_attempt_at=next_attempt(refusals, now),
        indebted=True,
    )
    log.warning(
        "a charge is owed",
        extra={"store": charge.store, "visit": str(charge.visit), "owed_minor": charge.due.minor, "refusals": refusals},
    )
    if charge.indebted:
        return
    key = f"{charge.store}/{charge.visit}/debt/{charge.number}"
    currency = charge.amount.currency

    def book(before: Gross, after_it: Gross) -> Entry:
        return sold(debt(charge.account), before, after_it, currency, key=key, kind="debt")

    revise(connection, visit, _lines(connection, visit, charge, now), _cause(charge), book, currency=currency, now=now)
    _close(connection, visit, charge, Happening.CAPTURE_REFUSED, now)


def _cause(charge: Charge) -> Cause:
    return Cause.SETTLED if charge.number == FIRST_REVISION else Cause.REVIEW_CHARGED


def _lines(connection: Connection, visit: Visit, charge: Charge, now: datetime) -> tuple[SettledLine, ...]:
    """The lines with those among them that `charge` pays for: the settlement's, or the one of a review."""
    if visit.state is State.CAPTURING:
        return lines_of(connection, visit.store, visit.visit, FIRST_REVISION)
    if charge.number != FIRST_REVISION and not charge.indebted:
        return conclude_review(connection, visit, charge, now)
    return current_lines(connection, visit)


def _close(connection: Connection, visit: Visit, charge: Charge, happening: Happening, now: datetime) -> None:
    """The first charge settles its visit; what comes of it later changes the settlement's outcome."""
    if charge.number != FIRST_REVISION:
        return
    values: dict[str, object] = {"outcome": "captured" if happening is Happening.CAPTURED else "owed"}
    if visit.state is State.CAPTURING:
        change_visit(connection, visit, state=after(visit.state, happening))
        values["settled_at"] = now
    mine = (settlements.c.store_id == visit.store, settlements.c.visit_id == visit.visit)
    connection.execute(update(settlements).where(*mine).values(**values))
