"""Whether a probability means what it says: of the lines said to be 0.9 sure, nine in ten should be right."""

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The lines said with a probability from `low` to `high`: how sure on average, and what share of them was right."""

    low: float
    high: float
    lines: int
    stated: float
    right: float

    def to_json(self) -> dict[str, float | int]:
        """As reports write it."""
        return {
            "from": round(self.low, 2),
            "to": round(self.high, 2),
            "lines": self.lines,
            "stated": round(self.stated, 4),
            "right": round(self.right, 4),
        }


def reliability(said: Sequence[tuple[float, bool]]) -> list[Bin]:
    """The lines (probability, whether right) in ten equal bins; bins without lines are left out."""
    bins = []
    for number in range(BINS):
        inside = [(p, right) for p, right in said if min(int(p * BINS), BINS - 1) == number]
        if inside:
            stated = sum(p for p, _ in inside) / len(inside)
            right = sum(right for _, right in inside) / len(inside)
            bins.append(Bin(number / BINS, (number + 1) / BINS, len(inside), stated, right))
    return bins


def expected_calibration_error(said: Sequence[tuple[float, bool]]) -> float | None:
    """The mean distance between stated probability and share right, over ten equal bins weighted by their size.

    (Naeini, Cooper and Hauskrecht, AAAI 2015.) None where nothing was said.
    """
    if not said:
        return None
    return sum(abs(each.stated - each.right) * each.lines / len(said) for each in reliability(said))
