"""Which area cameras look steeply down, as from the ceiling.

The person network knows people as they are seen from the side, and finds hardly anybody from above; the arms network
finds heads there. So a camera that is known to hang so is looked at by that one (edge/overhead_camera.py).
"""

import math

from edge.perception.wrist_place import Rays
from protocol.store import Camera

STEEP_DEG = 40.0
"""So far below the horizon, or farther, looks the middle of its picture."""


def overhead_rays(camera: Camera) -> Rays | None:
    """Where the pixels of an area camera look that looks steeply down; None for another, or where nobody knows."""
    rays = Rays.of(camera) if camera.role == "area" else None
    return rays if rays is not None and rays.axes[2, 2] <= -math.sin(math.radians(STEEP_DEG)) else None
