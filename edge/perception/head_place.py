"""Where people stand whose heads the arms network finds (arms_network.py), in a camera that is known to hang somewhere.

A head's ray at the height where heads are, mostly, and the place on the floor that the network says, put together, are
a place: nobody need see feet, so that a counter, a shelf or somebody else before them hides nobody's place.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.perception.arms_network import Part, Pixel
from edge.perception.detections import Floats
from edge.perception.wrist_place import Rays

HEAD_M = 1.55
"""How high above the floor heads are, mostly."""
STANDS_SHARE = 1.0 / 3.0
"""How much the place counts that the network says, beside the one beneath the head: fitted on two simulated films."""
SIGMA_M, DOUBT = 0.08, 0.2
"""Standard deviation of a place each way, and how much more it is of how far these two are apart."""
PLACED_MIN = 0.45
"""A head that is less sure is nobody's place."""
DOUBLE_M = 0.25
"""Of two heads whose owners would stand as near, the surer is there."""
TALL_M, BROAD_M = 1.75, 0.3
"""What a person fills, at most: an upright cylinder so high, with such a radius."""
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stood:
    """A head, where its owner stands (metres) and the standard deviation of that each way."""

    head: Part
    place: Place
    sigma_m: float


def stood(rays: Rays, heads: Sequence[Part]) -> list[Stood]:
    """The heads whose owners' places are known; of doubles the surer. `heads` the surest first."""
    found: list[Stood] = []
    for head in heads:
        placed = place_of(rays, head, head.at) if head.score >= PLACED_MIN else None
        if placed is not None and all(math.dist(placed[0], other.place) > DOUBLE_M for other in found):
            found.append(Stood(head, *placed))
    return found


def place_of(rays: Rays, part: Part, head: Pixel) -> tuple[Place, float] | None:
    """Where the owner of a part stands, metres, and the standard deviation each way; None: not before the camera."""
    beneath, stands = _met(rays, head, HEAD_M), _met(rays, part.stands, 0.0)
    if beneath is None or stands is None:
        return None
    x_m, y_m = (STANDS_SHARE * said + (1.0 - STANDS_SHARE) * seen for said, seen in zip(stands, beneath, strict=True))
    return (x_m, y_m), SIGMA_M + DOUBT * math.dist(beneath, stands)


def box_around(rays: Rays, place: Place, size: tuple[int, int]) -> Floats:
    """The box (4,: left, top, right, bottom; pixels) of all that who is at `place` may fill of a picture of `size`."""
    turns = np.arange(0.0, 2.0 * math.pi, math.pi / 4.0)
    around = np.column_stack([place[0] + BROAD_M * np.cos(turns), place[1] + BROAD_M * np.sin(turns)])
    points = np.concatenate([np.column_stack([around, np.full(len(around), up)]) for up in (0.0, TALL_M)])
    pixels, depth = rays.pixels(points)
    shown = pixels[depth > 0.0].clip(0.0, np.array(size, np.float64))
    if not len(shown):
        return np.zeros(4, np.float32)
    return np.concatenate([shown.min(axis=0), shown.max(axis=0)]).astype(np.float32)


def _met(rays: Rays, pixel: Pixel, height_m: float) -> Place | None:
    """Where the pixel's ray is so high above the floor, before the camera; None where it never is."""
    x, y, z = rays.towards(*pixel).tolist()
    eye_x, eye_y, eye_z = rays.eye.tolist()
    if abs(z) < 1e-3 or (height_m - eye_z) / z <= 0.0:
        return None
    far_m = (height_m - eye_z) / z
    return eye_x + far_m * x, eye_y + far_m * y
