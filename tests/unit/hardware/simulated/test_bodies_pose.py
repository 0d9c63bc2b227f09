import math
from dataclasses import replace

import numpy as np
import pytest

from hardware.simulated.bodies.figure import LEVELS_M, Figure, Part, figure
from hardware.simulated.bodies.hands import FLESH_M, palm
from hardware.simulated.bodies.pose import Pose, pose
from hardware.simulated.world.state import Hand, Person, Point

BODIES = [(1, 1.62), (2, 1.78), (5, 1.93), (8, 1.2)]
LIMBS = [("upperarm", "lowerarm"), ("lowerarm", "hand"), ("thigh", "calf"), ("calf", "foot"), ("foot", "ball")]


def somebody(body: int = 1, height_m: float = 1.7) -> Person:
    return Person("ann", body, height_m, 2.0, 3.0, 0.7, 0.0, 0.0, 0.0, 0.0, None, None, None)


def before(person: Person, forward: float, left: float, up: float) -> Point:
    cos, sin = math.cos(person.yaw), math.sin(person.yaw)
    return person.x + forward * cos - left * sin, person.y + forward * sin + left * cos, up


def reaching(person: Person, at: Point, side: str = "right", closed: float = 0.9) -> Person:
    hand = Hand(at, closed, "thing")
    return replace(person, right=hand) if side == "right" else replace(person, left=hand)


def moments(person: Person) -> list[Person]:
    walking = [replace(person, stride=n / 12, pace=1.2) for n in range(12)]
    low, high = before(person, 0.5, -0.1, 0.4), before(person, 0.45, 0.1, 0.85 * person.height_m)
    return [
        person,
        *walking,
        reaching(person, high),
        reaching(person, high, "left"),
        reaching(replace(person, lean=0.6, crouch=0.3), low),
        replace(person, looks_at=before(person, -1.0, 0.3, 1.2)),
    ]


def grip(body: Figure, stance: Pose, side: str, thickness_m: float) -> np.ndarray:
    """Where the middle of what a hand holds is, in the store's frame."""
    hand = palm(body.skeleton, side)
    scale = float(np.linalg.norm(stance.bones[0, :3, 0]))
    point = hand.middle + hand.normal * (FLESH_M + thickness_m / scale / 2)
    bone = stance.bones[body.skeleton[f"hand_{side}"]]
    return np.asarray(bone[:3, :3] @ point + bone[:3, 3])


@pytest.mark.parametrize(("body", "height_m"), BODIES)
def test_limbs_keep_their_lengths(body: int, height_m: float) -> None:
    shape = figure(body, height_m)
    scale = height_m / shape.height_m
    for person in moments(somebody(body, height_m)):
        stance = pose(shape, person)
        for upper, lower in LIMBS:
            for side in "lr":
                a, b = shape.skeleton[f"{upper}_{side}"], shape.skeleton[f"{lower}_{side}"]
                rest = scale * np.linalg.norm(shape.skeleton.heads[a] - shape.skeleton.heads[b])
                now = np.linalg.norm(stance.joints[a] - stance.joints[b])
                # Rolling the hand about the line to its grip may move the wrist a little.
                assert now == pytest.approx(rest, abs=0.02 if lower == "hand" else 1e-4), (upper, lower, side)


@pytest.mark.parametrize(("body", "height_m"), BODIES[:3])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("thickness_m", [0.0, 0.066, 0.19])
@pytest.mark.parametrize("up", [0.35, 0.9, 1.3, 1.6])
def test_the_hand_reaches_what_it_can(body: int, height_m: float, side: str, thickness_m: float, up: float) -> None:
    shape, person = figure(body, height_m), somebody(body, height_m)
    target = before(person, 0.42, 0.1 if side == "left" else -0.1, up)
    stance = pose(shape, reaching(person, target, side), {side: thickness_m})
    held = grip(shape, stance, side[0], thickness_m)
    assert np.linalg.norm(held - target) < 0.02


def test_a_hand_stretches_towards_what_is_out_of_reach() -> None:
    shape, person = figure(1, 1.7), somebody()
    stance = pose(shape, reaching(person, before(person, 3.0, 0.0, 1.4)))
    shoulder, held = stance.joints[shape.skeleton["upperarm_r"]], grip(shape, stance, "r", 0.0)
    towards = np.array(before(person, 3.0, 0.0, 1.4)) - shoulder
    off = np.cross(towards / np.linalg.norm(towards), held - shoulder)
    assert np.linalg.norm(off) < 0.01


