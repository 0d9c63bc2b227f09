"""Puts a figure's bones where a moment of the world wants them.

Theory of operation. The hips come first: lowered by the crouch, and by as much as the walking feet need so that no leg
is stretched; and where a hand would not reach its target, leaning and crouching go on until it does, the hips come
forward as of one who leans against a shelf, and the heels rise where the target is high. Lean and twist are shared out
over pelvis and spine, the gaze over neck and head. Feet are where the world has put them and roll as the gait says,
knees go by the law of cosines. A reaching arm is two rigid pieces, upper arm and forearm with hand, so that the middle
of the grip lies exactly at the target where the arm is long enough; rolling the forearm about the line from elbow to
grip then turns the palm inwards without moving the grip. An arm that hangs has the world's word for where its hand is,
and goes with the shoulder.

Everything is a continuous function of the person's values: where these move smoothly, so does every bone.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from hardware.simulated.bodies.armature import Armature
from hardware.simulated.bodies.figure import Figure
from hardware.simulated.bodies.gait import footfall, vigour
from hardware.simulated.bodies.hands import FLESH_M, finger_bends, palm
from hardware.simulated.bodies.limbs import two_bones
from hardware.simulated.bodies.rotation import Array, about, cross, pitch, swing, yaw
from hardware.simulated.bodies.wardrobe import Floats
from hardware.simulated.world.pose import hanging
from hardware.simulated.world.state import Hand, Person, Point

SIDES = {"l": 1.0, "r": -1.0}
"""Towards which y each side lies."""
LEAN_SHARES = {"pelvis": 0.3, "spine_01": 0.25, "spine_02": 0.25, "spine_03": 0.2}
TWIST_SHARES = {"spine_01": 0.35, "spine_02": 0.35, "spine_03": 0.3}
TWIST_MAX = 0.5
LEG_STRETCH = 0.992
STOOPS = 10
"""Rounds in which somebody who cannot reach leans and crouches further; most need one or two."""
LEAN_MAX = 1.3
CROUCH_MAX_M = 0.55
PRESS_MAX_M = 0.15
"""How far the hips come forward over the feet."""
TOES_MAX = 0.55
"""How far the heels are lifted by one who reaches up, as a turn of the foot about its ball."""
FOOT_TURN_MAX = 0.8
"""A body that turns about further than this over a foot that stands turns the foot on its ball."""
DROP_MAX_M = 0.1
"""Hips are not lowered further for a foot that is far off: in a sharp turn its heel comes up instead."""
NEAR_M = 0.004
"""A hand as near to its target is there."""
GAZE_YAW_MAX, GAZE_PITCH_MAX = 1.1, 0.8
HANGING_CLOSED = 0.4
ROLL_MAX = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """`bones` (B, 4, 4) float32 take a vertex of the figure at rest to the store's frame; `joints` (B, 3) are there."""

    bones: Floats
    joints: Array

    def vertices(self, figure: Figure) -> Floats:
        """The figure's vertices (V, 3) in the store's frame, by linear blend skinning."""
        weights = figure.weights.astype(np.float32) / 255.0
        blended = np.einsum("vk,vkij->vij", weights, self.bones[figure.bones])
        moved = np.einsum("vij,vj->vi", blended[:, :3, :3], figure.vertices) + blended[:, :3, 3]
        return np.asarray(moved, np.float32)


