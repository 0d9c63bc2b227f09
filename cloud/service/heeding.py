"""Doing what gateways' notices ask for.

They may come twice, late and in any order: each is kept once, and one that comes before what it is about waits for it.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from cloud.adapters.database.charges import Charge, change_charge, find_charge
from cloud.adapters.database.ledger import has_entry
from cloud.adapters.database.notices import KeptNotice, heeded
from cloud.adapters.database.tables import payments
from cloud.adapters.database.visits import Visit, find_visit
from cloud.domain.ledger import CHARGEBACKS, moved, source
from cloud.domain.notice import NoticeKind
from cloud.domain.receipt import Cause
from cloud.service.revising import current_lines, revise

log = logging.getLogger(__name__)

WAITS_AT_MOST = timedelta(days=30)
"""How long a chargeback waits for the capture that it is about; after that a person must look."""


def heed(connection: Connection, kept: KeptNotice, now: datetime) -> bool:
    """Do what `kept` asks for; False where it must wait. An answer only wakes the payment, which the caller does."""
    notice = kept.notice
    if notice.kind is NoticeKind.ANSWERED:
        return heeded(connection, kept, now)
    # Some gateways name the capture by what it pays for, others by their own reference of it.
    meant = or_(payments.c.key == notice.key, payments.c.reference == notice.key)
    about = (payments.c.store_id == notice.store, payments.c.kind == "capture", meant)
    payment = connection.execute(select(payments).where(*about)).first()
    if payment is None:
        return _wait(connection, kept, now, "no capture of ours has this key")
    visit = find_visit(connection, notice.store, payment.visit_id, lock=True)
    charge = find_charge(connection, notice.store, payment.visit_id, payment.charge_number or 1, lock=True)
    assert visit is not None
    assert charge is not None
    why = _too_early(connection, kept, charge)
    if why is not None:
        return _wait(connection, kept, now, why)
    if heeded(connection, kept, now):
        _book(connection, kept, visit, charge, now)
    return True


def _taken_key(kept: KeptNotice) -> str:
    return f"{kept.gateway}/{kept.notice.reference}/chargeback"


def _too_early(connection: Connection, kept: KeptNotice, charge: Charge) -> str | None:
    if kept.notice.key not in {charge.capture_key, charge.capture_reference}:
        return "the capture is not concluded"
    reversal = kept.notice.kind is NoticeKind.CHARGE_BACK_REVERSED
    if reversal and not has_entry(connection, kept.notice.store, _taken_key(kept)):
        return "the chargeback itself has not come"
    return None


def _book(connection: Connection, kept: KeptNotice, visit: Visit, charge: Charge, now: datetime) -> None:
    notice = kept.notice
    reversal = notice.kind is NoticeKind.CHARGE_BACK_REVERSED
    key = f"{kept.gateway}/{notice.reference}/reversed" if reversal else _taken_key(kept)
    if has_entry(connection, notice.store, key):
        # The same chargeback under another notice's id.
        return
    paid_by = source(charge.gateway, charge.account)
    debit, credit = (paid_by, CHARGEBACKS) if reversal else (CHARGEBACKS, paid_by)
    kind = "chargeback_won" if reversal else "chargeback"
    entry = moved(debit, credit, notice.amount, key=key, kind=kind)
    change = -notice.amount.minor if reversal else notice.amount.minor
    change_charge(connection, charge, charged_back_minor=charge.charged_back_minor + change)
    lines, currency = current_lines(connection, visit), notice.amount.currency
    revise(connection, visit, lines, Cause.CHARGED_BACK, lambda *_: entry, currency=currency, now=now)
    log.warning(
        "a chargeback was reversed" if reversal else "a charge was taken back by the shopper's bank",
        extra={"store": notice.store, "visit": str(visit.visit), "amount_minor": notice.amount.minor},
    )


def _wait(connection: Connection, kept: KeptNotice, now: datetime, why: str) -> bool:
    if now - kept.received_at < WAITS_AT_MOST:
        return False
    log.error("a notice cannot be heeded", extra={"gateway": kept.gateway, "notice": kept.notice.id, "why": why})
    return heeded(connection, kept, now, failed=why)
