"""How somebody stands at a moment: pure functions of their life and the time.

Body frame: x forwards, y to the left, z up, the origin on the floor beneath the hips. Proportions are shares of the
height, after Drillis and Contini (1966).
"""

import math
from functools import lru_cache

from hardware.simulated.scene.scene import Side
from hardware.simulated.world.feet import foot_at, stride_at
from hardware.simulated.world.state import Hand, Person, Point
from hardware.simulated.world.timeline import Life, Reach
from hardware.simulated.world.traffic import TICK_S

HANGING = (0.02, 0.13, 0.46)
"""Where a hand hangs: forwards, sideways, up, as shares of the height."""
CARRYING = (0.18, 0.09, 0.60)
SHOULDER = 0.81
ARM = 0.42
LEAN_MAX = 1.15
CROUCH_MAX_M = 0.5
ARC_M = 0.06
"""How far a reaching hand swings up between body and shelf."""
SWING = 0.12
"""How far a hanging hand swings to either side at a usual pace, as a share of the height."""
LOOK_S = 0.35
"""Eyes go to a place before the hand sets out, and leave it after the hand is home, by this."""
AHEAD_M, AHEAD_DOWN_M = 1.5, 0.18
"""Who looks at nothing looks there."""
BISECTIONS = 10


def person_at(life: Life, t_s: float) -> Person | None:
    """The person at `t_s`, or None where they are not in the store."""
    if not life.from_s <= t_s <= life.to_s:
        return None
    x, y, yaw, _ = _standing(life, t_s)
    lean, crouch = _stoop(life, (x, y), t_s)
    before, after = (_standing(life, min(max(t_s + d, life.from_s), life.to_s))[3] for d in (-TICK_S, TICK_S))
    return Person(
        id=life.name,
        body=life.body,
        height_m=life.height_m,
        x=x,
        y=y,
        yaw=yaw,
        stride=stride_at(life, t_s),
        pace=(after - before) / (2.0 * TICK_S),
        lean=lean,
        crouch=crouch,
        left=_hand(life, "left", t_s, (lean, crouch)),
        right=_hand(life, "right", t_s, (lean, crouch)),
        looks_at=_looks_at(life, t_s, (x, y, yaw), (lean, crouch)),
        left_foot=foot_at(life, "left", t_s),
        right_foot=foot_at(life, "right", t_s),
    )


def palm(person: Person, side: Side) -> Point:
    """Where a hand's palm is, hanging ones too: they swing with the steps and go where the shoulders go."""
    hand = person.left if side == "left" else person.right
    if hand is not None:
        return hand.at
    x, y, z = hanging(person, side)
    forward, up = _shoulders_moved(person.height_m, person.lean, person.crouch)
    return x + forward * math.cos(person.yaw), y + forward * math.sin(person.yaw), z + up


def hanging(person: Person, side: Side) -> Point:
    """Where the palm of a hanging hand would be if its owner stood upright: before the body as the other foot is."""
    # The left heel strikes, the left foot far ahead, when the stride is whole; then the right hand is ahead.
    swing = SWING * person.height_m * math.cos(math.tau * person.stride) * min(person.pace, 1.0)
    at = (HANGING[0] * person.height_m + (swing if side == "right" else -swing), HANGING[1], HANGING[2])
    return _in_store((person.x, person.y), person.yaw, person.height_m, side, at, scaled_x=False)


def head(person: Person) -> Point:
    """The middle of the head."""
    forward, up = _head_moved(person.height_m, person.lean, person.crouch)
    forward += 0.045 * person.height_m
    return (
        person.x + forward * math.cos(person.yaw),
        person.y + forward * math.sin(person.yaw),
        0.91 * person.height_m + up,
    )


def _shoulders_moved(height_m: float, lean: float, crouch: float) -> tuple[float, float]:
    """How far forward and up a trunk that leans and hips that sink move the shoulders, in metres.

    As bodies bend: the hips go back, the spine is bent and not stiff. Fitted to the drawn bodies; good to 2 cm.
    """
    sine, versine = math.sin(lean), 1.0 - math.cos(lean)
    return 0.118 * height_m * sine - 0.22 * crouch, -height_m * (0.19 * versine + 0.021 * sine) - crouch


def _head_moved(height_m: float, lean: float, crouch: float) -> tuple[float, float]:
    """The same for the head."""
    sine, versine = math.sin(lean), 1.0 - math.cos(lean)
    return 0.21 * height_m * sine - 0.22 * crouch, -height_m * (0.29 * versine + 0.024 * sine) - crouch


def _standing(life: Life, t_s: float) -> tuple[float, float, float, float]:
    """x, y, yaw and how far they have walked."""
    at = (t_s - life.from_s) / TICK_S
    index = min(int(at), len(life.yaw) - 1)
    onward = min(index + 1, len(life.yaw) - 1)
    share = at - index if onward > index else 0.0
    a, b = life.xy[index], life.xy[onward]
    return (
        float(a[0] + (b[0] - a[0]) * share),
        float(a[1] + (b[1] - a[1]) * share),
        float(life.yaw[index] + (life.yaw[onward] - life.yaw[index]) * share),
        float(life.walked_m[index] + (life.walked_m[onward] - life.walked_m[index]) * share),
    )


