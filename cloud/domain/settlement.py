"""How a visit becomes a charge: its states, what moves it, and when its cart may be settled.

Theory of operation. Events come in any order, so a visit exists from the first thing that is said of it. Each call to
the payment gateway is an intent that is committed first (opening, capturing, releasing), then made under a key derived
from what it pays for, then its result is committed; a crash in between repeats the call, and the key makes the
repetition harmless. A visit settles once because `settled` has no way out.

    state       what happens       becomes     what is done
    awaited     entered            opening     the intent of a hold is committed
    awaited     nobody_entered     refused     (its exit is over, and no entry came)
    opening     held               open
    opening     hold_refused       refused     with the reason; its lines go to review
    open        exited             exited
    open        never_left         releasing   the time limit passed without an exit: all lines go to review
    exited      chargeable         capturing   lines are decided, the intent of a capture is committed
    exited      nothing_due        releasing   lines are decided, the intent of a release is committed
    capturing   captured           settled     ledger entry and receipt
    capturing   capture_refused    settled     ledger entry of a debt, and receipt; see `charging`
    releasing   released           settled     an empty receipt
    any         entered, exited    as it was   where not named above

An exit that is said before the entry is noted, and counts as soon as the hold stands. An entry or exit that is said
again changes nothing. The carts of `awaited` and `refused` visits are never charged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cloud.domain.errors import TransitionError
from cloud.domain.progress import Gap, Progress

MISSING_MAX = 100
"""Ranges of missing numbers that a settlement names; more tell nobody anything."""


class State(StrEnum):
    """Where a visit stands."""

    AWAITED = "awaited"
    OPENING = "opening"
    OPEN = "open"
    EXITED = "exited"
    CAPTURING = "capturing"
    RELEASING = "releasing"
    SETTLED = "settled"
    REFUSED = "refused"


class Happening(StrEnum):
    """What moves a visit."""

    ENTERED = "entered"
    HELD = "held"
    HOLD_REFUSED = "hold_refused"
    EXITED = "exited"
    NOBODY_ENTERED = "nobody_entered"
    NEVER_LEFT = "never_left"
    CHARGEABLE = "chargeable"
    NOTHING_DUE = "nothing_due"
    CAPTURED = "captured"
    CAPTURE_REFUSED = "capture_refused"
    RELEASED = "released"


CLOSED = frozenset({State.CAPTURING, State.RELEASING, State.SETTLED})
"""States whose cart is decided: what is said of it now is late."""

_MOVES: dict[tuple[State, Happening], State] = {
    (State.AWAITED, Happening.ENTERED): State.OPENING,
    (State.AWAITED, Happening.NOBODY_ENTERED): State.REFUSED,
    (State.OPENING, Happening.HELD): State.OPEN,
    (State.OPENING, Happening.HOLD_REFUSED): State.REFUSED,
    (State.OPEN, Happening.EXITED): State.EXITED,
    (State.OPEN, Happening.NEVER_LEFT): State.RELEASING,
    (State.EXITED, Happening.CHARGEABLE): State.CAPTURING,
    (State.EXITED, Happening.NOTHING_DUE): State.RELEASING,
    (State.CAPTURING, Happening.CAPTURED): State.SETTLED,
    (State.CAPTURING, Happening.CAPTURE_REFUSED): State.SETTLED,
    (State.RELEASING, Happening.RELEASED): State.SETTLED,
}
_REPEATABLE = frozenset({Happening.ENTERED, Happening.EXITED})


def after(state: State, happening: Happening) -> State:
    """The state that follows; TransitionError where `happening` cannot happen in `state`."""
    following = _MOVES.get((state, happening))
    if following is not None:
        return following
    if happening in _REPEATABLE:
        return state
    raise TransitionError(f"a visit that is {state} cannot have {happening} happen to it")


@dataclass(frozen=True, slots=True)
class Exit:
    """The exit that a visit waits behind: which event of which device said it, when it was and when we received it."""

    device: str
    epoch: int
    seq: int
    ts: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a visit may settle now.

    `horizon` is the last event of the hub's that can concern the visit, once the watermark has told it. `missing` are
    the numbers of events that should have come and did not.
    """

    settle: bool
    complete: bool
    horizon: int | None
    missing: tuple[Gap, ...] = ()


def readiness(
    leaving: Exit,
    horizon: int | None,
    hub: Mapping[int, Progress],
    gaps: Sequence[Gap],
    *,
    entered: datetime | None,
    now: datetime,
    settle_within_s: float,
) -> Readiness:
    """Whether the visit that ended with `leaving` may settle at `now`.

    It may when the hub has observed past the exit and nothing up to what it then had on disk is missing, or when
    `settle_within_s` have passed since the exit was received. Where nobody `entered` only the time limit counts:
    another device may have said the entry. `hub` has the progress of the hub's epochs; those that
    were observing during the visit count. `gaps` are holes that opened in the meantime and can no longer be filled:
    they are not waited for, but the settlement is not complete.
    """
    current = hub.get(leaving.epoch)
    if horizon is None and current and current.observed_until and current.observed_until > leaving.ts:
        horizon = max(current.last_seq, leaving.seq)
    missing: list[Gap] = []
    for epoch, progress in sorted(hub.items()):
        if epoch == leaving.epoch:
            up_to = horizon if horizon is not None else max(progress.last_seq, leaving.seq)
        elif entered and progress.observed_until and progress.observed_until >= entered and epoch < leaving.epoch:
            up_to = progress.last_seq
        else:
            continue
        missing += (Gap(epoch, first, last) for first, last in progress.missing(up_to))
    seen_all = horizon is not None and not missing
    expired = now - leaving.received_at >= timedelta(seconds=settle_within_s)
    return Readiness(
        settle=expired or (seen_all and entered is not None),
        complete=seen_all and not gaps,
        horizon=horizon,
        missing=(*gaps, *missing)[:MISSING_MAX],
    )
