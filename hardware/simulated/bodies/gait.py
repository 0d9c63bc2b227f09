"""How feet roll and rise in the walking cycle: they land on the heel and leave over the ball.

Where they are the world says (world/feet.py); for somebody of whom it says nothing, a foot slides back under the body
as fast as a body at that pace goes forward.
"""

import math
from dataclasses import dataclass

import numpy as np

from hardware.simulated.world.feet import STANCE, STRIDE

SLOW_MPS = 0.3
"""Slower than this the steps get shorter instead of rarer, down to none in standing."""


@dataclass(frozen=True, slots=True)
class Footfall:
    """One foot: how far before the body it is, how high it is lifted, and its pitch (toes down where positive)."""

    forward_m: float
    lift_m: float
    pitch: float


def cycle_m(pace_mps: float, height_m: float) -> float:
    """How far the feet carry somebody in two steps: as the world walks them, but for first and last steps."""
    return STRIDE * height_m * min(pace_mps / SLOW_MPS, 1.0)


def vigour(pace_mps: float) -> float:
    """How much the walk moves the rest of the body: 0 in standing, 1 at a usual pace."""
    return min(pace_mps / 1.2, 1.2)


def footfall(phase: float, pace_mps: float, height_m: float) -> Footfall:
    """The foot whose heel strikes when `phase` is whole. In standing: flat on the floor under the body."""
    share = phase % 1.0
    step = cycle_m(pace_mps, height_m) * STANCE
    lively = vigour(pace_mps)
    pitch = lively * float(
        np.interp(share, [0, 0.1, 0.36, 0.6, 0.78, 0.95, 1], [-0.28, 0, 0, 0.75, 0.25, -0.28, -0.28])
    )
    if share < STANCE:
        return Footfall(step * (0.5 - share / STANCE), 0.0, pitch)
    swing = (share - STANCE) / (1 - STANCE)
    eased = swing * swing * (3 - 2 * swing)
    return Footfall(step * (eased - 0.5), lively * 0.055 * math.sin(math.pi * swing), pitch)
