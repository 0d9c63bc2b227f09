from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloud.domain.errors import LedgerError, MoneyError
from cloud.domain.ledger import Entry, Posting, imbalance, moved, sold, top_up
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


grosses = st.dictionaries(st.sampled_from([None, 0, 700, 1_900]), st.integers(0, 10**6))


@given(st.lists(st.tuples(amounts, grosses), max_size=20))
@example([(Money(1, "EUR"), {None: 1}), (Money(1, "EUR"), {0: 1})])
def test_the_ledger_sums_to_zero_after_every_step(steps: list[tuple[Money, dict[int | None, int]]]) -> None:
    postings: list[Posting] = []
    before: dict[int | None, int] = {}
    for number, (amount, after) in enumerate(steps):
        key = str(number)
        postings += top_up("alice", amount, key).postings
        postings += moved("chargebacks", "gateway:fake", amount, key=key, kind="chargeback").postings
        if any(after.get(rate, 0) != before.get(rate, 0) for rate in {*after, *before}):
            postings += sold("wallet:alice", before, after, "EUR", key=key, kind="capture").postings
        before = after
        assert imbalance(postings) == {}
        sales = sum(each.amount.minor for each in postings if each.account.startswith(("sales", "tax:")))
        assert sales == -sum(before.values()), "what was sold is what the last step says"


@given(st.lists(grosses, min_size=1, max_size=6))
def test_after_every_correction_each_account_has_what_one_sale_of_the_last_receipt_would_post(
    receipts: list[dict[int | None, int]],
) -> None:
    def posted(steps: list[dict[int | None, int]]) -> Counter[str]:
        sums: Counter[str] = Counter()
        for before, after in zip([{}, *steps], steps, strict=False):
            if any(after.get(rate, 0) != before.get(rate, 0) for rate in {*after, *before}):
                for each in sold("gateway:fake", before, after, "EUR", key="k", kind="refund").postings:
                    sums[each.account] += each.amount.minor
        return Counter({account: minor for account, minor in sums.items() if minor})

    assert posted(receipts) == posted(receipts[-1:])
