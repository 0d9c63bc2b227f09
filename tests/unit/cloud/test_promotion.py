"""Promotions: the best combination for the shopper, whatever the order they are given in."""

from collections.abc import Mapping
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.domain.promotion import Bundle, FixedPrice, Percent, Promotion, TakeAndPay, best_discounts

UNITS = {"a": 300, "b": 200, "c": 101}
WATER = frozenset({"a"})
BOTH = frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("qty", "promotions", "off"),
    [
        pytest.param({"a": 1}, [], {}, id="none"),
        pytest.param({"a": 7}, [TakeAndPay("p", WATER, 3, 2)], {"a": 600}, id="seven at three for two: two are free"),
        pytest.param({"a": 2}, [TakeAndPay("p", WATER, 3, 2)], {}, id="two are not three"),
        pytest.param(
            {"a": 2, "b": 1}, [TakeAndPay("p", BOTH, 3, 2)], {"a": 150, "b": 50}, id="mixed: the cheapest is free"
        ),
        pytest.param({"a": 2}, [Percent("p", WATER, 1_000)], {"a": 60}, id="ten percent off"),
        pytest.param({"c": 1}, [Percent("p", frozenset("c"), 1_000)], {"c": 11}, id="rounded up for the shopper"),
        pytest.param({"a": 2}, [FixedPrice("p", WATER, 250)], {"a": 100}, id="a lower price"),
        pytest.param({"a": 2}, [FixedPrice("p", WATER, 350)], {}, id="never a higher price"),
        pytest.param({"a": 1, "b": 1}, [Bundle("p", (("a", 1), ("b", 1)), 400)], {"a": 60, "b": 40}, id="a bundle"),
        pytest.param({"a": 1}, [Bundle("p", (("a", 1), ("b", 1)), 400)], {}, id="half a bundle is none"),
        pytest.param(
            {"a": 3}, [TakeAndPay("n", WATER, 3, 2), Percent("p", WATER, 5_000)], {"a": 450}, id="the better of two"
        ),
        pytest.param(
            {"a": 4}, [TakeAndPay("n", WATER, 3, 2), Percent("p", WATER, 1_000)], {"a": 330}, id="each piece once"
        ),
        pytest.param(
            {"a": 1, "b": 2, "c": 1},
            [Bundle("ab", (("a", 1), ("b", 1)), 350), Bundle("bc", (("b", 1), ("c", 1)), 101)],
            {"a": 90, "b": 193, "c": 67},
            id="two bundles share a product",
        ),
    ],
)
def test_best_discounts(qty: dict[str, int], promotions: list[Promotion], off: dict[str, int]) -> None:
    assert best_discounts(UNITS, qty, promotions, member=False).off_minor == off


def test_a_member_price_is_for_members() -> None:
    promotions = [FixedPrice("club", WATER, 200, members_only=True)]
    assert best_discounts(UNITS, {"a": 1}, promotions, member=False).off_minor == {}
    assert best_discounts(UNITS, {"a": 1}, promotions, member=True).off_minor == {"a": 100}


def test_a_cart_beyond_all_bounds_is_priced_in_bounded_work() -> None:
    many = {f"s{number}": 100 + number for number in range(30)}
    tie = TakeAndPay("n", frozenset(many), 6, 5)
    found = best_discounts(many, dict.fromkeys(many, 400), [tie], member=False)
    assert len(found.applied) == 30 * 400 // 6
    assert sum(found.off_minor.values()) == sum(each.off_minor for each in found.applied)


skus = st.frozensets(st.sampled_from("abc"), min_size=1)
kinds = st.one_of(
    st.builds(Percent, st.just("p1"), skus, st.integers(1, 10_000)),
    st.builds(FixedPrice, st.just("p2"), skus, st.integers(0, 400)),
    st.builds(TakeAndPay, st.just("p3"), skus, st.integers(2, 3), st.just(1)),
    st.builds(
        Bundle,
        st.just("p4"),
        st.dictionaries(st.sampled_from("abc"), st.integers(1, 2), min_size=1).map(
            lambda it: tuple(sorted(it.items()))
        ),
        st.integers(0, 700),
    ),
)
offers = st.lists(kinds, max_size=3, unique_by=lambda each: each.id)
carts = st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=1)


def off_one_group(group: tuple[str, ...], promotions: list[Promotion]) -> int:
    """What the best single promotion takes off exactly these pieces."""
    best = 0
    costs = sorted(UNITS[sku] for sku in group)
    for each in promotions:
        match each:
            case Percent() if len(group) == 1 and group[0] in each.skus:
                best = max(best, -(-costs[0] * each.off_bps // 10_000))
            case FixedPrice() if len(group) == 1 and group[0] in each.skus:
                best = max(best, costs[0] - each.amount_minor)
            case TakeAndPay() if len(group) == each.take and set(group) <= each.skus:
                best = max(best, sum(costs[: each.take - each.pay]))
            case Bundle() if sorted(group) == sorted(sku for sku, count in each.pieces for _ in range(count)):
                best = max(best, sum(costs) - each.amount_minor)
            case _:
                pass
    return best


def brute_force(pieces: tuple[str, ...], promotions: list[Promotion]) -> int:
    """The best over every way to split the pieces into groups."""
    if not pieces:
        return 0
    first, rest = pieces[0], pieces[1:]
    best = 0
    for size in range(len(rest) + 1):
        for others in {tuple(rest[place] for place in chosen) for chosen in combinations(range(len(rest)), size)}:
            left = list(rest)
            for sku in others:
                left.remove(sku)
            here = off_one_group((first, *others), promotions)
            if here or not others:
                best = max(best, here + brute_force(tuple(left), promotions))
    return best


@settings(deadline=None, max_examples=150)
@given(carts, offers, st.randoms())
def test_nothing_is_better_for_the_shopper_and_the_order_does_not_matter(
    qty: dict[str, int], promotions: list[Promotion], chance: object
) -> None:
    found = best_discounts(UNITS, qty, promotions, member=False)
    assert best_discounts(UNITS, qty, promotions[::-1], member=False) == found
    pieces = tuple(sku for sku in sorted(qty) for _ in range(qty[sku]))
    if len(pieces) <= 7:
        assert sum(found.off_minor.values()) == brute_force(pieces, promotions)
    assert all(0 <= off <= UNITS[sku] * qty[sku] for sku, off in found.off_minor.items())
    assert used_at_most(found.applied, qty)


def used_at_most(applied: object, qty: Mapping[str, int]) -> bool:
    used = dict.fromkeys(qty, 0)
    for each in applied:  # type: ignore[attr-defined]  # a tuple of Applied
        for sku, count in each.pieces:
            used[sku] += count
    return all(used[sku] <= qty[sku] for sku in qty)


def test_every_small_cart_of_two_ties_is_priced_exactly() -> None:
    promotions: list[Promotion] = [TakeAndPay("n", BOTH, 3, 2), Bundle("b", (("b", 1), ("c", 1)), 150)]
    for counts in product(range(3), repeat=3):
        qty = {sku: count for sku, count in zip("abc", counts, strict=True) if count}
        if qty:
            pieces = tuple(sku for sku in sorted(qty) for _ in range(qty[sku]))
            assert sum(best_discounts(UNITS, qty, promotions, member=False).off_minor.values()) == brute_force(
                pieces, promotions
            )
