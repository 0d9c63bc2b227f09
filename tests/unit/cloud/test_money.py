from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.errors import LedgerError, MoneyError
from cloud.domain.ledger import Entry, Posting, capture, imbalance, top_up
from cloud.domain.money import MINOR_MAX, Money, total

amounts = st.integers(1, 10**9).map(lambda minor: Money(minor, "EUR"))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Money(1.5, "EUR"),  # type: ignore[arg-type]  # what must be refused
        lambda: Money(True, "EUR"),
        lambda: Money(MINOR_MAX + 1, "EUR"),
        lambda: Money(1, "euro"),
        lambda: Money(1, "EUR") + Money(1, "USD"),
        lambda: Money(1, "EUR") - Money(1, "USD"),
        lambda: Money(1, "EUR") <= Money(1, "USD"),
        lambda: total([Money(1, "USD")], "EUR"),
    ],
)
def test_money_that_is_none(wrong: Callable[[], object]) -> None:
    with pytest.raises(MoneyError):
        wrong()


def test_an_entry_that_does_not_balance_is_refused() -> None:
    lopsided = (Posting("cash", Money(100, "EUR")), Posting("sales", Money(-100, "USD")))
    with pytest.raises(LedgerError, match="EUR"):
        Entry("key", "top_up", lopsided)


@given(st.lists(st.tuples(st.sampled_from([top_up, capture]), amounts), max_size=20))
def test_the_ledger_sums_to_zero_after_every_step(steps: list[tuple[Callable[..., Entry], Money]]) -> None:
    postings: list[Posting] = []
    for number, (kind, amount) in enumerate(steps):
        postings += kind("alice", amount, str(number)).postings
        assert imbalance(postings) == {}
