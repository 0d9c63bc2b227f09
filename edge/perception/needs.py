"""Which networks a store's cameras need. Loads none, so that whoever fetches networks need not load them."""

from edge.perception.overhead import overhead_rays
from protocol.store import Camera, Store

PERSONS, APPEARANCE = "nanodet", "efficientnet-lite0"
POSE = "movenet-lightning"
"""For wrists in area cameras' pictures, where they were asked for."""
PLACED_BY = 8
"""Marked points of the floor from which on they tell where a camera hangs."""
SHELF, ARMS = "shelf", "arms"
"""For free shelves; and for area cameras that look steeply down, and, where people are followed, shelf cameras that are
known to hang somewhere: these tell whose hand it is. Both come with Tillfree: nobody has to fetch them."""


def needed(store: Store) -> tuple[str, ...]:
    """The names of the networks that the store's cameras need."""
    roles = {camera.role for camera in store.cameras}
    free = {view.slot for camera in store.cameras for view in camera.views} & store.free()
    placed = any(_is_placed(camera) for camera in store.cameras if camera.role == "shelf")
    overhead = any(overhead_rays(camera) is not None for camera in store.cameras)
    return (
        *([PERSONS] if "area" in roles else []),
        *([APPEARANCE] if "shelf" in roles else []),
        *([SHELF] if free else []),
        *([ARMS] if overhead or (placed and "area" in roles) else []),
    )


def _is_placed(camera: Camera) -> bool:
    """Whether the store file says where the camera hangs."""
    return camera.pose is not None or sum(not point.left_out for point in camera.floor_points) >= PLACED_BY
