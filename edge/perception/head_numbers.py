"""Numbers for the heads that one camera sees, from picture to picture: by where their owners stand and what they wear.

A number is kept by who may have walked there since. Where two may have, who wears what decides; and where a number
jumps from one person to another all the same, the joining puts it right (edge/tracking/joining/).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.perception.detections import Floats
from edge.perception.head_place import Stood
from edge.tracking.appearance import Appearance, look_odds
from edge.tracking.joining.motion import Motion, measured_variance
from edge.tracking.joining.pairs import best_pairs

LOG_NEW = math.log(0.3)
"""Of somebody who was not there before, a square metre."""
GONE_S = 1.5
"""Who has not been seen for longer gets a new number."""
UNLIKE = -1.0
"""Log odds that looks take at most: who turns round, or is half covered, looks like somebody else."""
CLEAR_M = 0.5
"""Who stands nearer to another may be covered by them: what is seen there is nobody's look."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The owner of a head: when they were seen last, how they move, and what they look like."""

    number: int
    seen_s: float
    motion: Motion
    appearance: Appearance | None

    @property
    def look(self) -> tuple[float, ...] | None:
        """The look as plain numbers, None where none is known."""
        return None if self.appearance is None else tuple(self.appearance.mean.tolist())


class HeadNumbers:
    """One camera's. Numbers are never used again."""

    def __init__(self) -> None:
        self._next = 1
        self._last: tuple[Head, ...] = ()

    def of(self, seen: Sequence[Stood], looks: Floats, t_s: float) -> list[Head]:
        """Who each of those is that a picture shows at `t_s`, whose `looks` are (n, 12); in the order of time."""
        known = [head for head in self._last if t_s - head.seen_s <= GONE_S]
        odds = np.maximum(look_odds([head.appearance for head in known], looks), UNLIKE)
        gains = [[_gain(head, one, t_s) + odds[row, n] for row, head in enumerate(known)] for n, one in enumerate(seen)]
        of = {row: known[column] for row, column in best_pairs(gains)} if known else {}
        heads = [self._seen(of.get(row), one, seen, looks[row], t_s) for row, one in enumerate(seen)]
        taken = {head.number for head in heads}
        self._last = (*heads, *(head for head in known if head.number not in taken))
        return heads

    def _seen(self, known: Head | None, one: Stood, seen: Sequence[Stood], look: Floats, t_s: float) -> Head:
        clear = all(other is one or math.dist(one.place, other.place) >= CLEAR_M for other in seen)
        if known is None:
            number, self._next = self._next, self._next + 1
            motion = Motion(t_s, *one.place, measured_variance(one.sigma_m))
            return Head(number, t_s, motion, Appearance(look) if clear else None)
        appearance = known.appearance
        if clear:
            appearance = Appearance(look) if appearance is None else appearance.with_(np.asarray(look))
        return Head(known.number, t_s, known.motion.later(t_s).seen(*one.place, one.sigma_m), appearance)


def _gain(head: Head, one: Stood, t_s: float) -> float:
    """How much likelier it is, by place, that it is that head's owner than somebody new, as a log ratio."""
    return head.motion.later(t_s).log_density(*one.place, measured_variance(one.sigma_m)) - LOG_NEW