def pose(figure: Figure, person: Person, thickness_m: Mapping[str, float] | None = None) -> Pose:
    """The bones of `figure` as `person` stands, walks and reaches.

    Args:
        figure: the person's body; it is scaled to the person's height.
        person: where and how.
        thickness_m: how thick the thing in a hand is across the palm, by "left" and "right"; the grip's middle (not the
            palm) is then at the hand's target.
    """
    scale = person.height_m / figure.height_m
    around = yaw(person.yaw)
    origin = np.array([person.x, person.y, 0.0])

    def inward(point: Point) -> Array:
        """From the store's frame to the body's, in the figure's size."""
        return np.asarray((np.array(point) - origin) @ around / scale)

    held = {side: width / scale for side, width in (thickness_m or {}).items()}
    targets = {side: inward(hand.at) for side, hand in (("l", person.left), ("r", person.right)) if hand is not None}
    at_rest = {"l": inward(hanging(person, "left")), "r": inward(hanging(person, "right"))}
    armature = Armature(figure.skeleton)
    stoop = _Stoop(person.lean, person.crouch / scale)
    for _ in range(STOOPS):
        _trunk(armature, person, stoop, targets, scale)
        short = _shortfall(armature, targets)
        if math.sqrt(short @ short) < NEAR_M:
            break
        stoop = stoop.further(short)
    person = replace(person, lean=stoop.lean)
    _gaze(armature, person, None if person.looks_at is None else inward(person.looks_at))
    for side, name, hand in (("l", "left", person.left), ("r", "right", person.right)):
        target = targets[side] if hand is not None else at_rest[side] + _carried_along(armature, side)
        _arm(armature, side, hand, target, held.get(name))
    bones = np.zeros((len(armature.rotations), 4, 4), np.float32)
    bones[:, :3, :3] = scale * (around @ armature.rotations)
    bones[:, :3, 3] = scale * armature.offsets @ around.T + origin
    bones[:, 3, 3] = 1.0
    return Pose(bones, scale * armature.joints() @ around.T + origin)


@dataclass(frozen=True, slots=True)
class _Stoop:
    """How somebody bends to reach: trunk and heels in radians, hips down and forward in the figure's metres."""

    lean: float
    crouch: float
    press: float = 0.0
    toes: float = 0.0

    def further(self, short: Array) -> "_Stoop":
        """A little more of everything that brings the shoulder by `short` (3): forwards, to the side, up."""
        ahead, up = math.hypot(short[0], short[1]), float(short[2])
        return _Stoop(
            # Up to the level, a trunk that leans brings the shoulder forward, beyond it down.
            lean=max(self.lean, min(self.lean + 1.4 * ahead - 0.5 * min(up, 0.0), LEAN_MAX)),
            crouch=max(self.crouch, min(self.crouch - 0.8 * up, CROUCH_MAX_M)) if up < 0.0 else self.crouch,
            press=min(self.press + 0.5 * ahead, PRESS_MAX_M),
            toes=min(self.toes + 8.0 * up, TOES_MAX) if up > 0.0 and self.crouch < 0.05 else self.toes,
        )


def _shortfall(armature: Armature, targets: Mapping[str, Array]) -> Array:
    """By how much and which way (3) the arms are too short for their targets: the worse of them."""
    worst, found = 0.0, np.zeros(3)
    for side, target in targets.items():
        line = target - armature.joint(f"upperarm_{side}")
        far = math.sqrt(line @ line)
        chain = [armature.rest(f"{bone}_{side}") for bone in ("upperarm", "lowerarm", "hand", "middle_01")]
        reach = sum(math.dist(a, b) for a, b in pairwise(chain)) - 0.03
        if far - reach > worst:
            worst, found = far - reach, line * ((far - reach) / far)
    return found


def _trunk(armature: Armature, person: Person, stoop: _Stoop, targets: Mapping[str, Array], scale: float) -> None:
    """Hips, spine and shoulders, and the legs down to the floor."""
    lean, crouch = stoop.lean, stoop.crouch
    # The shoulder goes with its hand, against the hip: the right one is ahead when the left heel strikes.
    twist = _twist(armature, targets) + 0.10 * vigour(person.pace) * math.cos(2 * math.pi * person.stride)
    ankles = {side: _ankle(armature, side, person, scale, stoop.toes) for side in SIDES}
    back = stoop.press - 0.14 * math.sin(lean) - 0.22 * crouch
    down = crouch - _heel_rise(armature, stoop.toes)
    for _ in range(2):
        # Once as it is, then again by as much lower as the legs need.
        armature.set("Root", np.eye(3), np.array([back, 0.0, -down]))
        armature.turn("pelvis", pitch(lean * LEAN_SHARES["pelvis"]))
        down += min(max(_overreach(armature, side, ankle) for side, (ankle, _, _) in ankles.items()), DROP_MAX_M)
    for side, (ankle, turn, slope) in ankles.items():
        _leg(armature, side, ankle, turn, slope)
    lean += 0.05 * vigour(person.pace)
    for name, share in TWIST_SHARES.items():
        armature.turn(name, yaw(twist * share) @ pitch(lean * LEAN_SHARES[name]))
    for side in SIDES:
        armature.turn(f"clavicle_{side}", np.eye(3))