@pytest.mark.parametrize(("body", "height_m"), BODIES)
def test_feet_do_not_sink_and_one_stands(body: int, height_m: float) -> None:
    shape = figure(body, height_m)
    for person in moments(somebody(body, height_m)):
        lowest = float(pose(shape, person).vertices(shape)[:, 2].min())
        assert -0.025 < lowest < 0.02


def test_a_standing_foot_stays_where_it_was_put() -> None:
    shape, person, pace = figure(2, 1.78), somebody(2, 1.78), 1.2
    places = []
    for share in np.linspace(0.12, 0.34, 6):
        walked = float(share) * 0.8 * person.height_m
        x, y, _ = before(person, walked, 0.0, 0.0)
        now = replace(person, x=x, y=y, stride=float(share), pace=pace)
        places.append(pose(shape, now).joints[shape.skeleton["foot_l"]])
    assert np.ptp(np.array(places), axis=0).max() < 0.02


def test_nothing_pops_while_somebody_walks_reaches_and_looks() -> None:
    shape, person = figure(2, 1.78), somebody(2, 1.78)
    last = None
    for step in np.linspace(0, 1, 101):
        share = float(step)
        at = before(person, 0.2 + 0.3 * share, -0.2 + 0.3 * share, 0.8 + 0.7 * share)
        now = replace(reaching(person, at, closed=share), stride=share, pace=1.2 * (1 - share), looks_at=at)
        joints = pose(shape, now).joints
        if last is not None:
            assert np.linalg.norm(joints - last, axis=1).max() < 0.06
        last = joints


def test_fingers_close_on_what_they_hold_and_further_on_less() -> None:
    shape, person = figure(3, 1.75), somebody(3, 1.75)
    target = before(person, 0.4, -0.1, 1.2)
    tips = [shape.skeleton[f"{finger}_03_r"] for finger in ("index", "middle", "ring", "pinky")]

    def reach_m(closed: float, thickness_m: float) -> float:
        stance = pose(shape, reaching(person, target, closed=closed), {"right": thickness_m})
        wrist = stance.joints[shape.skeleton["hand_r"]]
        return float(np.linalg.norm(stance.joints[tips] - wrist, axis=1).mean())

    assert reach_m(0.0, 0.06) > reach_m(1.0, 0.12) > reach_m(1.0, 0.06) > reach_m(1.0, 0.02)


def test_the_head_turns_to_what_is_looked_at() -> None:
    shape, person = figure(3, 1.75), somebody(3, 1.75)

    def nose(at: Point | None) -> np.ndarray:
        bone = pose(shape, replace(person, looks_at=at)).bones[shape.skeleton["head"]]
        cos, sin = math.cos(-person.yaw), math.sin(-person.yaw)
        x, y, z = bone[:3, 0] / np.linalg.norm(bone[:3, 0])
        return np.array([x * cos - y * sin, x * sin + y * cos, z])

    assert nose(before(person, 1.0, 1.0, 1.6))[1] > 0.4
    assert nose(before(person, 1.0, -1.0, 1.6))[1] < -0.4
    assert nose(before(person, 0.6, 0.0, 0.4))[2] < -0.4


def test_who_has_the_same_seed_looks_the_same_and_others_do_not() -> None:
    looks = {figure(body, 1.7).look for body in range(40)}
    assert len(looks) == 40
    assert figure(7, 1.7).look == figure(7, 1.7).look
    assert {look.hair for look in looks} >= {"short", "long"}
    assert {look.legs for look in looks} >= {"trousers", "shorts", "skirt"}


def test_the_short_are_children_and_everybody_has_hands() -> None:
    for body in range(6):
        assert {Part.LEFT_HAND, Part.RIGHT_HAND, Part.HEAD} <= set(figure(body, 1.2).parts.tolist())


def test_coarser_levels_have_fewer_triangles_over_the_same_vertices() -> None:
    shape = figure(1, 1.7)
    counts = [len(triangles) for triangles in shape.levels]
    assert len(counts) == len(LEVELS_M)
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0] / 3
    assert all(triangles.max() < len(shape.vertices) for triangles in shape.levels)
