"""How sure a wrist's place is: the probability that a hand of that person is within `WITHIN_M` of it.

MoveNet's score orders wrists a little and says nothing of metres: the ray of a wrist that is seen well is still met
with a plane that the hand may not be in, by the place of feet that is some 20 cm off. A logistic curve of the score was
fitted to 640 wrists in seven simulated stores (`tests/bench/wrists.py`); fitted to four of them it was off by 0.07 in
the mean on the other three, to the low side. No score went with more than a third, so none is surer than `MOST`.

Visits count wrists from 0.5 on (edge/visits/people.py): those of area cameras decide nothing.
"""

import math

WITHIN_M = 0.15
INTERCEPT, SLOPE = -3.0, 3.9
MOST = 0.4


def wrist_certainty(score: float) -> float:
    """The probability for a wrist with MoveNet's `score` (0–1)."""
    return min(1.0 / (1.0 + math.exp(-(INTERCEPT + SLOPE * score))), MOST)
