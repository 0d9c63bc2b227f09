"""The lines of a visit with a reviewed one among them, as its charge makes it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from cloud.adapters.database.charges import Charge
from cloud.adapters.database.reviews import Review, change_review, reviews_of
from cloud.adapters.database.visits import Visit
from cloud.domain.decision import Decision, Reason
from cloud.domain.receipt import SettledLine
from cloud.domain.review import ReviewStep, review_after
from cloud.service.revising import current_lines


def conclude_review(connection: Connection, visit: Visit, charge: Charge, now: datetime) -> tuple[SettledLine, ...]:
    """The lines after the review that `charge` pays for, which is concluded by this."""
    lines = current_lines(connection, visit)
    for review in reviews_of(connection, visit.store, visit.visit):
        if review.charge == charge.number:
            state = review_after(review.state, ReviewStep.CONCLUDED)
            change_review(connection, review, state=state, decided_at=now)
            return tuple(charged_line(line, review) if line.position == review.position else line for line in lines)
    return lines


def charged_line(line: SettledLine, review: Review) -> SettledLine:
    """The line as the review decided to charge it."""
    assert review.decided is not None
    return replace(
        line,
        **review.decided,
        decision=Decision.CHARGE,
        reasons=(Reason.CHARGED_BY_REVIEW,),
        charge=review.charge,
    )
