"""Whether somebody who appears is somebody who vanished.

Cameras lose feet behind a table or behind somebody, and find them again a step away: where a person was seen last, and
where they are seen next, may each be off by more than any calibration is, and then no pairing of places puts the two
together. So whoever is confirmed is compared, from where they appeared, with everybody who had vanished by then: the
density of that place for one who walked on from where they were lost, or stepped off (`STRAYED` of the time, by about
`STRAY_M`), and how alike they look, against the density of people who come in there (doors.py). Behind closed doors
there is hardly anybody else whom it could be; at the door there is.
"""

import math
from collections.abc import Iterable

from edge.tracking.appearance import look_odds
from edge.tracking.joining.walker import Walker

STRAYED, STRAY_M = 0.2, 1.0
SAME_TIME_S = 0.3
"""Cameras that lose somebody and find them again may do both in one moment."""
VANISHED_S = 10.0
"""Who has been away for longer is found by their place alone, or not at all: a step is nothing to so long a walk."""

UNLIKE_MAX = 1.5
"""How much other looks speak against one person at most: at the door, and before they were lost, little was seen."""


def predecessor(new: Walker, others: Iterable[Walker], log_birth: float) -> Walker | None:
    """Which of `others` the `new` one is; None where it is likelier to be somebody new, as `log_birth` has it."""
    best, most = None, log_birth
    for other in others:
        gap_s = new.born.t_s - other.seen.t_s
        if not -SAME_TIME_S <= gap_s <= VANISHED_S:
            continue
        log_p = _log_density(new, other)
        if new.appearance is not None:
            log_p += max(float(look_odds([other.appearance], new.appearance.mean[None])[0, 0]), -UNLIKE_MAX)
        if log_p > most:
            best, most = other, log_p
    return best


def _log_density(new: Walker, other: Walker) -> float:
    lost, place = other.seen.later(new.born.t_s), new.born
    walked = lost.log_density(place.x_m, place.y_m, place.spread)
    strayed = lost.log_density(place.x_m, place.y_m, place.spread + STRAY_M**2)
    return max(walked + math.log(1.0 - STRAYED), strayed + math.log(STRAYED))
