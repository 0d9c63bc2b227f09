"""Cameras where shops have them, and the store file true for what each of them sees."""

import numpy as np
import pytest

from hardware.simulated.layout.calibration import calibrated
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.sensor.lens import Lens


@pytest.mark.parametrize("number", [2, 3, 5])
@pytest.mark.parametrize("bend", [0.0, -0.08])
def test_calibration_is_true_for_the_picture_that_the_camera_gives(number: int, bend: float) -> None:
    layout = generate_layout(number)
    lenses = {camera.id: Lens(bend) for camera in layout.store.cameras}
    checked = 0
    for camera in calibrated(layout, lenses).store.cameras:
        viewpoint = layout.viewpoint(camera.id)
        for mark in camera.floor_points:
            pixel, _ = lenses[camera.id].project(viewpoint, camera.size, np.array([(*mark.floor, 0.0)]))
            np.testing.assert_allclose(pixel[0], mark.pixel, atol=0.01)
            checked += 1
        for view in camera.views:
            x, y, width, height = view.box
            assert x + width <= camera.size[0]
            assert y + height <= camera.size[1]
            checked += 1
    assert checked > 20
    straight = [camera.views for camera in layout.store.cameras]
    assert (straight == [camera.views for camera in calibrated(layout, lenses).store.cameras]) == (bend == 0.0)


@pytest.mark.parametrize("number", range(8))
def test_a_slot_has_one_camera_and_most_have_one(number: int) -> None:
    store = generate_layout(number).store
    views = [view.slot for camera in store.cameras for view in camera.views]
    assert len(views) == len(set(views))
    assert len(views) >= 0.75 * len(store.slots())


def test_some_fridges_have_a_camera_inside() -> None:
    layouts = [generate_layout(number) for number in range(8)]
    inside = [camera for layout in layouts for camera in layout.store.cameras if camera.id.startswith("cabinet-")]
    assert inside
    assert all(camera.role == "shelf" and camera.views for camera in inside)
