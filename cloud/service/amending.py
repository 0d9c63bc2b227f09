"""Holding a settled receipt against what was said late of its visit; the rule stands in `cloud.domain.amendment`.

A visit counts what was said late, and how much of that its receipt was held against; where the two differ something is
to be done. What comes later than LATE_WITHIN after the settlement is kept and counted and changes nothing.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from cloud.adapters.database.erasing import is_forgotten
from cloud.adapters.database.refunds import given_back
from cloud.adapters.database.reviews import change_review, open_reviews, reviews_of
from cloud.adapters.database.shop import load_terms
from cloud.adapters.database.tables import settlements
from cloud.adapters.database.visits import Visit, change_visit
from cloud.domain.amendment import Amendment, Given, amendment
from cloud.domain.receipt import Cause
from cloud.domain.review import ReviewState, ReviewStep, review_after
from cloud.domain.settlement import State
from cloud.service.evidencing import fetch_clips
from cloud.service.refunding import Ask, ask_refund
from cloud.service.revising import current_lines, revise
from cloud.service.settling import decided_lines, settled_lines

log = logging.getLogger(__name__)

LATE_WITHIN = timedelta(days=3)
WHO = "late event"
LATE_EVENT = "late_event"
"""The reason of its refunds."""


def amend(connection: Connection, visit: Visit, now: datetime) -> None:
    """Hold the receipt of `visit`, which is settled and locked, against everything that was said of it by now."""
    assert visit.state is State.SETTLED
    change_visit(connection, visit, late_heeded=visit.late_events)
    if is_forgotten(connection, visit.store, visit.visit):
        # What was said of it before is not there any more to be held against.
        return
    mine = (settlements.c.store_id == visit.store, settlements.c.visit_id == visit.visit)
    settled_at = connection.execute(select(settlements.c.settled_at).where(*mine)).scalar()
    ids = {"store": visit.store, "visit": str(visit.visit)}
    if settled_at is None or now - settled_at > LATE_WITHIN:
        log.warning("said too late to change the receipt", extra=ids)
        return
    terms = load_terms(connection, visit.store)
    wanted = settled_lines(decided_lines(connection, visit, terms))
    given = {
        position: Given(qty, otherwise_qty)
        for position, qty, otherwise_qty in given_back(connection, visit.store, visit.visit, LATE_EVENT)
    }
    reviews = reviews_of(connection, visit.store, visit.visit)
    held = [review.position for review in reviews if review.state is ReviewState.CHARGING]
    found = amendment(current_lines(connection, visit), wanted, given, held)
    if found.changes_lines:
        revise(connection, visit, found.lines, Cause.LATE_EVENT, lambda *_: None, currency=terms.currency, now=now)
    for review in reviews:
        if review.position in found.closed:
            state = review_after(review.state, ReviewStep.LAPSED)
            change_review(connection, review, state=state, decided_at=now, decided_by=WHO)
    if found.opened:
        lapses_at = now + terms.review_within
        open_reviews(connection, visit.store, visit.visit, found.opened, now=now, lapses_at=lapses_at)
        fetch_clips(connection, visit.store, visit.visit, by=WHO, now=now)
    if found.give_back:
        ask = Ask(f"late/{visit.late_events}", found.give_back, LATE_EVENT, WHO)
        ask_refund(connection, visit, ask, now)
    log.warning("said late: the receipt was held against it", extra={**ids, **_said(found)})


def _said(found: Amendment) -> dict[str, int]:
    pieces = sum(wish.qty or 0 for wish in found.give_back)
    return {"given_back": pieces, "reviews_opened": len(found.opened), "reviews_closed": len(found.closed)}
