"""Where somebody was before a detector was sure of them.

A track begins with a sure detection, but unsure ones often came before: they are met by carrying the belief of the
first picture backwards, through at most `BACK_S`, as long as enough of them support it. The model of motion is the
same in both directions, with the velocity turned round.
"""

from collections.abc import Iterable

import numpy as np

from edge.perception.detections import Floats
from edge.tracking.association import OTHERS_UNSURE, log_odds
from edge.tracking.motion import Beliefs, Doubles, corrected, predicted

BACK_S = 0.7
SUPPORT_S = 1.0
SUPPORT_MIN = 0.3
Steps = list[tuple[Floats, float]]


def looked_back(first: Beliefs, support: float, t_s: float, earlier: Iterable[tuple[float, Doubles, Floats]]) -> Steps:
    """Boxes (4,) and scores of one person before the `first` belief of them (of `t_s`), the latest first.

    `earlier` are the pictures before, the latest first: time, spare measurements (m, 4) and scores (m,). A score of 0
    marks a picture in which nothing was found, between two in which something was. What is taken is struck from the
    measurements (set to NaN), so that nobody else takes it.
    """
    belief, steps, found = _turned(first), [], 0
    began_s = t_s
    for earlier_s, measurements, scores in earlier:
        step_s, t_s = t_s - earlier_s, earlier_s
        if began_s - t_s > BACK_S:
            break
        belief, score = predicted(belief, step_s), 0.0
        free = np.flatnonzero(np.isfinite(measurements[:, 0]))
        if len(free):
            odds = log_odds(belief, measurements[free], OTHERS_UNSURE)[0]
            best = int(odds.argmax())
            if odds[best] > 0.0:
                column = free[best]
                belief, score = corrected(belief, measurements[column : column + 1]), float(scores[column])
                measurements[column] = np.nan
        support += float(1.0 - np.exp(-step_s / SUPPORT_S)) * (score - support)
        if support < SUPPORT_MIN:
            break
        steps.append((belief.boxes[0], score))
        found = len(steps) if score > 0.0 else found
    return steps[:found]


def _turned(belief: Beliefs) -> Beliefs:
    mean, spread = belief.mean.copy(), belief.spread.copy()
    mean[1], spread[1] = -mean[1], -spread[1]
    return Beliefs(mean, spread)
