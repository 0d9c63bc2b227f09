"""What the shopper is told: what was charged, and which revision of that this is."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cloud.domain.ledger import Gross
from cloud.domain.money import Money, total
from cloud.domain.tax import TaxTotal, tax_totals


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """`qty` pieces of one product at `unit` each, less what promotions took off and what was refunded."""

    sku: str
    name: str
    qty: int
    unit: Money
    discount: Money
    refunded: Money
    tax_bps: int | None

    @property
    def amount(self) -> Money:
        """What was charged for the line."""
        return self.unit * self.qty - self.discount

    @property
    def remaining(self) -> Money:
        """What the shopper pays for it in the end."""
        return self.amount - self.refunded


@dataclass(frozen=True, slots=True)
class Receipt:
    """Revision 1 is what the settlement charged; a correction is a new revision, never an edit."""

    visit: UUID
    revision: int
    lines: tuple[ReceiptLine, ...]
    currency: str
    issued_at: datetime

    @property
    def total(self) -> Money:
        """What the shopper pays in the end."""
        return total((line.remaining for line in self.lines), self.currency)

    @property
    def taxes(self) -> tuple[TaxTotal, ...]:
        """The tax in the total, per rate."""
        return tax_totals(((line.tax_bps, line.remaining) for line in self.lines), self.currency)

    @property
    def gross(self) -> Gross:
        """What was sold, by tax rate, as the ledger posts it."""
        sums: Counter[int | None] = Counter()
        for line in self.lines:
            sums[line.tax_bps] += line.remaining.minor
        return dict(sums)
