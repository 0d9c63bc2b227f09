"""Where the feet stand and swing: pure functions of a person's way and the time.

Theory of operation. A foot's cycle goes with the way walked: in the first three fifths it stands, then it swings to its
next stand. It stands where the body is in the middle of the stand, so that the body passes over it; it does not slide,
because that place is one value for the whole stand. A walk begins with both feet under the body, the left one in the
middle of its stand, and is a whole number of steps long, a little longer or shorter than usual ones: so it ends with
one foot in the middle of its stand, and the other, whose swing is sooner over, beside it.
"""

import math
from bisect import bisect_right

from hardware.simulated.scene.scene import Side
from hardware.simulated.world.state import Foot
from hardware.simulated.world.timeline import Life
from hardware.simulated.world.traffic import TICK_S

STRIDE = 0.8
"""Two steps, as a share of the height: a usual cycle."""
STANCE = 0.6
"""The share of a cycle that a foot stands (Perry, Gait Analysis: 60 to 62 % at a usual pace)."""
BEGINS = STANCE / 2.0
"""Where in the left foot's cycle a walk begins."""
AFTER: dict[Side, float] = {"left": 0.0, "right": 0.5}
"""By how much each foot's cycle is behind the left one's."""

Place = tuple[float, float, float]
"""x, y and yaw of a body above a foot."""


def stride_at(life: Life, t_s: float) -> float:
    """Where in the walking cycle they are at `t_s`: whole when the left heel strikes."""
    tick = (t_s - life.from_s) / TICK_S
    walk = _walk_at(life, tick)
    return BEGINS if walk is None else walk.cycles(tick)


def foot_at(life: Life, side: Side, t_s: float) -> Foot:
    """One foot at `t_s`, within the life's time."""
    tick = (t_s - life.from_s) / TICK_S
    walk = _walk_at(life, tick)
    if walk is None:
        return Foot(*_place_at(life, min(tick, len(life.yaw) - 1.0)), BEGINS)
    now = walk.cycles(tick)
    strike = math.floor(now + AFTER[side]) - AFTER[side]
    if now < strike + STANCE:
        return Foot(*walk.place(walk.stand(strike)), now - strike)
    lifts, strikes = max(strike + STANCE, BEGINS), min(strike + 1.0, walk.end)
    share = min((now - lifts) / max(strikes - lifts, 1e-6), 1.0)
    eased = share * share * (3.0 - 2.0 * share)
    here, there = walk.place(walk.stand(strike)), walk.place(walk.stand(strike + 1.0))
    x, y, yaw = (a + (b - a) * eased for a, b in zip(here, there, strict=True))
    return Foot(x, y, yaw, STANCE + (1.0 - STANCE) * share)


class _Walk:
    """One uninterrupted walk of a life, from tick `first` to tick `last`: cycles from `BEGINS` to `end`."""

    def __init__(self, life: Life, first: int, last: int) -> None:
        self._life, self._first = life, first
        self._walked = life.walked_m[first : last + 1]
        length_m = float(self._walked[-1] - self._walked[0])
        steps = max(round(length_m / (STRIDE * life.height_m / 2.0)), 1)
        self._cycle_m = length_m / steps * 2.0
        self.end = BEGINS + steps / 2.0

    def cycles(self, tick: float) -> float:
        """Where in the walk they are at `tick`."""
        index = min(int(tick) - self._first, len(self._walked) - 2)
        a, b = float(self._walked[index]), float(self._walked[index + 1])
        walked_m = a + (b - a) * (tick - self._first - index) - float(self._walked[0])
        return BEGINS + walked_m / self._cycle_m

    def place(self, cycles: float) -> Place:
        """Where the body is then."""
        metres = float(self._walked[0]) + (cycles - BEGINS) * self._cycle_m
        index = min(max(int(self._walked.searchsorted(metres, side="right")) - 1, 0), len(self._walked) - 2)
        a, b = float(self._walked[index]), float(self._walked[index + 1])
        return _place_at(self._life, self._first + index + min(max((metres - a) / (b - a), 0.0), 1.0))

    def stand(self, strike: float) -> float:
        """Above which point of the walk the foot stands whose heel strikes at `strike`."""
        return min(max(strike + STANCE / 2.0, BEGINS), self.end)


def _walk_at(life: Life, tick: float) -> _Walk | None:
    number = bisect_right(life.walks, tick, key=lambda walk: walk[0]) - 1
    if number < 0 or tick >= life.walks[number][1]:
        return None
    return _Walk(life, *life.walks[number])


def _place_at(life: Life, tick: float) -> Place:
    index = min(int(tick), len(life.yaw) - 1)
    onward = min(index + 1, len(life.yaw) - 1)
    share = tick - index
    (ax, ay), (bx, by) = life.xy[index].tolist(), life.xy[onward].tolist()
    a, b = float(life.yaw[index]), float(life.yaw[onward])
    return ax + (bx - ax) * share, ay + (by - ay) * share, a + (b - a) * share
