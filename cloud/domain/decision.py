"""What becomes of each line of a cart: charge it, have a person review it, or drop it.

A line is charged only if nothing speaks against it. In this order:

    no hold stands behind the visit                       review  no_hold
    nobody enrolled the product, or the store lacks it    review  unknown_product
    no price was in force                                 review  no_price
    something unexplained was put back                    review  unmatched_put_back
    p < policy.drop_below                                 drop    too_unlikely
    p < policy.charge_threshold                           review  below_threshold
    it would take the charge beyond the hold              review  over_hold
    else                                                  charge

All reasons that apply are kept. A charge never exceeds its hold: lines are admitted in the cart's order while they
fit, whole lines only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cloud.domain.cart import Cart, CartLine
from cloud.domain.money import Money, total
from cloud.domain.pricing import Offer


class Decision(StrEnum):
    """What becomes of a line."""

    CHARGE = "charge"
    REVIEW = "review"
    DROP = "drop"


class Reason(StrEnum):
    """What speaks against charging a line."""

    NO_HOLD = "no_hold"
    UNKNOWN_PRODUCT = "unknown_product"
    NO_PRICE = "no_price"
    UNMATCHED_PUT_BACK = "unmatched_put_back"
    TOO_UNLIKELY = "too_unlikely"
    BELOW_THRESHOLD = "below_threshold"
    OVER_HOLD = "over_hold"
    CAPTURE_REFUSED = "capture_refused"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the store decides by; probabilities from 0 to 1."""

    charge_threshold: float
    drop_below: float = 0.0


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A cart line, what a piece costs, and what becomes of it."""

    line: CartLine
    offer: Offer | None
    decision: Decision
    reasons: tuple[Reason, ...] = ()

    @property
    def amount(self) -> Money | None:
        """What the whole line costs, where a price was in force."""
        return self.offer.unit * self.line.qty if self.offer and self.offer.unit else None


def decide(cart: Cart, offers: Mapping[str, Offer], policy: Policy, hold: Money | None) -> tuple[DecidedLine, ...]:
    """What becomes of each line of `cart`, in its order; `hold` is what may be charged at most (None: no hold)."""
    decided: list[DecidedLine] = []
    left = hold
    for line in cart.lines:
        offer = offers.get(line.sku) if line.sku is not None else None
        reasons = _against(line, offer, policy, unmatched=bool(cart.surplus), held=hold is not None)
        candidate = DecidedLine(line, offer, _decision(reasons), reasons)
        if candidate.decision is Decision.CHARGE:
            assert left is not None
            assert candidate.amount is not None
            if candidate.amount <= left:
                left = left - candidate.amount
            else:
                candidate = DecidedLine(line, offer, Decision.REVIEW, (Reason.OVER_HOLD,))
        decided.append(candidate)
    return tuple(decided)


def _against(line: CartLine, offer: Offer | None, policy: Policy, *, unmatched: bool, held: bool) -> tuple[Reason, ...]:
    checks = (
        (not held, Reason.NO_HOLD),
        (offer is None, Reason.UNKNOWN_PRODUCT),
        (offer is not None and offer.unit is None, Reason.NO_PRICE),
        (unmatched, Reason.UNMATCHED_PUT_BACK),
        (line.p < policy.drop_below, Reason.TOO_UNLIKELY),
        (line.p < policy.charge_threshold, Reason.BELOW_THRESHOLD),
    )
    return tuple(reason for applies, reason in checks if applies)


def _decision(reasons: tuple[Reason, ...]) -> Decision:
    if not reasons:
        return Decision.CHARGE
    return Decision.DROP if Reason.TOO_UNLIKELY in reasons else Decision.REVIEW


def charge(lines: tuple[DecidedLine, ...], currency: str) -> Money:
    """The sum of the lines that are charged."""
    amounts = (line.amount for line in lines if line.decision is Decision.CHARGE)
    return total((amount for amount in amounts if amount is not None), currency)