def _twist(armature: Armature, targets: Mapping[str, Array]) -> float:
    """How far the shoulders turn: after the reaching hands, the reaching shoulder forward."""
    twist = 0.0
    for side, target in targets.items():
        away = target[:2] - armature.rest(f"upperarm_{side}")[:2]
        far = _smooth((math.sqrt(away @ away) - 0.25) / 0.35)
        twist += far * (0.35 * math.atan2(target[1], max(target[0], 0.15)) - 0.25 * SIDES[side])
    return TWIST_MAX * math.tanh(twist / TWIST_MAX)


def _ankle(armature: Armature, side: str, person: Person, scale: float, toes: float) -> tuple[Array, float, float]:
    """Where the ankle is to be, how far the foot is turned, and its pitch: rolled over the ball or over the heel."""
    foot = person.left_foot if side == "l" else person.right_foot
    phase = person.stride + (0.0 if side == "l" else 0.5) if foot is None else foot.phase
    fall = footfall(phase, person.pace, person.height_m)
    ankle, ball = armature.rest(f"foot_{side}"), armature.rest(f"ball_{side}")
    slope = fall.pitch + toes
    pivot = ball if slope > 0 else np.array([ankle[0] - 0.05, ankle[1], 0.0])
    rolled = pivot + pitch(slope) @ (ankle - pivot) + np.array([0.0, -0.2 * ankle[1], fall.lift_m / scale])
    if foot is None:
        return rolled + np.array([fall.forward_m / scale, 0.0, 0.0]), 0.0, slope
    turn = min(max(math.remainder(foot.yaw - person.yaw, math.tau), -FOOT_TURN_MAX), FOOT_TURN_MAX)
    cos, sin = math.cos(person.yaw), math.sin(person.yaw)
    dx, dy = (foot.x - person.x) / scale, (foot.y - person.y) / scale
    return yaw(turn) @ rolled + np.array([dx * cos + dy * sin, dy * cos - dx * sin, 0.0]), turn, slope


def _heel_rise(armature: Armature, toes: float) -> float:
    """How much higher the hips of one stand who has lifted both heels."""
    foot = armature.rest("foot_l") - armature.rest("ball_l")
    return max(float((pitch(toes) @ foot - foot)[2]), 0.0)


def _overreach(armature: Armature, side: str, ankle: Array) -> float:
    """How much lower the hip must be for the leg to reach the ankle."""
    hip = armature.joint(f"thigh_{side}")
    longest = LEG_STRETCH * sum(_leg_lengths(armature, side))
    across = ankle[:2] - hip[:2]
    return max(0.0, float(hip[2] - ankle[2]) - math.sqrt(max(longest**2 - float(across @ across), 0.01)))


def _leg_lengths(armature: Armature, side: str) -> tuple[float, float]:
    hip, knee, ankle = (armature.rest(f"{bone}_{side}") for bone in ("thigh", "calf", "foot"))
    return float(np.linalg.norm(knee - hip)), float(np.linalg.norm(ankle - knee))


