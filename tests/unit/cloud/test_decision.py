from uuid import UUID

import pytest

from cloud.domain.cart import Cart, CartLine, Surplus
from cloud.domain.decision import Decision, Policy, Reason, charge, decide
from cloud.domain.money import Money
from cloud.domain.pricing import Offer

POLICY = Policy(charge_threshold=0.9, drop_below=0.1)
OFFERS = {"water": Offer("Water", Money(150, "EUR")), "mystery": Offer("Mystery", None)}
HOLD = Money(400, "EUR")


def line(sku: str | None = "water", qty: int = 1, p: float = 0.95) -> CartLine:
    return CartLine(sku, qty, p, (UUID(int=1),))


@pytest.mark.parametrize(
    ("cart", "hold", "expected"),
    [
        (Cart((line(),)), HOLD, [(Decision.CHARGE, ())]),
        (Cart((line(p=0.9),)), HOLD, [(Decision.CHARGE, ())]),
        (Cart((line(p=0.899),)), HOLD, [(Decision.REVIEW, (Reason.BELOW_THRESHOLD,))]),
        (Cart((line(p=0.05),)), HOLD, [(Decision.DROP, (Reason.TOO_UNLIKELY, Reason.BELOW_THRESHOLD))]),
        (Cart((line(None),)), HOLD, [(Decision.REVIEW, (Reason.UNKNOWN_PRODUCT,))]),
        (Cart((line("unheard-of"),)), HOLD, [(Decision.REVIEW, (Reason.UNKNOWN_PRODUCT,))]),
        (Cart((line("mystery"),)), HOLD, [(Decision.REVIEW, (Reason.NO_PRICE,))]),
        (Cart((line(),)), None, [(Decision.REVIEW, (Reason.NO_HOLD,))]),
        (Cart((line(),), (Surplus("bread", 1),)), HOLD, [(Decision.REVIEW, (Reason.UNMATCHED_PUT_BACK,))]),
        (Cart((line(qty=2),)), Money(300, "EUR"), [(Decision.CHARGE, ())]),
        (Cart((line(qty=3),)), HOLD, [(Decision.REVIEW, (Reason.OVER_HOLD,))]),
        (
            Cart((line(qty=2), line(qty=1))),
            HOLD,
            [(Decision.CHARGE, ()), (Decision.REVIEW, (Reason.OVER_HOLD,))],
        ),
    ],
)
def test_decision(cart: Cart, hold: Money | None, expected: list[tuple[Decision, tuple[Reason, ...]]]) -> None:
    decided = decide(cart, OFFERS, POLICY, hold)
    assert [(each.decision, each.reasons) for each in decided] == expected
    assert charge(decided, "EUR").minor <= (hold.minor if hold else 0)
