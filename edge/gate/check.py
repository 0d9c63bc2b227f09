"""Whether a token that was shown opens a lane: pure, but for the claim, which comes last.

Checked in this order, so that what is said tells nothing about keys: is it a token at all, is it for this store, is its
seal genuine, is it time, was it used. The gate's clock and the minter's may differ by `SKEW_S` either way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from edge.gate.claims import Claim, Claims
from edge.gate.keys import Checker
from protocol.tokens import Content, Sealed, TokenError, read, store_tag

SKEW_S = 30.0
"""Clocks that NTP keeps differ by milliseconds; a phone or a machine that has just begun, by seconds."""


class Reason(Enum):
    """Why a token does not open a lane, as the operator reads it."""

    MALFORMED = "no token of ours"
    OTHER_STORE = "a token of another store"
    UNKNOWN_KEY = "sealed with a key that this gate does not have"
    FORGED = "its seal is wrong: altered or forged"
    NOT_YET = "not valid yet; is a clock wrong?"
    EXPIRED = "expired"
    USED = "used already"
    UNAVAILABLE = "nobody can say whether it was used: the file of used tokens cannot be written"
    NOT_TRADING = "the store is not trading"
    FULL = "the store is full"
    RESERVED = "only a checked token may carry this name"

    @property
    def ours(self) -> bool:
        """Whether the store, not the shopper, has to do something about it."""
        return self in (Reason.UNKNOWN_KEY, Reason.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Refused:
    """It opens nothing."""

    reason: Reason


def valid(text: str, checker: Checker, now_s: float) -> Content | Refused:
    """What a token says that is genuine and timely at `now_s` (Unix seconds); whether it was used is not asked."""
    try:
        token = read(text)
    except TokenError:
        return Refused(Reason.MALFORMED)
    reason = _wrong_with(token, checker, now_s)
    return token.content if reason is None else Refused(reason)


def _wrong_with(token: Sealed, checker: Checker, now_s: float) -> Reason | None:
    """The first thing that is wrong with it."""
    content = token.content
    faults: tuple[tuple[Reason, Callable[[], bool]], ...] = (
        (Reason.OTHER_STORE, lambda: content.store_tag != store_tag(checker.store)),
        (Reason.UNKNOWN_KEY, lambda: not checker.knows(content)),
        (Reason.FORGED, lambda: not checker.genuine(token)),
        (Reason.NOT_YET, lambda: now_s < content.from_s - SKEW_S),
        (Reason.EXPIRED, lambda: now_s >= content.until_s + SKEW_S),
    )
    return next((reason for reason, wrong in faults if wrong()), None)


def use(content: Content, claims: Claims, now_s: float) -> Content | Refused:
    """Use a valid token: from now on it opens nothing any more."""
    match claims.claim(content.id, content.until_s + SKEW_S, now_s):
        case Claim.GRANTED:
            return content
        case Claim.USED:
            return Refused(Reason.USED)
        case Claim.UNAVAILABLE:
            return Refused(Reason.UNAVAILABLE)
