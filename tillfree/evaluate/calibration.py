"""Whether a probability means what it says: of the lines said to be 0.9 sure, nine in ten should be right."""

from collections.abc import Sequence

BINS = 10


def expected_calibration_error(said: Sequence[tuple[float, bool]]) -> float | None:
    """The mean distance between stated probability and share right, over ten equal bins weighted by their size.

    (Naeini, Cooper and Hauskrecht, AAAI 2015.) None where nothing was said.
    """
    if not said:
        return None
    error = 0.0
    for number in range(BINS):
        inside = [(p, right) for p, right in said if min(int(p * BINS), BINS - 1) == number]
        if inside:
            stated = sum(p for p, _ in inside) / len(inside)
            right = sum(right for _, right in inside) / len(inside)
            error += abs(stated - right) * len(inside) / len(said)
    return error
