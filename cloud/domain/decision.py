"""What becomes of each line of a cart: charge it, have a person review it, or drop it.

A line is charged only if nothing speaks against it. In this order:

    no hold stands behind the visit                       review  no_hold
    nobody enrolled the product, or the store lacks it    review  unknown_product
    no price was in force                                 review  no_price
    no rate was in force for its tax category             review  no_tax_rate
    something unexplained was put back                    review  unmatched_put_back
    p < policy.drop_below                                 drop    too_unlikely
    p < policy.charge_threshold                           review  below_threshold
    it would take the charge beyond the hold              review  over_hold
    else                                                  charge

All reasons that apply are kept. Promotions are applied to the lines that are charged, the best combination for the
shopper. A charge never exceeds its hold: if everything together does not fit, lines are admitted in the cart's order
while they fit, whole lines only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cloud.domain.cart import Cart, CartLine
from cloud.domain.money import Money, total
from cloud.domain.pricing import Offer
from cloud.domain.promotion import NOTHING_OFF, Discounts, Promotion, best_discounts


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
    NO_TAX_RATE = "no_tax_rate"
    UNMATCHED_PUT_BACK = "unmatched_put_back"
    TOO_UNLIKELY = "too_unlikely"
    BELOW_THRESHOLD = "below_threshold"
    OVER_HOLD = "over_hold"
    CAPTURE_REFUSED = "capture_refused"
    NO_EXIT = "no_exit"
    CHARGED_BY_REVIEW = "charged_by_review"
    DROPPED_BY_REVIEW = "dropped_by_review"
    REVIEW_LAPSED = "review_lapsed"
    LATE_EVENT = "late_event"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the store decides by; probabilities from 0 to 1."""

    charge_threshold: float
    drop_below: float = 0.0


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A cart line, what a piece costs, what promotions take off the line, and what becomes of it."""

    line: CartLine
    offer: Offer | None
    decision: Decision
    reasons: tuple[Reason, ...] = ()
    discount_minor: int = 0
    promotions: tuple[str, ...] = ()

    @property
    def list_price(self) -> Money | None:
        """What the whole line costs without promotions, where a price was in force."""
        return self.offer.unit * self.line.qty if self.offer and self.offer.unit else None

    @property
    def amount(self) -> Money | None:
        """What the whole line costs, where a price was in force."""
        full = self.list_price
        return full - Money(self.discount_minor, full.currency) if full else None


@dataclass(frozen=True, slots=True)
class Promotions:
    """The promotions in force, and whether the shopper is a member."""

    in_force: tuple[Promotion, ...] = ()
    member: bool = False


NO_PROMOTIONS = Promotions()


def decide(
    cart: Cart,
    offers: Mapping[str, Offer],
    policy: Policy,
    hold: Money | None,
    promotions: Promotions = NO_PROMOTIONS,
) -> tuple[DecidedLine, ...]:
    """What becomes of each line of `cart`, in its order; `hold` is what may be charged at most (None: no hold)."""
    decided: list[DecidedLine] = []
    for line in cart.lines:
        offer = offers.get(line.sku) if line.sku is not None else None
        reasons = _against(line, offer, policy, unmatched=bool(cart.surplus), held=hold is not None)
        decided.append(DecidedLine(line, offer, _decision(reasons), reasons))
    wanted = [line for line in decided if line.decision is Decision.CHARGE]
    if not wanted:
        return tuple(decided)
    assert hold is not None
    admitted = _fitting(wanted, hold, promotions)
    discounts = discounts_on(admitted, promotions)
    if len(admitted) == len(wanted) and not discounts.applied:
        return tuple(decided)
    return tuple(_admitted(line, admitted, discounts) for line in decided)


def discounts_on(lines: Iterable[DecidedLine], promotions: Promotions) -> Discounts:
    """The best combination of promotions on `lines`, each of which has a price."""
    if not promotions.in_force:
        return NOTHING_OFF
    units: dict[str, int] = {}
    qty: dict[str, int] = {}
    for each in lines:
        assert each.line.sku is not None
        assert each.offer is not None
        assert each.offer.unit is not None
        units[each.line.sku] = each.offer.unit.minor
        qty[each.line.sku] = qty.get(each.line.sku, 0) + each.line.qty
    return best_discounts(units, qty, promotions.in_force, member=promotions.member)


def _fitting(wanted: Sequence[DecidedLine], hold: Money, promotions: Promotions) -> list[DecidedLine]:
    if _cost_minor(wanted, promotions) <= hold.minor:
        return list(wanted)
    admitted: list[DecidedLine] = []
    for line in wanted:
        if _cost_minor([*admitted, line], promotions) <= hold.minor:
            admitted.append(line)
    return admitted


def _cost_minor(lines: Sequence[DecidedLine], promotions: Promotions) -> int:
    full = sum(line.list_price.minor for line in lines if line.list_price is not None)
    return full - sum(discounts_on(lines, promotions).off_minor.values())


def _admitted(line: DecidedLine, admitted: Sequence[DecidedLine], discounts: Discounts) -> DecidedLine:
    if line.decision is not Decision.CHARGE:
        return line
    if line not in admitted:
        return replace(line, decision=Decision.REVIEW, reasons=(Reason.OVER_HOLD,))
    assert line.line.sku is not None
    off = discounts.off_minor.get(line.line.sku, 0)
    return replace(line, discount_minor=off, promotions=discounts.promotions_of(line.line.sku))


def _against(line: CartLine, offer: Offer | None, policy: Policy, *, unmatched: bool, held: bool) -> tuple[Reason, ...]:
    checks = (
        (not held, Reason.NO_HOLD),
        (offer is None, Reason.UNKNOWN_PRODUCT),
        (offer is not None and offer.unit is None, Reason.NO_PRICE),
        (offer is not None and offer.tax_missing, Reason.NO_TAX_RATE),
        (unmatched, Reason.UNMATCHED_PUT_BACK),
        (line.p < policy.drop_below, Reason.TOO_UNLIKELY),
        (line.p < policy.charge_threshold, Reason.BELOW_THRESHOLD),
    )
    return tuple(reason for applies, reason in checks if applies)


def _decision(reasons: tuple[Reason, ...]) -> Decision:
    if not reasons:
        return Decision.CHARGE
    return Decision.DROP if Reason.TOO_UNLIKELY in reasons else Decision.REVIEW


def charge(lines: Iterable[DecidedLine], currency: str) -> Money:
    """The sum of the lines that are charged."""
    amounts = (line.amount for line in lines if line.decision is Decision.CHARGE)
    return total((amount for amount in amounts if amount is not None), currency)