def _reaching(life: Life, t_s: float) -> list[Reach]:
    return [reach for reach in life.reaches if reach.out_s <= t_s <= reach.home_s]


def _share(reach: Reach, t_s: float) -> float:
    """How far the hand is out: 0 at the body, 1 at the target, smooth at both ends."""
    if t_s < reach.in_s:
        share = (t_s - reach.out_s) / max(reach.in_s - reach.out_s, 1e-6)
    elif t_s <= reach.back_s:
        share = 1.0
    else:
        share = (reach.home_s - t_s) / max(reach.home_s - reach.back_s, 1e-6)
    return _smooth(share)


def _hand(life: Life, side: Side, t_s: float, stoop: tuple[float, float]) -> Hand | None:
    holds = next((h.item for h in life.holdings if h.side == side and h.from_s <= t_s < h.to_s), None)
    reach = next((reach for reach in _reaching(life, t_s) if reach.side == side), None)
    if reach is None and holds is None:
        return None
    x, y, yaw, _ = _standing(life, t_s)
    forward, up = _shoulders_moved(life.height_m, *stoop)
    home = _in_store((x, y), yaw, life.height_m, side, CARRYING if holds is not None else HANGING)
    home = (home[0] + forward * math.cos(yaw), home[1] + forward * math.sin(yaw), home[2] + up)
    if reach is None:
        return Hand(home, 0.7, holds)
    share = _share(reach, t_s)
    arc = ARC_M * 4.0 * share * (1.0 - share)
    at = (
        home[0] + (reach.target[0] - home[0]) * share,
        home[1] + (reach.target[1] - home[1]) * share,
        home[2] + (reach.target[2] - home[2]) * share + arc,
    )
    return Hand(at, 0.7 if holds is not None else 0.25, holds)


def _looks_at(life: Life, t_s: float, where: tuple[float, float, float], stoop: tuple[float, float]) -> Point:
    """Where the eyes are: ahead, and on what a hand reaches for, gliding from the one to the other."""
    x, y, yaw = where
    forward, up = _head_moved(life.height_m, *stoop)
    forward += AHEAD_M
    ahead = (
        x + forward * math.cos(yaw),
        y + forward * math.sin(yaw),
        0.91 * life.height_m + up - AHEAD_DOWN_M,
    )
    shares = [
        (_smooth((t_s - reach.out_s + LOOK_S) / LOOK_S) * _smooth((reach.home_s + LOOK_S - t_s) / LOOK_S), reach.target)
        for reach in life.reaches
        if reach.out_s - LOOK_S < t_s < reach.home_s + LOOK_S
    ]
    total = sum(share for share, _ in shares)
    shares.append((max(1.0 - total, 0.0), ahead))
    whole = sum(share for share, _ in shares)
    px, py, pz = (sum(share * point[axis] for share, point in shares) / whole for axis in range(3))
    return px, py, pz


def _stoop(life: Life, at: tuple[float, float], t_s: float) -> tuple[float, float]:
    """How far the trunk leans (radians) and the hips sink (metres) at that time."""
    lean, crouch = 0.0, 0.0
    for reach in _reaching(life, t_s):
        share = _share(reach, t_s)
        bow, bend = _bowing(life.height_m, math.dist(at, reach.target[:2]), reach.target[2])
        lean, crouch = max(lean, share * bow), max(crouch, share * bend)
    return lean, crouch


@lru_cache(maxsize=4096)
def _bowing(height_m: float, away_m: float, up_m: float) -> tuple[float, float]:
    """How far the trunk leans and the hips sink so that a hand comes to what is `away_m` off and `up_m` high."""
    shoulder_m = SHOULDER * height_m
    low = min(max(shoulder_m - 0.42 * height_m - up_m, 0.0), CROUCH_MAX_M)

    def bent(share: float) -> tuple[float, float]:
        # What is low is reached by sinking, too.
        sinks = 0.6 * share * min(max((shoulder_m - up_m) / (0.5 * height_m), 0.0), 1.0)
        return LEAN_MAX * share, low + (CROUCH_MAX_M - low) * sinks

    def reaches(share: float) -> bool:
        forward, up = _shoulders_moved(height_m, *bent(share))
        return math.hypot(away_m - forward, shoulder_m + up - up_m) <= ARM * height_m

    if reaches(0.0):
        return bent(0.0)
    enough, too_little = 1.0, 0.0
    for _ in range(BISECTIONS):
        middle = (enough + too_little) / 2.0
        enough, too_little = (middle, too_little) if reaches(middle) else (enough, middle)
    return bent(enough)


def _smooth(share: float) -> float:
    """0 to 1 as `share` goes from 0 to 1, flat at both ends and beyond."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


def _in_store(
    at: tuple[float, float], yaw: float, height_m: float, side: Side, share: Point, *, scaled_x: bool = True
) -> Point:
    """A point of the body frame, given in shares of the height, in the store's frame."""
    forward = share[0] * height_m if scaled_x else share[0]
    aside = share[1] * height_m * (1.0 if side == "left" else -1.0)
    cos, sin = math.cos(yaw), math.sin(yaw)
    return (
        at[0] + forward * cos - aside * sin,
        at[1] + forward * sin + aside * cos,
        share[2] * height_m,
    )
