"""Tax that is included in the prices.

Rates are in basis points (1900 is 19 %) and belong to a product's tax category, the place where it is sold (the store)
and a moment. The tax in an amount is what the amount holds beyond the net: `gross * rate / (10000 + rate)`.

Rounding: once per rate over the whole receipt, half up. So a receipt's tax never drifts with the number of its lines,
and the ledger's postings for a visit always sum to what its latest receipt says.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from cloud.domain.money import Money

WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What was sold at one rate: `gross` is what the shopper pays, `tax` is the part of it that is tax."""

    rate_bps: int
    gross: Money
    tax: Money

    @property
    def net(self) -> Money:
        """What remains to the shop."""
        return self.gross - self.tax


def included_tax_minor(gross_minor: int, rate_bps: int) -> int:
    """The tax in `gross_minor` ≥ 0 minor units at `rate_bps` basis points, rounded half up."""
    assert gross_minor >= 0
    assert rate_bps >= 0
    whole = WHOLE_BPS + rate_bps
    return (2 * gross_minor * rate_bps + whole) // (2 * whole)


def tax_totals(sold: Iterable[tuple[int | None, Money]], currency: str) -> tuple[TaxTotal, ...]:
    """The totals per rate of (rate, amount) pairs, the highest rate first; what has no rate (None) has no total."""
    gross: Counter[int] = Counter()
    for rate_bps, amount in sold:
        if rate_bps is not None:
            gross[rate_bps] += amount.minor
    return tuple(
        TaxTotal(rate, Money(gross[rate], currency), Money(included_tax_minor(gross[rate], rate), currency))
        for rate in sorted(gross, reverse=True)
    )
