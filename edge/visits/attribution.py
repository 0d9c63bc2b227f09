"""Whose hand it was: how well every person's wrists and feet fit, as a log likelihood.

A hand that is in a slot has its wrist there, and its owner stands before it. Wrists are measured many times while the
hand is there, some of them wrong: the nearest part of what was seen counts, by its farthest, so that one stray point
decides nothing.
"""

import math
from collections.abc import Sequence

NOBODY = 0.005
"""Someone without a visit reached in whom no camera follows."""
UNSEEN, FAR = 3.5, 5.0
"""A person whom no camera sees counts as standing so many standard deviations from where people reach in (stance.py):
possible, but less likely than one seen near by. Nobody counts as standing farther away than the second: a track is
sometimes somebody else's."""
WALKS_M_S = 0.5
"""How fast the place where a hidden person was last seen says less of where they are."""
WRIST_M = 0.06
"""Standard deviation of how far from where it should be a wrist is seen whose hand is there."""
WRIST_UNSEEN_M = 0.18
"""Somebody who stands there and whose wrists no camera sees counts as this far away with them."""
WRIST_FAR_M = 0.4
DOOR_M = 0.8
"""Standard deviation of how far from the exit they are seen who are leaving by it just now."""
DOOR_UNSEEN_M = 2.0
"""Somebody whom no camera has seen counts as this far away from it."""
HAND, HAND_FAR, HAND_UNSEEN = 0.35, 1.0, 0.7
"""How far from the middle of what a slot's product fills in a picture a hand is that takes or puts there, in its width
and height each: standard deviation, the farthest that counts, and what one counts as that the camera does not show."""
LOG_IDLE_FEET = -2.4
"""How likely the place of somebody who is about is where they do nothing at a slot, on the scale of who stands right
before it and reaches in: of 288 picks and put-backs in four simulated crowds 87 % were done from within 0.3 m of there,
where 9 % of the others who were in the store stood."""
LOG_ANYBODYS = -1.0
"""A hand of which nobody knows whose it is may be anybody's."""
TAIL = 7.0
"""A clock that is off, a track that was lost for a moment: wrists and feet are sometimes wrong by far."""
COMES_S = (0.3, 1.6)
"""A hand that does something is elsewhere about so long before, or after: it comes for it, or goes with it."""
COMES_M, FARTHEST = 0.2, 0.7
"""How far away it is then, mostly, by which part of what was seen. In simulated stores a hand that took was within
10 cm of there before 5 times in 100, after 5, and both never; one that only rested there more than half of the time."""
WAS_THERE, STAYS = 0.1, 0.4
"""How likely it is, against one that came or went, that a hand took something which had been there, or stays there."""
NEAREST = 0.4
"""Of the times that somebody was seen: their hand was where it was nearest for at least this share of them."""


def log_reach(wrist_m: float | None, away: float | None) -> float:
    """The log likelihood, 0 at most, of a person whose wrist came as near, and who stood as many deviations away.

    None: not seen.
    """
    reach_m = WRIST_UNSEEN_M if wrist_m is None else min(wrist_m, WRIST_FAR_M)
    return _log_student(UNSEEN if away is None else min(away, FAR)) + _log_student(reach_m / WRIST_M)


def log_hand(own: float | None, anybodys: float | None) -> float:
    """The same, 0 at most, of a person whose hand a shelf camera saw as near to a slot (reach_watch.py); None: no hand.

    `anybodys` is how near the nearest hand was of which nobody knows whose it is.
    """
    unseen = HAND_UNSEEN if own is None else own
    log = _log_student(min(unseen, HAND_FAR) / HAND)
    return log if anybodys is None else max(log, _log_student(min(anybodys, HAND_FAR) / HAND) + LOG_ANYBODYS)


def log_idle(cameras: int) -> float:
    """The log likelihood, on the scale of `log_reach` and `log_hand`, of whoever is about and does nothing at a slot.

    What wrists and the `cameras` that saw hands do not show of somebody tells nothing: it counts here as it does there.
    """
    return LOG_IDLE_FEET + _log_student(WRIST_UNSEEN_M / WRIST_M) + cameras * log_hand(None, None)


def log_came(before_m: Sequence[float], after_m: Sequence[float]) -> float:
    """The log likelihood, 0 at most, of a hand which was as far away shortly before and after; 0 where none was seen.

    Somebody who stands there with a thing in their hand holds it near shelves all the time.
    """
    log = 0.0
    for away_m, least in ((before_m, WAS_THERE), (after_m, STAYS)):
        if away_m:
            far_m = sorted(away_m)[int(FARTHEST * (len(away_m) - 1))]
            log += math.log(least + (1.0 - least) * -math.expm1(-((far_m / COMES_M) ** 4)))
    return log


def walked_m(away_s: float) -> float:
    """How far somebody may have walked of whom nothing is seen for so long: standard deviation."""
    return WALKS_M_S * away_s


def log_lost(away: float, widened: float) -> float:
    """The same of a person whom no camera saw then, but so many deviations from there shortly before or after.

    These deviations are `widened` by how far they may have walked since: by so much as a factor. Never less likely than
    one whom no camera has seen for long.
    """
    near = _log_student(min(away, FAR)) - math.log(widened)
    return max(near + _log_student(WRIST_UNSEEN_M / WRIST_M), log_reach(None, None))


def log_at_door(distance_m: float | None, away_s: float) -> float:
    """The log likelihood, 0 at most, of somebody at a door whom cameras saw that far from it; None: not at all."""
    if distance_m is None:
        return _log_student(DOOR_UNSEEN_M / DOOR_M)
    return _log_student(distance_m / math.hypot(DOOR_M, walked_m(away_s)))


def _log_student(away: float) -> float:
    """Student's t with `TAIL` degrees of freedom against its middle: far is unlikely, and never out of question."""
    return -0.5 * (TAIL + 1.0) * math.log1p(away * away / TAIL)


def nearest(distances_m: Sequence[float]) -> float | None:
    """How near somebody came, by many measurements of which some are wrong; None where there is none."""
    if not distances_m:
        return None
    return sorted(distances_m)[int(NEAREST * (len(distances_m) - 1))]
