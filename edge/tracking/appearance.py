"""What a tracked person looks like, and how sure that is: a running mean of looks, compared as a density.

A look is a vector of numbers (edge/perception/clothing.py gives such; anything else of one length will do, for
instance an embedding). A track keeps the mean over what was seen of its person without cover, forgetting slowly
(`MEMORY` pictures), and the variance of that mean. Each number of one person's look varies by `WITHIN`, and between
people by `BETWEEN` (both standard deviations). The log-odds that a look is this person's follow from the two normal
densities; they are damped, because the numbers of a look err together (a shadow falls on all of them), and bounded, so
that looks alone neither make nor break a track.
"""

from dataclasses import dataclass

import numpy as np

from edge.perception.detections import Floats
from edge.tracking.motion import Doubles

WITHIN, BETWEEN = 0.15, 0.35
DAMPING = 0.25
ODDS_MAX = 4.0
"""Bound of the log-odds either way: less than what a box that fits well says."""
MEMORY = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """A person's look: `mean` is float32 (k,), `seen` how many looks it stands for, at most `MEMORY`."""

    mean: Floats
    seen: float = 1.0

    @property
    def sigma(self) -> float:
        """Standard deviation of each number of `mean`."""
        return float(WITHIN / np.sqrt(self.seen))

    def with_(self, look: Floats, memory: float = MEMORY) -> "Appearance":
        """The look with one more seen of the same person, which stands for `memory` of them at most."""
        seen = min(self.seen + 1.0, memory)
        return Appearance(self.mean + (look - self.mean) / np.float32(seen), seen)


def look_odds(known: list[Appearance | None], looks: Floats) -> Doubles:
    """Log of the odds, (n, m), that look j (m, k) is person i's rather than somebody else's; 0 where i is not known."""
    odds = np.zeros((len(known), len(looks)))
    rows = [row for row, appearance in enumerate(known) if appearance is not None]
    if not rows or not len(looks):
        return odds
    appearances = [appearance for appearance in known if appearance is not None]
    off = looks[None].astype(np.float64) - np.stack([appearance.mean for appearance in appearances])[:, None]
    same = np.array([WITHIN**2 + appearance.sigma**2 for appearance in appearances])[:, None, None]
    other = same + 2.0 * BETWEEN**2
    each = 0.5 * (np.log(other / same) - off * off * (1.0 / same - 1.0 / other))
    odds[rows] = np.clip(DAMPING * each.sum(axis=2), -ODDS_MAX, ODDS_MAX)
    return odds
