"""How sure a share of the stories is: a map from the one to the other, learnt from what turned out right.

The stories' shares are as honest as the priors and deviations they are made of, which were set by hand. The map is
monotone and linear between its points; docs/who-took-what.md says on what they were fitted.
"""

from bisect import bisect_right

SHARES: tuple[float, ...] = (0.0, 1.0)
"""Shares of the stories, rising, from 0 to 1."""
SURENESS: tuple[float, ...] = (0.0, 1.0)
"""How probably what has such a share is right, rising."""


def sureness(share: float) -> float:
    """How probable it is that what has this `share` (0–1) of the stories is what happened; 0–1."""
    if share >= SHARES[-1]:
        return SURENESS[-1]
    upper = max(bisect_right(SHARES, share), 1)
    low, high = SHARES[upper - 1], SHARES[upper]
    part = (max(share, 0.0) - low) / (high - low)
    return SURENESS[upper - 1] + part * (SURENESS[upper] - SURENESS[upper - 1])
