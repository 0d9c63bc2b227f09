"""Doubtful lines that wait for a person, and complaints of shoppers.

    review     what happens     becomes
    open       claimed          claimed     for CLAIM_LASTS; a claim that ran out may be taken over
    claimed    claimed          claimed     by the same person, or by another when it ran out
    claimed    charged          charging    a new charge, with a hold of its own
    claimed    dropped          dropped
    open       lapsed           lapsed      nobody decided in time: dropped, in the shopper's favour
    claimed    lapsed           lapsed
    charging   concluded        charged     paid, or owed

A person may charge beyond what the entry held, as the new charge is held first: that is the one stated exception to
"never more than the hold". They charge at most the pieces that were seen, at the prices of the exit.
"""

from datetime import timedelta
from enum import StrEnum

from cloud.domain.errors import TransitionError

CLAIM_LASTS = timedelta(minutes=15)


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    CHARGING = "charging"
    CHARGED = "charged"
    DROPPED = "dropped"
    LAPSED = "lapsed"


class ReviewStep(StrEnum):
    """What moves a review."""

    CLAIMED = "claimed"
    CHARGED = "charged"
    DROPPED = "dropped"
    LAPSED = "lapsed"
    CONCLUDED = "concluded"


class DisputeState(StrEnum):
    """Where a dispute stands. One that nobody decides in time is upheld: it lapses in the shopper's favour."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"
    LAPSED = "lapsed"


class Complaint(StrEnum):
    """What a shopper says is wrong."""

    NOT_TAKEN = "not_taken"
    PUT_BACK = "put_back"
    WRONG_PRODUCT = "wrong_product"
    WRONG_QUANTITY = "wrong_quantity"
    WRONG_PRICE = "wrong_price"
    FAULTY = "faulty"
    OTHER = "other"


_MOVES: dict[tuple[ReviewState, ReviewStep], ReviewState] = {
    (ReviewState.OPEN, ReviewStep.CLAIMED): ReviewState.CLAIMED,
    (ReviewState.CLAIMED, ReviewStep.CLAIMED): ReviewState.CLAIMED,
    (ReviewState.CLAIMED, ReviewStep.CHARGED): ReviewState.CHARGING,
    (ReviewState.CLAIMED, ReviewStep.DROPPED): ReviewState.DROPPED,
    (ReviewState.OPEN, ReviewStep.LAPSED): ReviewState.LAPSED,
    (ReviewState.CLAIMED, ReviewStep.LAPSED): ReviewState.LAPSED,
    (ReviewState.CHARGING, ReviewStep.CONCLUDED): ReviewState.CHARGED,
}


def review_after(state: ReviewState, step: ReviewStep) -> ReviewState:
    """The state that follows; TransitionError where `step` cannot happen in `state`."""
    following = _MOVES.get((state, step))
    if following is None:
        raise TransitionError(f"a review that is {state} cannot be {step}")
    return following
