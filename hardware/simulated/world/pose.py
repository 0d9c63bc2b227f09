"""How somebody stands at a moment: pure functions of their life and the time.

Body frame: x forwards, y to the left, z up, the origin on the floor beneath the hips. Proportions are shares of the
height, after Drillis and Contini (1966).
"""

import math

from hardware.simulated.scene.scene import Side
from hardware.simulated.world.state import Hand, Person, Point
from hardware.simulated.world.timeline import Life, Reach
from hardware.simulated.world.traffic import TICK_S

STRIDE = 0.8
"""Two steps, as a share of the height."""
HANGING = (0.02, 0.13, 0.44)
"""Where a hand hangs: forwards, sideways, up, as shares of the height."""
CARRYING = (0.18, 0.09, 0.60)
SHOULDER = 0.81
ARM = 0.42
LEAN_MAX = 0.9
CROUCH_MAX_M = 0.45
ARC_M = 0.06
"""How far a reaching hand swings up between body and shelf."""


def person_at(life: Life, t_s: float) -> Person | None:
    """The person at `t_s`, or None where they are not in the store."""
    if not life.from_s <= t_s <= life.to_s:
        return None
    x, y, yaw, walked = _standing(life, t_s)
    hands = {side: _hand(life, side, t_s) for side in ("left", "right")}
    reaching = _reaching(life, t_s)
    lean, crouch, looks_at = 0.0, 0.0, None
    for reach in reaching:
        share = _share(reach, t_s)
        bow, bend = _bowing(life, reach, (x, y))
        lean, crouch = max(lean, share * bow), max(crouch, share * bend)
        looks_at = reach.target
    before, after = (_standing(life, min(max(t_s + d, life.from_s), life.to_s))[3] for d in (-TICK_S, TICK_S))
    return Person(
        id=life.name,
        body=life.body,
        height_m=life.height_m,
        x=x,
        y=y,
        yaw=yaw,
        stride=walked / (STRIDE * life.height_m),
        pace=(after - before) / (2.0 * TICK_S),
        lean=lean,
        crouch=crouch,
        left=hands["left"],
        right=hands["right"],
        looks_at=looks_at,
    )


def palm(person: Person, side: Side) -> Point:
    """Where a hand's palm is, hanging ones too: they swing with the steps."""
    hand = person.left if side == "left" else person.right
    if hand is not None:
        return hand.at
    swing = 0.12 * person.height_m * math.sin(math.tau * person.stride) * min(person.pace, 1.0)
    at = (HANGING[0] * person.height_m + (swing if side == "right" else -swing), HANGING[1], HANGING[2])
    return _in_store((person.x, person.y), person.yaw, person.height_m, side, at, scaled_x=False)


def head(person: Person) -> Point:
    """The middle of the head."""
    forward = 0.45 * person.height_m * math.sin(person.lean)
    up = person.height_m * (0.93 - 0.4 * (1.0 - math.cos(person.lean))) - person.crouch
    return person.x + forward * math.cos(person.yaw), person.y + forward * math.sin(person.yaw), up


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
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


def _hand(life: Life, side: Side, t_s: float) -> Hand | None:
    holds = next((h.item for h in life.holdings if h.side == side and h.from_s <= t_s < h.to_s), None)
    reach = next((reach for reach in _reaching(life, t_s) if reach.side == side), None)
    if reach is None and holds is None:
        return None
    x, y, yaw, _ = _standing(life, t_s)
    home = _in_store((x, y), yaw, life.height_m, side, CARRYING if holds is not None else HANGING)
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


def _bowing(life: Life, reach: Reach, at: tuple[float, float]) -> tuple[float, float]:
    """How far the trunk leans (radians) and the hips sink (metres) so that the hand comes to its target."""
    height = life.height_m
    away = math.dist(at, reach.target[:2])
    down = SHOULDER * height - reach.target[2]
    crouch = min(max(down - 0.55 * height, 0.0), CROUCH_MAX_M)
    missing = math.hypot(away, down - crouch) - ARM * height
    trunk = (SHOULDER - 0.5) * height
    return min(max(missing / trunk, 0.0), LEAN_MAX), crouch


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
