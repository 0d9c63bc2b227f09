"""How a charge is paid, and what happens where it is not.

Theory of operation. A charge is a sum that a visit owes: the first is the settlement's, further ones come from lines
that a person decided on later. It is paid by capturing a hold. The first charge has the hold of the entry; where that
has lapsed, and for every other charge, a hold of exactly the charge's amount is taken first. Each hold has the next
number of its visit and is captured or released once under the same number, so no step can be done twice.

Where no money comes the charge is owed: a debt on the books. It is tried again RETRY_AFTER the first, second, …
refusal, and at once when the shopper tops up or names another way to pay. While anything is owed the account enters
nowhere in the store. After the last retry it stays owed until one of the two happens or the shop writes it off.

    state       what happens        becomes      what is done
    holding     held                capturing    the intent of a capture is committed
    holding     hold_refused        owed
    capturing   captured            captured     ledger entry and receipt
    capturing   hold_lapsed         holding      another hold is taken, once
    capturing   capture_refused     owed
    owed        retried             holding      another hold is taken
    owed        forgiven            cleared      refunds took away all that was owed
    owed        written_off         written_off
"""

from datetime import datetime, timedelta
from enum import StrEnum

from cloud.domain.errors import TransitionError

RETRY_AFTER = (timedelta(hours=1), timedelta(days=1), timedelta(days=3), timedelta(days=7))


class ChargeState(StrEnum):
    """Where a charge stands."""

    HOLDING = "holding"
    CAPTURING = "capturing"
    CAPTURED = "captured"
    OWED = "owed"
    CLEARED = "cleared"
    WRITTEN_OFF = "written_off"


class Progress(StrEnum):
    """What moves a charge."""

    HELD = "held"
    HOLD_REFUSED = "hold_refused"
    CAPTURED = "captured"
    HOLD_LAPSED = "hold_lapsed"
    CAPTURE_REFUSED = "capture_refused"
    RETRIED = "retried"
    FORGIVEN = "forgiven"
    WRITTEN_OFF = "written_off"


_MOVES: dict[tuple[ChargeState, Progress], ChargeState] = {
    (ChargeState.HOLDING, Progress.HELD): ChargeState.CAPTURING,
    (ChargeState.HOLDING, Progress.HOLD_REFUSED): ChargeState.OWED,
    (ChargeState.CAPTURING, Progress.CAPTURED): ChargeState.CAPTURED,
    (ChargeState.CAPTURING, Progress.HOLD_LAPSED): ChargeState.HOLDING,
    (ChargeState.CAPTURING, Progress.CAPTURE_REFUSED): ChargeState.OWED,
    (ChargeState.OWED, Progress.RETRIED): ChargeState.HOLDING,
    (ChargeState.OWED, Progress.FORGIVEN): ChargeState.CLEARED,
    (ChargeState.OWED, Progress.WRITTEN_OFF): ChargeState.WRITTEN_OFF,
}


def charge_after(state: ChargeState, progress: Progress) -> ChargeState:
    """The state that follows; TransitionError where `progress` cannot happen in `state`."""
    following = _MOVES.get((state, progress))
    if following is None:
        raise TransitionError(f"a charge that is {state} cannot have {progress} happen to it")
    return following


def next_attempt(refusals: int, now: datetime) -> datetime | None:
    """When to try again after the `refusals`th refusal (from 1); None: not by itself any more."""
    assert refusals >= 1
    return now + RETRY_AFTER[refusals - 1] if refusals <= len(RETRY_AFTER) else None
