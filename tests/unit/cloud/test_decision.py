from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.cart import Cart, CartLine, Surplus
from cloud.domain.decision import Decision, Policy, Promotions, Reason, charge, decide
from cloud.domain.money import Money
from cloud.domain.pricing import Offer
from cloud.domain.promotion import Bundle, Percent, Promotion, TakeAndPay

POLICY = Policy(charge_threshold=0.9, drop_below=0.1)
OFFERS = {"water": Offer("Water", Money(150, "EUR")), "mystery": Offer("Mystery", None)}
HOLD = Money(400, "EUR")


promotions = st.lists(
    st.one_of(
        st.builds(TakeAndPay, st.just("n"), st.just(frozenset({"a", "b"})), st.just(3), st.just(2)),
        st.builds(Bundle, st.just("b"), st.just((("a", 1), ("b", 1))), st.integers(0, 400)),
        st.builds(Percent, st.just("p"), st.just(frozenset({"a"})), st.integers(1, 10_000)),
    ),
    max_size=3,
    unique_by=lambda each: each.id,
)
lines = st.builds(
    CartLine,
    st.sampled_from(["a", "b", "c", None]),
    st.integers(1, 9),
    st.floats(0, 1),
    st.just(()),
)


@given(
    st.lists(lines, max_size=4, unique_by=lambda each: each.sku),
    st.one_of(st.none(), st.integers(0, 2_000)),
    promotions,
    st.booleans(),
)
def test_no_cart_is_ever_charged_beyond_its_hold_or_on_doubt(
    found: list[CartLine], hold_minor: int | None, offered: list[Promotion], member: bool
) -> None:
    offers = {"a": Offer("A", Money(150, "EUR")), "b": Offer("B", Money(249, "EUR"), 1_900), "c": Offer("C", None)}
    hold = None if hold_minor is None else Money(hold_minor, "EUR")
    decided = decide(Cart(tuple(found)), offers, POLICY, hold, Promotions(tuple(offered), member=member))
    assert charge(decided, "EUR").minor <= (hold_minor or 0)
    for each in decided:
        if each.decision is Decision.CHARGE:
            assert each.line.p >= POLICY.charge_threshold
            assert each.amount is not None
            assert each.amount.minor >= 0
    assert [each.line for each in decided] == found


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