def _leg(armature: Armature, side: str, ankle: Array, turn: float, slope: float) -> None:
    hip, thigh, shin = armature.joint(f"thigh_{side}"), *_leg_lengths(armature, side)
    knee, end = two_bones(hip, ankle, thigh, shin, np.array([1.0, 0.12 * SIDES[side], 0.0]))
    rest = {bone: armature.rest(f"{bone}_{side}") for bone in ("thigh", "calf", "foot")}
    armature.set(f"thigh_{side}", swing(rest["calf"] - rest["thigh"], knee - hip))
    armature.set(f"calf_{side}", swing(rest["foot"] - rest["calf"], end - knee))
    around = yaw(turn)
    armature.set(f"foot_{side}", around @ pitch(slope))
    # Rolling over the ball, the toes stay flat.
    armature.set(f"ball_{side}", around @ pitch(min(slope, 0.0)))


def _gaze(armature: Armature, person: Person, at: Array | None) -> None:
    """Neck and head, towards what is looked at as far as a neck goes; a look straight ahead falls a little."""
    aside, down = 0.0, 0.12
    if at is not None:
        line = at - armature.joint("head") - np.array([0.0, 0.0, 0.08])
        aside = math.atan2(line[1], line[0])
        # Nobody looks behind: the head comes back to the front as the bearing passes the shoulder.
        aside *= 1.0 - _smooth((abs(aside) - 2.0) / 1.0)
        down = -math.atan2(line[2], max(math.hypot(line[0], line[1]), 0.05))
    aside = GAZE_YAW_MAX * math.tanh(aside / GAZE_YAW_MAX)
    down = GAZE_PITCH_MAX * math.tanh((down - 0.8 * person.lean) / GAZE_PITCH_MAX)
    armature.turn("neck_01", yaw(0.4 * aside) @ pitch(0.45 * down))
    armature.turn("head", yaw(0.6 * aside) @ pitch(0.55 * down))


def _arm(armature: Armature, side: str, hand: Hand | None, target: Array, thickness: float | None) -> None:
    """One arm and its fingers."""
    at = palm(armature.skeleton, side)
    grip = at.middle + at.normal * (FLESH_M + (thickness or 0.0) / 2)
    shoulder, elbow = armature.rest(f"upperarm_{side}"), armature.rest(f"lowerarm_{side}")
    upper, fore = float(np.linalg.norm(elbow - shoulder)), float(np.linalg.norm(grip - elbow))
    root = armature.joint(f"upperarm_{side}")
    bend, end = two_bones(root, target, upper, fore, np.array([-0.6, 0.35 * SIDES[side], -0.6]))
    above = armature.rotation(f"clavicle_{side}")
    upper_turn = swing(above @ (elbow - shoulder), bend - root) @ above
    armature.set(f"upperarm_{side}", upper_turn)
    straight = swing(upper_turn @ (grip - elbow), end - bend) @ upper_turn
    roll = _roll(straight @ at.normal, end - bend, side)
    armature.set(f"lowerarm_{side}", about(end - bend, roll / 2) @ straight)
    armature.move(f"hand_{side}", grip, end, about(end - bend, roll) @ straight)
    closed = HANGING_CLOSED if hand is None else hand.closed
    for name, by in finger_bends(at, closed, thickness).items():
        armature.turn(name, by)


def _carried_along(armature: Armature, side: str) -> Array:
    """How far trunk and hips have moved the shoulder from rest: a hanging hand goes with it."""
    moved: Array = armature.joint(f"upperarm_{side}") - armature.rest(f"upperarm_{side}")
    return moved


def _roll(normal: Array, axis: Array, side: str) -> float:
    """How far the forearm rolls about `axis` for the palm to face inwards, a little down, as one holds a glass."""
    axis = axis / math.sqrt(axis @ axis)
    wanted = np.array([0.15, -SIDES[side], -0.35])
    wanted, normal = wanted - axis * (wanted @ axis), normal - axis * (normal @ axis)
    angle = math.atan2(float(cross(normal, wanted) @ axis), float(normal @ wanted))
    sure = _smooth(math.sqrt(wanted @ wanted) / 0.4)
    return sure * ROLL_MAX * math.tanh(angle / ROLL_MAX)


def _smooth(share: float) -> float:
    """0 to 1 as `share` goes from 0 to 1, flat at both ends and beyond."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)
