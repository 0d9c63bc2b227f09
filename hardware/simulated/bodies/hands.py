"""Hands: where the palm is, and how the fingers close on a thing of a given thickness."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hardware.simulated.bodies.rotation import Array, about, cross
from hardware.simulated.bodies.wardrobe import Skeleton

FINGERS = ("index", "middle", "ring", "pinky")
FLESH_M = 0.012
"""From the bones of palm and fingers to the skin."""
RELAXED, FIST = (0.15, 0.25, 0.15), (1.25, 1.55, 0.9)
"""Bends of a finger's three joints in radians, from the palm outwards."""


THUMB = ((0.0, 0.55), (0.1, 0.35), (0.1, 0.45))
"""The same for the thumb: bends when relaxed and when closed."""


@dataclass(frozen=True, slots=True, eq=False)
class Finger:
    """A finger's bone at rest: its name, how long it is, the axis it bends about, its bends relaxed and closed."""

    bone: str
    length_m: float
    axis: Array
    relaxed: float
    closed: float
    wraps: bool
    """Whether it closes round a thing rather than against it, as the thumb does."""


@dataclass(frozen=True, slots=True, eq=False)
class Palm:
    """A hand at rest in the body's frame: the palm's middle, the way out of it, and the bones of its fingers."""

    middle: Array
    normal: Array
    fingers: tuple[Finger, ...]


@lru_cache(maxsize=1024)
def palm(skeleton: Skeleton, side: str) -> Palm:
    """The hand on `side` ("l" or "r"), from the joints: fingers at rest bend towards the palm."""

    def joint(bone: str) -> Array:
        return np.asarray(skeleton.heads[skeleton[f"{bone}_{side}"]])

    wrist, knuckle = joint("hand"), joint("middle_01")
    normal = cross(knuckle - wrist, joint("index_01") - joint("pinky_01"))
    tip = skeleton.tails[skeleton[f"middle_03_{side}"]] - knuckle
    straight = joint("middle_02") - knuckle
    bent = tip - straight * (tip @ straight) / (straight @ straight)
    normal = normal * math.copysign(1.0, float(normal @ bent))
    normal = normal / math.sqrt(normal @ normal)
    fingers = []
    for finger in (*FINGERS, "thumb"):
        bends = THUMB if finger == "thumb" else tuple(zip(RELAXED, FIST, strict=True))
        for number, (relaxed, closed) in enumerate(bends, start=1):
            bone = f"{finger}_{number:02d}_{side}"
            along = skeleton.tails[skeleton[bone]] - skeleton.heads[skeleton[bone]]
            length_m = math.sqrt(along @ along)
            fingers.append(Finger(bone, length_m, cross(along, normal), relaxed, closed, finger != "thumb"))
    return Palm(wrist * 0.25 + knuckle * 0.75, normal, tuple(fingers))


def finger_bends(hand: Palm, closed: float, thickness_m: float | None) -> dict[str, Array]:
    """How each finger bone turns from rest, by bone name, as rotations in the body's frame at rest.

    Args:
        hand: the hand at rest.
        closed: 0 open, 1 as far as it goes.
        thickness_m: of what is held, in the figure's own scale; None closes to a fist.
    """
    bends: dict[str, Array] = {}
    for finger in hand.fingers:
        most = finger.closed
        if thickness_m is not None and finger.wraps:
            # A chord of this length around a cylinder of that radius bends by its length over the radius.
            most = min(most, finger.length_m / (thickness_m / 2 + FLESH_M))
        bends[finger.bone] = about(finger.axis, finger.relaxed + closed * max(most - finger.relaxed, 0.0))
    return bends
