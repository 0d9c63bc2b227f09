"""People who come back: after hiding, by place and size and look; after longer absence, by look.

Whoever is newly confirmed may be somebody known. A hidden person is met where two beliefs, carried to the same moment,
agree (their difference is normal with the sum of their spreads), with odds against other people as in association.py,
and looks added. A person whose time of hiding is over has left the picture, or stands behind a shelf: nobody knows
where, so only the look can tell, and only if it is much more like this person's than like anybody's, and unlike all
others' who are absent.
"""

from dataclasses import dataclass

import numpy as np

from edge.tracking.appearance import Appearance, look_odds
from edge.tracking.association import OTHERS, SURPRISE_MAX
from edge.tracking.motion import Beliefs

ABSENT_S = 20.0
ABSENT_MAX = 50
LOOKED_MIN = 5.0
"""Looks taken of somebody before they are remembered by looks alone."""
GLANCES_MIN = 2.0
"""Looks taken of a newcomer before they are compared."""
LIKE_MIN = 3.0
"""Log-odds by look that make somebody absent come back."""
CLEARER_MIN = 1.0
"""The log-odds lie above the next best's by as much."""


def come_back(
    hidden: Beliefs, looks: list[Appearance | None], newcomer: Beliefs, look: Appearance | None
) -> int | None:
    """Which of the `hidden` (n) the `newcomer` (one belief) is; None: none of them."""
    if not len(hidden):
        return None
    variance = hidden.spread[0] + newcomer.spread[0]
    off = newcomer.mean[0] - hidden.mean[0]
    surprise = (off * off / variance).sum(axis=1)
    odds = 2.0 * np.log(hidden.heights) - 0.5 * (surprise + np.log(variance).sum(axis=1) + 4.0 * np.log(2.0 * np.pi))
    odds -= np.log(OTHERS)
    if look is not None:
        odds += look_odds(looks, look.mean[None])[:, 0]
    odds[surprise > SURPRISE_MAX] = -np.inf
    best = int(odds.argmax())
    return best if odds[best] > 0.0 else None


@dataclass(frozen=True, slots=True, eq=False)
class _Gone:
    number: int
    appearance: Appearance
    seen_s: float


class Absent:
    """Who has been in the picture and may come back, at most `ABSENT_MAX` for `ABSENT_S`: the longest away go first."""

    def __init__(self) -> None:
        self._gone: list[_Gone] = []

    def __len__(self) -> int:
        return len(self._gone)

    def remember(self, number: int, appearance: Appearance | None, seen_s: float) -> None:
        """Somebody, last seen at `seen_s`, is not followed any more."""
        if appearance is not None and appearance.seen >= LOOKED_MIN:
            self._gone.append(_Gone(number, appearance, seen_s))
            self._gone = sorted(self._gone, key=lambda gone: (gone.seen_s, gone.number))[-ABSENT_MAX:]

    def forget(self, t_s: float) -> None:
        """Let go who has been away for too long at `t_s`."""
        self._gone = [gone for gone in self._gone if t_s - gone.seen_s <= ABSENT_S]

    def come_back(self, look: Appearance | None, before_s: float) -> tuple[int, Appearance] | None:
        """Number and look of the one, last seen before `before_s`, who looks like this; they are absent no more."""
        known = [gone for gone in self._gone if gone.seen_s < before_s]
        if look is None or look.seen < GLANCES_MIN or not known:
            return None
        odds = look_odds([gone.appearance for gone in known], look.mean[None])[:, 0]
        order = np.argsort(-odds, kind="stable")
        best = known[order[0]]
        next_best = odds[order[1]] if len(order) > 1 else -np.inf
        if odds[order[0]] < LIKE_MIN or odds[order[0]] - next_best < CLEARER_MIN:
            return None
        self._gone.remove(best)
        return best.number, best.appearance
