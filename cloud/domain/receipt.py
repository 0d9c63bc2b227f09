"""What the shopper is told: what was charged, and which revision of that this is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cloud.domain.decision import DecidedLine, Decision, charge
from cloud.domain.money import Money


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """`qty` pieces of one product at `unit` each."""

    sku: str
    name: str
    qty: int
    unit: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class Receipt:
    """Revision 1 is what the settlement charged; a correction is a new revision, never an edit."""

    visit: UUID
    revision: int
    lines: tuple[ReceiptLine, ...]
    total: Money
    in_review: int
    """Lines that are not charged but wait for a person."""
    issued_at: datetime


def receipt_of(
    visit: UUID, lines: tuple[DecidedLine, ...], currency: str, issued_at: datetime, revision: int = 1
) -> Receipt:
    """The receipt for `lines` as they were decided."""
    charged = tuple(
        ReceiptLine(line.line.sku, line.offer.name, line.line.qty, line.offer.unit, line.offer.unit * line.line.qty)
        for line in lines
        if line.decision is Decision.CHARGE and line.line.sku and line.offer and line.offer.unit
    )
    in_review = sum(line.decision is Decision.REVIEW for line in lines)
    return Receipt(visit, revision, charged, charge(lines, currency), in_review, issued_at)
