"""Holding money for many entries in one transaction, where the money is in our own database.

As in `settling_together`: a hold in the embedded wallet, its answer and what that does to the visit are one transaction
for up to so many visits. What is not the first hold of an entry, or is wrong in any way, goes the way of `paying`.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from cloud.adapters.database.payments import Payment, conclude_all, pending_among
from cloud.adapters.database.visits import Visit, change_visits, lock_visits
from cloud.adapters.gateways.wallet import Holding, hold_all
from cloud.domain.ledger import WALLET
from cloud.domain.payment import Declined, Outcome
from cloud.domain.settlement import Happening, State, after
from cloud.observing.gateway_calls import counted_together
from cloud.service.admitting import answer_lanes


def may_be_held_together(payment: Payment) -> bool:
    """Whether it is the hold of an entry, by the embedded wallet."""
    return payment.kind == "hold" and payment.charge is None and payment.gateway == WALLET


def hold_together(connection: Connection, seen: Iterable[Payment], now: datetime) -> int:
    """Make those of the payments that are still to be made, and let each answer have its effect; how many."""
    by_visit = {(payment.store, payment.visit): payment for payment in seen}
    found = lock_visits(connection, by_visit, skip=True)
    opening = [key for key, visit in found.items() if visit.state is State.OPENING]
    pending = pending_among(connection, [(key[0], by_visit[key].key) for key in opening])
    due = [by_visit[key] for key in sorted(opening) if (key[0], by_visit[key].key) in pending]
    if not due:
        return 0
    with counted_together(WALLET, ["hold"] * len(due)):
        outcomes = hold_all(connection, [Holding(each.store, each.subject, each.amount, each.key) for each in due], now)
    answered = list(zip(due, outcomes, strict=True))
    conclude_all(connection, answered, now)
    told_of = [(found[payment.store, payment.visit], outcome) for payment, outcome in answered]
    change_visits(connection, [(visit, _becomes(visit, outcome)) for visit, outcome in told_of])
    refused = [outcome.reason if isinstance(outcome, Declined) else None for outcome in outcomes]
    whose = [visit for visit, _ in told_of]
    answer_lanes(connection, [(v, v.entered_at, why) for v, why in zip(whose, refused, strict=True)], now)
    return len(due)


def _becomes(visit: Visit, outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Declined):
        return {"state": after(visit.state, Happening.HOLD_REFUSED), "refused_reason": outcome.reason}
    state = after(visit.state, Happening.HELD)
    return {"state": after(state, Happening.EXITED) if visit.leaving else state, "refused_reason": None}
