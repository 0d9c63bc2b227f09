"""One person detected twice: two boxes of which one would be hidden if they were two people.

Two people whose boxes overlap by more than `SAME` stand one behind the other, and a detector hardly ever sees the one
behind; far more often it has put two boxes around one person. The surer one stays. Whoever is really behind is carried
on as hidden.
"""

import numpy as np

from edge.perception.detections import Floats, overlaps
from edge.tracking.motion import Rows

SAME = 0.4
"""Intersection over union."""


def singles(boxes: Floats) -> Rows:
    """The rows of `boxes` (n, 4; the surest first) that overlap no surer one that stays by more than `SAME`."""
    if len(boxes) < 2:
        return list(range(len(boxes)))
    over = overlaps(boxes, boxes) > SAME
    if not np.triu(over, 1).any():
        return list(range(len(boxes)))
    staying: list[int] = []
    for row in range(len(boxes)):
        if not over[row, staying].any():
            staying.append(row)
    return staying
