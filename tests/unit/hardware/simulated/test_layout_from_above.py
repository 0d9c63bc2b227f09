"""Cameras under the ceiling look down over every gondola's front and the doors, and can be placed by their marks."""

import numpy as np
import pytest

from edge.perception.overhead import overhead_rays
from hardware.simulated.layout.from_above import with_cameras_from_above
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import on_floor
from hardware.simulated.layout.rig import two_cameras_and_a_scale
from protocol.store import Camera, FloorPoint


def shows_head_at(camera: Camera, place: FloorPoint) -> bool:
    rays = overhead_rays(camera)
    assert rays is not None, "it has enough marks, and looks steeply down"
    (pixel,), (depth,) = rays.pixels(np.array([[*place, 1.55]]))
    return bool(depth > 0.0 and (pixel >= 0.0).all() and (pixel <= np.array(camera.size)).all())


@pytest.mark.parametrize("number", [25, 46, 71])
def test_every_gondola_and_the_doors_have_a_camera_that_looks_down_at_them(number: int) -> None:
    before = two_cameras_and_a_scale(generate_layout(number))
    layout = with_cameras_from_above(before, 5.0)
    store, room = layout.store, layout.room
    assert store.cameras[: len(before.store.cameras)] == before.store.cameras
    for gondola in store.gondolas:
        camera = store.camera(f"over-{gondola.id}")
        assert camera is not None
        assert shows_head_at(camera, on_floor(gondola, gondola.width / 2.0, gondola.depth + 0.45))
        x, y, up = layout.viewpoint(camera.id).eye
        assert room.x < x < room.x + room.width_m
        assert room.y < y < room.y + room.depth_m
        assert up < room.height_m
    doors = store.camera("over-doors")
    assert doors is not None
    assert shows_head_at(doors, layout.door_in.inside)
    assert shows_head_at(doors, layout.door_out.inside)
