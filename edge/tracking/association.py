"""Which detection is which person: the odds that a box comes from a track rather than from anybody or anything else.

For a track and a detection that lie near each other, the odds are the density of the filter's innovation (how well the
box fits where the person must be, and how tall) against the density of boxes that come from elsewhere: other people
and false alarms. The one-to-one pairing with the greatest product of odds is taken (assignment.py). Because the
density is a true one, a person who was just seen must be met closely while one who was hidden for a second may
reappear in a wide region, and only where little competes: no gate has to be widened by hand.
"""

import numpy as np

from edge.tracking.assignment import Pairs, assigned
from edge.tracking.motion import Beliefs, Doubles, errors

OTHERS = 0.2
"""Sure boxes from elsewhere in a square height, per unit of log-height and of log-width."""
OTHERS_UNSURE = 0.5
"""The same of unsure boxes."""
SURPRISE_MAX = 16.0
"""Squared Mahalanobis distance of four numbers: of true pairs 0.3 % lie beyond."""
_LOG_TURN = 4.0 * np.log(2.0 * np.pi) / 2.0


def log_odds(beliefs: Beliefs, measurements: Doubles, others: float) -> Doubles:
    """Log of the odds that measurement j (m, 4) comes from belief i, against `others`, as (n, m); −inf: it cannot."""
    heights = beliefs.heights
    variance = beliefs.spread[0] + errors(heights)
    off = measurements[None] - beliefs.mean[0][:, None]
    surprise = ((off * off) @ (1.0 / variance)[:, :, None])[..., 0]
    known = 2.0 * np.log(heights) - 0.5 * np.log(variance).sum(axis=1) - _LOG_TURN - np.log(others)
    odds = known[:, None] - 0.5 * surprise
    return np.where(surprise <= SURPRISE_MAX, odds, -np.inf)


def paired(beliefs: Beliefs, measurements: Doubles, others: float, looks: Doubles | float = 0.0) -> Pairs:
    """The pairs (belief, measurement) of the greatest joint odds. `looks` (n, m) are log-odds by appearance, added."""
    if not len(beliefs) or not len(measurements):
        return []
    return assigned(log_odds(beliefs, measurements, others) + looks)
