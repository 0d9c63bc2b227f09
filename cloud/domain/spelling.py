"""Amounts as people read them: 2.40 EUR."""

from cloud.domain.money import Money

_DIGITS = dict.fromkeys(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
"""Digits behind the point, as ISO 4217 has them; every other currency has 2."""


def spelled(amount: Money) -> str:
    """The amount with its point and its currency."""
    digits = _DIGITS.get(amount.currency, 2)
    whole, rest = divmod(abs(amount.minor), 10**digits)
    point = f".{rest:0{digits}}" if digits else ""
    return f"{'-' if amount.minor < 0 else ''}{whole}{point} {amount.currency}"
