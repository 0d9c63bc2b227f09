"""Area cameras under the ceiling: one opposite each gondola, and one inside the doors.

They look down aslant, over whoever stands before the shelf or comes in, so that nobody hides another's head.
"""

from dataclasses import replace

import numpy as np

from hardware.simulated.layout.calibration import calibrated
from hardware.simulated.layout.layout import Layout, Viewpoint, on_floor
from protocol.store import Camera, FloorPoint

OPPOSITE_M, PAST_FRONT_M = 1.5, 0.3
"""How far before the gondola's front the camera hangs, and how far before it the floor lies that it looks over."""
INSIDE_M = 1.4
"""How far inside the doors the camera hangs that looks at them."""
BENEATH_CEILING_M, UP_MAX_M, WALL_M = 0.1, 3.0, 0.15
LOOKS_AT_M = 1.0
FOV_DEG, FOV_DOORS_DEG = 80.0, 95.0
SIZE = (480, 360)


def with_cameras_from_above(layout: Layout, fps: float) -> Layout:
    """The layout with these cameras beside its own."""
    found = [_opposite(layout, number) for number in range(len(layout.store.gondolas))] + [_before_doors(layout)]
    cameras = tuple(Camera(id=each.camera, role="area", size=SIZE, fps_max=fps) for each in found)
    store = layout.store.model_copy(update={"cameras": (*layout.store.cameras, *cameras)})
    return calibrated(replace(layout, store=store, viewpoints=(*layout.viewpoints, *found)))


def _opposite(layout: Layout, number: int) -> Viewpoint:
    gondola = layout.store.gondolas[number]
    middle = gondola.width / 2.0
    eye = on_floor(gondola, middle, gondola.depth + OPPOSITE_M)
    at = on_floor(gondola, middle, gondola.depth + PAST_FRONT_M)
    return _viewpoint(layout, f"over-{gondola.id}", eye, at, FOV_DEG)


def _before_doors(layout: Layout) -> Viewpoint:
    room = layout.room
    doors = np.array([layout.door_in.inside, layout.door_out.inside]).mean(axis=0)
    inwards = np.array([room.x + room.width_m / 2.0, room.y + room.depth_m / 2.0]) - doors
    eye = doors + INSIDE_M * inwards / max(float(np.linalg.norm(inwards)), 1e-6)
    return _viewpoint(
        layout, "over-doors", (float(eye[0]), float(eye[1])), (float(doors[0]), float(doors[1])), FOV_DOORS_DEG
    )


def _viewpoint(layout: Layout, name: str, eye: FloorPoint, at: FloorPoint, fov_deg: float) -> Viewpoint:
    room = layout.room
    x = float(np.clip(eye[0], room.x + WALL_M, room.x + room.width_m - WALL_M))
    y = float(np.clip(eye[1], room.y + WALL_M, room.y + room.depth_m - WALL_M))
    up = min(room.height_m - BENEATH_CEILING_M, UP_MAX_M)
    return Viewpoint(
        name, (round(x, 3), round(y, 3), round(up, 3)), (round(at[0], 3), round(at[1], 3), LOOKS_AT_M), fov_deg
    )
