"""Numbers for the heads that one camera sees, from picture to picture, by where their owners stand.

Enough for whoever joins several cameras: places say who is who where they can, and where a number jumps from one person
to another the joining puts it right (edge/tracking/joining/).
"""

import math
from collections.abc import Sequence

from edge.tracking.joining.pairs import best_pairs

STEP_M, STEP_M_S = 0.35, 1.5
"""From one picture to the next a place is at most as far, and for every second between them so much farther."""
GONE_S = 1.5
"""Who has not been seen for longer gets a new number."""


class HeadNumbers:
    """One camera's. Numbers are never used again."""

    def __init__(self) -> None:
        self._next = 1
        self._last: dict[int, tuple[float, tuple[float, float]]] = {}
        """By number: when its owner was seen last, and where."""

    def of(self, places: Sequence[tuple[float, float]], t_s: float) -> list[int]:
        """A number for each of `places` (metres) that a picture shows at `t_s`; call in the order of time."""
        self._last = {number: last for number, last in self._last.items() if t_s - last[0] <= GONE_S}
        known = list(self._last)
        gains = [[self._gain(number, place, t_s) for number in known] for place in places]
        of = {row: known[column] for row, column in best_pairs(gains)} if known else {}
        numbers = []
        for row, place in enumerate(places):
            if row not in of:
                of[row], self._next = self._next, self._next + 1
            self._last[of[row]] = (t_s, place)
            numbers.append(of[row])
        return numbers

    def _gain(self, number: int, place: tuple[float, float], t_s: float) -> float:
        then_s, before = self._last[number]
        return 1.0 - math.dist(place, before) / (STEP_M + STEP_M_S * (t_s - then_s))
