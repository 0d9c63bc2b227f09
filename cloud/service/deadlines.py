"""What happens because time has passed.

Visits that never ended, holds about to lapse, debts to be tried again, reviews and disputes that nobody decided, clips
whose time is over, visits that the store keeps no longer.
"""

from datetime import datetime

from cloud.adapters.database.charges import due_charges, find_charge
from cloud.adapters.database.engine import Database
from cloud.adapters.database.payments import expiring_holds
from cloud.adapters.database.refunds import find_dispute, lapsing_disputes
from cloud.adapters.database.reviews import lapsing_visits
from cloud.adapters.database.visits import find_visit, overdue_visits
from cloud.domain.charging import ChargeState, Progress
from cloud.domain.review import DisputeState
from cloud.domain.settlement import State
from cloud.service.charging import hold_for
from cloud.service.disputing import uphold
from cloud.service.erasing import keep_policies
from cloud.service.evidencing import expire_clips
from cloud.service.paying import RETAKE_BEFORE, retake_hold
from cloud.service.reviewing import lapse
from cloud.service.settling import settle_without_exit

NOBODY = "time limit"
"""Who decides what nobody decided."""

EACH_MAX = 100
"""Of each kind at a time; what is left is found the next time."""


def meet_deadlines(database: Database, now: datetime) -> bool:
    """Do all that is due at `now`; whether anything was."""
    each = (
        _end_overdue_visits,
        _retake_holds,
        _try_debts,
        _lapse_reviews,
        _lapse_disputes,
        expire_clips,
        keep_policies,
    )
    # All of them, whatever the first ones found.
    return sum(meet(database, now) for meet in each) > 0


def _end_overdue_visits(database: Database, now: datetime) -> bool:
    with database.read() as connection:
        overdue = overdue_visits(connection, now, EACH_MAX)
    for seen in overdue:
        with database.write() as connection:
            visit = find_visit(connection, seen.store, seen.visit, lock=True)
            assert visit is not None
            if visit.state is State.OPEN:
                settle_without_exit(connection, visit, now)
    return bool(overdue)


def _retake_holds(database: Database, now: datetime) -> bool:
    with database.read() as connection:
        lapsing = expiring_holds(connection, now + RETAKE_BEFORE, EACH_MAX)
    for store, visit_id in lapsing:
        with database.write() as connection:
            retake_hold(connection, store, visit_id, now)
    return bool(lapsing)


def _try_debts(database: Database, now: datetime) -> bool:
    with database.read() as connection:
        due = due_charges(connection, now, EACH_MAX)
    for seen in due:
        with database.write() as connection:
            find_visit(connection, seen.store, seen.visit, lock=True)
            charge = find_charge(connection, seen.store, seen.visit, seen.number, lock=True)
            assert charge is not None
            if charge.state is ChargeState.OWED:
                hold_for(connection, charge, Progress.RETRIED, now)
    return bool(due)


def _lapse_reviews(database: Database, now: datetime) -> bool:
    with database.read() as connection:
        due = lapsing_visits(connection, now, EACH_MAX)
    for store, visit_id in due:
        with database.write() as connection:
            visit = find_visit(connection, store, visit_id, lock=True)
            assert visit is not None
            lapse(connection, visit, now)
    return bool(due)


def _lapse_disputes(database: Database, now: datetime) -> bool:
    with database.read() as connection:
        due = lapsing_disputes(connection, now, EACH_MAX)
    for seen in due:
        with database.write() as connection:
            visit = find_visit(connection, seen.store, seen.visit, lock=True)
            dispute = find_dispute(connection, seen.store, seen.dispute)
            assert visit is not None
            assert dispute is not None
            if dispute.state is DisputeState.OPEN:
                uphold(connection, visit, dispute, DisputeState.LAPSED, by=NOBODY, note=None, now=now)
    return bool(due)
