"""An amount of money: whole minor units and an ISO 4217 currency."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cloud.domain.errors import MoneyError

MINOR_MAX = 10**15
"""The protocol's bound: it fits every JSON reader and a 64-bit column with room to add up."""

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` minor units (cents) of `currency`. Different currencies never mix: MoneyError."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse fractions, other currencies' spellings and absurd amounts."""
        if type(self.minor) is not int:
            raise MoneyError(f"{self.minor!r} is no whole number of minor units")
        if abs(self.minor) > MINOR_MAX:
            raise MoneyError(f"{self.minor} minor units are more than the {MINOR_MAX} that an amount may have")
        if not _CURRENCY.fullmatch(self.currency):
            raise MoneyError(f"{self.currency!r} is not an ISO 4217 currency code, such as EUR")

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, qty: int) -> "Money":
        return Money(self.minor * qty, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, all in `currency`; nothing sums to zero."""
    nothing, minor = Money(0, currency), 0
    for amount in amounts:
        nothing._same(amount)
        minor += amount.minor
    return Money(minor, currency)
