"""What a piece of a product costs at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cloud.domain.money import Money


@dataclass(frozen=True, slots=True)
class Price:
    """One piece costs `amount` from `valid_from` on, until the next price begins."""

    amount: Money
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as it is sold at a moment; `unit` is None where no price is in force."""

    name: str
    unit: Money | None


def in_force(prices: Iterable[Price], at: datetime) -> Price | None:
    """The price that began last among those that had begun at `at`."""
    begun = [price for price in prices if price.valid_from <= at]
    return max(begun, key=lambda price: price.valid_from) if begun else None
