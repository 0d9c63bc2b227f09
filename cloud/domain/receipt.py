"""What was decided about a visit's lines, revision by revision.

Revision 1 is what the settlement decided. A correction is a new revision with all lines in it, never an edit. The
receipt of a revision shows its charged lines; the ledger's postings to sales and tax sum to its total.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cloud.domain.decision import Decision
from cloud.domain.ledger import Gross


class Cause(StrEnum):
    """Why a revision was made."""

    SETTLED = "settled"
    REVIEW_CHARGED = "review_charged"
    REVIEW_DROPPED = "review_dropped"
    REFUNDED = "refunded"
    DEBT_PAID = "debt_paid"
    WRITTEN_OFF = "written_off"
    CHARGED_BACK = "charged_back"
    LATE_EVENT = "late_event"


@dataclass(frozen=True, slots=True)
class SettledLine:
    """A line of a revision. `amount_minor` is what was charged for it, after promotions and before refunds."""

    position: int
    sku: str | None
    name: str | None
    qty: int
    p: float
    decision: Decision
    reasons: tuple[str, ...]
    unit_minor: int | None
    amount_minor: int | None
    interactions: tuple[str, ...]
    discount_minor: int = 0
    promotions: tuple[str, ...] = ()
    tax_bps: int | None = None
    charge: int | None = None
    """The number of the charge that pays for it."""
    refunded_minor: int = 0
    refunded_qty: int = 0

    @property
    def remaining_minor(self) -> int:
        """What the shopper pays for it in the end."""
        return (self.amount_minor or 0) - self.refunded_minor if self.decision is Decision.CHARGE else 0


def gross_of(lines: Iterable[SettledLine]) -> Gross:
    """What was sold, by tax rate, as the ledger posts it."""
    sums: Counter[int | None] = Counter()
    for line in lines:
        if line.decision is Decision.CHARGE:
            sums[line.tax_bps] += line.remaining_minor
    return dict(sums)


def total_minor(lines: Iterable[SettledLine]) -> int:
    """What the shopper pays in the end."""
    return sum(line.remaining_minor for line in lines)
