"""How people move while they do what the scene says: hands at products, feet on the floor, eyes, arms, shoulders."""

import hashlib
import math
import random
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from hardware.simulated.bodies.figure import figure
from hardware.simulated.bodies.hands import FLESH_M
from hardware.simulated.bodies.hands import palm as palm_at_rest
from hardware.simulated.bodies.pose import pose
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.world.feet import STANCE
from hardware.simulated.world.pose import head, palm, person_at
from hardware.simulated.world.state import Person
from hardware.simulated.world.world import World
from tests.unit.hardware.simulated.scenes import shop

BODIES = range(6)
HAND_M = 0.03
STEP_S = 0.02


@cache
def busy(number: int = 1) -> World:
    return World(crowd(shop(number), 8, 1.0, number))


def upright(lean: float = 0.0, crouch: float = 0.0, stride: float = 0.0, pace: float = 0.0) -> Person:
    return Person("ann", 3, 1.7, 0.0, 0.0, 0.0, stride, pace, lean, crouch, None, None, None)


def grip(person: Person, side: str) -> np.ndarray:
    """Where the drawn hand's grip is."""
    body = figure(person.body, person.height_m)
    at = palm_at_rest(body.skeleton, side[0])
    bone = pose(body, person).bones[body.skeleton[f"hand_{side[0]}"]]
    return np.asarray(bone[:3, :3] @ (at.middle + at.normal * FLESH_M) + bone[:3, 3])


def test_hands_really_come_to_what_they_take() -> None:
    off = []
    for number in (0, 1):
        world = busy(number)
        for life in world.timeline.lives:
            for reach in life.reaches:
                person = person_at(life, reach.in_s)
                assert person is not None
                hand = person.left if reach.side == "left" else person.right
                assert hand is not None
                assert math.dist(hand.at, reach.target) < 1e-6
                # With empty hands, so that the grip lies at the target whatever is taken.
                off.append(np.linalg.norm(grip(person, reach.side) - np.array(reach.target)))
    assert len(off) > 40
    assert np.mean(np.array(off) <= HAND_M) >= 0.95
    assert np.median(off) < 0.005


def test_what_is_held_stays_in_the_hand() -> None:
    world = busy()
    held = 0
    for t_s in np.arange(5.0, 55.0, 1.7).tolist():
        state = world.state(t_s)
        hands = {h.holds: h.at for p in state.people for h in (p.left, p.right) if h is not None and h.holds}
        for item in state.items:
            if item.id in hands:
                held += 1
                assert item.at == hands[item.id]
    assert held > 10


def test_a_foot_that_stands_does_not_slide() -> None:
    world = busy()
    stood = 0
    for life in world.timeline.lives[:4]:
        times = np.arange(life.from_s, life.to_s, STEP_S).tolist()
        before: Person | None = None
        for t_s in times:
            person = person_at(life, t_s)
            if before is not None and person is not None and min(before.pace, person.pace) > 0.05:
                for one, other in ((before.left_foot, person.left_foot), (before.right_foot, person.right_foot)):
                    assert one is not None
                    assert other is not None
                    if one.phase <= other.phase < STANCE:
                        stood += 1
                        assert math.dist((one.x, one.y), (other.x, other.y)) < 1e-6
                    # A swing is quick, and no leap.
                    assert math.dist((one.x, one.y), (other.x, other.y)) < 12.0 * STEP_S
            before = person
    assert stood > 200


def test_no_foot_is_left_behind() -> None:
    for number in (0, 1):
        for t_s in np.arange(3.0, 60.0, 0.5).tolist():
            for person in busy(number).people(t_s):
                for foot in (person.left_foot, person.right_foot):
                    assert foot is not None
                    away = math.dist((foot.x, foot.y), (person.x, person.y))
                    assert away < 0.4 * person.height_m
                    if person.pace == 0.0:
                        assert away < 1e-6


def test_the_eyes_glide_to_what_a_hand_will_take() -> None:
    world = busy()
    turns = 0.0
    for life in world.timeline.lives[:4]:
        last = None
        for t_s in np.arange(life.from_s, life.to_s, STEP_S).tolist():
            person = person_at(life, t_s)
            if person is None:
                continue
            assert person.looks_at is not None
            line = np.subtract(person.looks_at, head(person))
            line = line / np.linalg.norm(line)
            if last is not None:
                turns = max(turns, float(np.linalg.norm(line - last)))
            last = line
    # Within a fiftieth of a second; a jump to a shelf would be 0.5 and more.
    assert 0.02 < turns < 0.3


@pytest.mark.parametrize(("stride", "ahead"), [(0.0, "right"), (0.5, "left")])
def test_the_hand_swings_forward_with_the_other_foot(stride: float, ahead: str) -> None:
    walking = upright(stride=stride, pace=1.2)
    body = figure(walking.body, walking.height_m)
    joints = pose(body, walking).joints
    x = {name: joints[body.skeleton[name]][0] for name in ("foot_l", "foot_r", "upperarm_l", "upperarm_r")}
    other, own = ("l", "r") if ahead == "right" else ("r", "l")
    assert palm(walking, "right")[0] - palm(walking, "left")[0] == pytest.approx(0.408 if ahead == "right" else -0.408)
    assert x[f"foot_{other}"] > x[f"foot_{own}"] + 0.3
    assert x[f"upperarm_{own}"] > x[f"upperarm_{other}"]


@pytest.mark.parametrize(("lean", "crouch"), [(0.0, 0.0), (0.4, 0.0), (0.9, 0.0), (0.0, 0.4), (0.8, 0.4)])
def test_the_worlds_head_and_hanging_hands_are_where_they_are_drawn(lean: float, crouch: float) -> None:
    for seed in BODIES:
        person = replace(upright(lean, crouch), body=seed)
        body = figure(seed, person.height_m)
        drawn = pose(body, person).vertices(body)[body.parts == 3].mean(axis=0)
        assert np.linalg.norm(drawn - np.array(head(person))) < 0.08
        assert np.linalg.norm(grip(person, "right") - np.array(palm(person, "right"))) < 0.07


ASKED = [round(0.61 * number, 2) for number in range(60)]
PROCESS = """
import sys
sys.path.insert(0, {root!r})
from tests.unit.hardware.simulated.test_world_bodies import said
print(said({order!r}))
"""


def said(order: int) -> str:
    """A digest of the states at `ASKED`, asked for in the order that this number shuffles them to."""
    moments = list(ASKED)
    random.Random(order).shuffle(moments)
    world = World(crowd(shop(2), 3, 0.5, 1))
    found = {t_s: repr(world.state(t_s)) for t_s in moments}
    return hashlib.sha256("".join(found[t_s] for t_s in ASKED).encode()).hexdigest()


def test_a_state_is_the_same_in_any_order_and_in_another_process(pytestconfig: pytest.Config) -> None:
    script = PROCESS.format(root=str(pytestconfig.rootpath), order=2)
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said(0) == said(1) == told.stdout.strip()
