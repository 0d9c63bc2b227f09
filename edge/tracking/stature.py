"""Where somebody stands of whose box only the head can be trusted: people are about as tall as people are.

Feet are hidden behind shelves, counters and others far more often than heads, and a box then ends where the shelf
begins: taken for feet, that is metres behind the person. From where the camera hangs, the ray through the head meets
each height above one place on the floor. So a box that is as high as people are tall stands on its feet; a box that is
too short for its place does not, and stands where an ordinary head would be; and one in between may be a child, or
half of somebody, and is uncertain along the ray. A box whose lower edge is the picture's has no feet to go by, one
whose upper edge is the picture's has no head.
"""

import math
from dataclasses import dataclass

Place = tuple[float, float]

TALL_M, TALL_SIGMA_M = 1.68, 0.14
"""How high the upper edge of a grown person's box is above the floor; what boxes are wrong by is in it."""
CHILD_M, CHILD_SIGMA_M, CHILDREN = 1.2, 0.17, 0.03
HIDDEN = 0.3
"""Share of boxes that end above the feet."""
HIDDEN_FROM_M, HIDDEN_TO_M = 0.2, 1.7
"""How tall somebody seems, when what hides their feet is taken for the floor: anything between."""


@dataclass(frozen=True, slots=True)
class Eye:
    """Where a camera hangs: metres on the plan, and above the floor."""

    x_m: float
    y_m: float
    z_m: float

    def beneath(self, ground: Place, height_m: float) -> Place:
        """Where somebody stands whose head at `height_m` hides the `ground` behind them from this camera."""
        share = 1.0 - height_m / self.z_m
        return self.x_m + share * (ground[0] - self.x_m), self.y_m + share * (ground[1] - self.y_m)

    def away_m(self, place: Place) -> float:
        """How far on the floor a place is from where the camera hangs."""
        return math.hypot(place[0] - self.x_m, place[1] - self.y_m)


def stands(eye: Eye, feet: tuple[float, float, float] | None, head: Place) -> tuple[float, float, float] | None:
    """Where on the floor they stand, and the standard deviation each way, in metres; None: the camera hangs too low.

    `feet` (x, y, standard deviation) is where the box's lower edge meets the floor, None where the picture cuts it off;
    `head` is the ground behind the middle of its upper edge.
    """
    if eye.z_m <= TALL_M + 2.0 * TALL_SIGMA_M:
        return feet
    by_head = eye.beneath(head, TALL_M)
    # Beside the ray the head tells the place as well as feet do; along it, as well as heights are known.
    along_m = eye.away_m(head) / eye.z_m * TALL_SIGMA_M
    if feet is None:
        return *by_head, along_m
    seems_m = eye.z_m * (1.0 - eye.away_m(feet[:2]) / max(eye.away_m(head), 1e-6))
    hidden = _hidden(seems_m)
    x_m, y_m = ((1.0 - hidden) * f + hidden * h for f, h in zip(feet[:2], by_head, strict=True))
    variance = sum(
        share * (sigma_m**2 + ((place[0] - x_m) ** 2 + (place[1] - y_m) ** 2) / 2.0)
        for share, place, sigma_m in ((1.0 - hidden, feet[:2], feet[2]), (hidden, by_head, along_m))
    )
    return x_m, y_m, math.sqrt(variance)


def _hidden(seems_m: float) -> float:
    """The chance that the feet are hidden of somebody who seems so tall by where their box ends."""
    grown = (1.0 - CHILDREN) * _normal(seems_m, TALL_M, TALL_SIGMA_M)
    child = CHILDREN * _normal(seems_m, CHILD_M, CHILD_SIGMA_M)
    hidden = HIDDEN / (HIDDEN_TO_M - HIDDEN_FROM_M) if seems_m <= HIDDEN_TO_M else 0.0
    whole = (1.0 - HIDDEN) * (grown + child)
    return hidden / (hidden + whole) if hidden else 0.0


def _normal(value: float, mean: float, sigma: float) -> float:
    return math.exp(-0.5 * ((value - mean) / sigma) ** 2) / (sigma * math.sqrt(2.0 * math.pi))
