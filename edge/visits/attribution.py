"""Whose hand it was: a probability for each visit that was open."""

import math
from collections.abc import Mapping
from uuid import UUID

NOBODY = 0.005
"""Someone without a visit reached in: staff, or a person whom the gate did not see."""
REACH_M = 0.7
"""Standard deviation of how far from a slot's front a person stands who reaches into it."""
UNSEEN_M = 1.6
"""A person whom no camera sees counts as standing this far away: possible, but less likely than one seen near by."""


WRIST_M = 0.18
"""Standard deviation of how far a wrist that is seen stays from the plate that its hand reaches over."""
WRIST_UNSEEN_M = 0.55
"""Somebody who stands there and whose wrists no camera sees counts as this far away with them."""


def attribute_reach(
    wrists_m: Mapping[UUID, float | None], distances_m: Mapping[UUID, float | None]
) -> dict[UUID, float]:
    """The probability of each open visit, from how near its people's wrists came, and where they stood."""
    logs = {}
    for visit, wrist_m in wrists_m.items():
        distance_m = distances_m[visit]
        apart_m = UNSEEN_M if distance_m is None else min(distance_m, 6.0)
        reach_m = WRIST_UNSEEN_M if wrist_m is None else min(wrist_m, 1.5)
        logs[visit] = -0.5 * ((apart_m / REACH_M) ** 2 + (reach_m / WRIST_M) ** 2)
    most = max(logs.values(), default=0.0)
    weights = {visit: math.exp(log - most) for visit, log in logs.items()}
    total = sum(weights.values())
    return {visit: (1.0 - NOBODY) * weight / total for visit, weight in weights.items()}


def attribute(distances_m: Mapping[UUID, float | None]) -> dict[UUID, float]:
    """The probability of each open visit, from how near its people came to the slot; None where no camera saw them.

    With nobody else in the store it can only have been the one visitor, wherever the cameras think they stood.
    """
    weights = {
        visit: math.exp(-0.5 * ((UNSEEN_M if distance is None else min(distance, 6.0)) / REACH_M) ** 2)
        for visit, distance in distances_m.items()
    }
    total = sum(weights.values())
    return {visit: (1.0 - NOBODY) * weight / total for visit, weight in weights.items()}
