"""Tax that is included in prices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.money import Money
from cloud.domain.tax import included_tax_minor, tax_totals


@pytest.mark.parametrize(
    ("gross", "rate_bps", "tax"),
    [(119, 1_900, 19), (100, 1_900, 16), (107, 700, 7), (0, 1_900, 0), (100, 0, 0), (3, 10_000, 2), (1, 1_900, 0)],
)
def test_the_tax_in_an_amount(gross: int, rate_bps: int, tax: int) -> None:
    assert included_tax_minor(gross, rate_bps) == tax


@given(st.lists(st.tuples(st.sampled_from([None, 700, 1_900]), st.integers(0, 10**6)), max_size=20))
def test_totals_per_rate_leave_nothing_out(sold: list[tuple[int | None, int]]) -> None:
    totals = tax_totals([(rate, Money(minor, "EUR")) for rate, minor in sold], "EUR")
    assert [each.rate_bps for each in totals] == sorted({rate for rate, _ in sold if rate is not None}, reverse=True)
    assert sum(each.gross.minor for each in totals) == sum(minor for rate, minor in sold if rate is not None)
    for each in totals:
        exact = each.gross.minor * each.rate_bps / (10_000 + each.rate_bps)
        assert abs(each.tax.minor - exact) <= 0.5 + 1e-6
        assert each.net + each.tax == each.gross
