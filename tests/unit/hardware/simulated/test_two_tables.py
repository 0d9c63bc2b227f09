"""The demo's shop: it is set up as an installer would, the same every time, and its devices speak in order."""

from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from hardware.in_order import InOrder, in_order
from hardware.ports import Frame, Weight
from hardware.simulated.cameras import SimulatedCamera
from hardware.simulated.enrolment import MARGIN, Sensors, enrolled
from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.check import layout_problems
from hardware.simulated.layout.layout import Layout
from hardware.simulated.layout.two_tables import SLOTS, TABLES, two_tables
from hardware.simulated.render.ids import FIRST_ITEM
from hardware.simulated.scene.three_shoppers import NAMES, three_shoppers
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.timing import Delivery
from hardware.simulated.world.state import WorldState
from hardware.simulated.world.world import World
from protocol.store_file import problems_of
from tests.unit.hardware.simulated.drawing import renderer
from tillfree.mock_store import MockStore

SEEDS = (0, 1, 2, 17)


def empty_shop(seed: int) -> tuple[Layout, WorldState]:
    world = World(three_shoppers(two_tables(seed), seed))
    return world.scene.layout, replace(world.state(0.0), people=())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_shop_closes_and_every_slot_has_a_view_and_a_photo(seed: int) -> None:
    layout, empty = empty_shop(seed)
    store = enrolled(layout, empty, {}).store
    assert list(layout_problems(layout)) == []
    assert list(problems_of(store)) == []
    views = [view.slot for camera in store.cameras for view in camera.views]
    assert sorted(views) == sorted(store.slots())
    assert len(views) == SLOTS * len(TABLES)
    assert all(len(product.photos) == 1 for product in store.products)
    assert {camera.role for camera in store.cameras} == {"shelf", "area"}


def test_a_slot_that_no_camera_sees_is_told() -> None:
    layout, empty = empty_shop(1)
    corner = tuple(camera for camera in layout.store.cameras if camera.role == "area")
    blind = replace(layout, store=layout.store.model_copy(update={"cameras": corner}))
    with pytest.raises(SimulationError, match=r"no camera sees the slot 'left\.top\.1'"):
        enrolled(blind, empty, {})


def test_one_number_is_one_shop_and_another_is_another() -> None:
    assert MockStore(3).store == MockStore(3).store
    assert MockStore(3).taken() == MockStore(3).taken()
    assert MockStore(3).store.products != MockStore(4).store.products


@pytest.mark.parametrize("seed", SEEDS)
def test_each_shopper_leaves_with_what_the_plan_says(seed: int) -> None:
    taken = MockStore(seed).taken()
    assert list(taken) == list(NAMES)
    # The first takes one thing; the second puts one back and takes two others; the third puts one of two back.
    assert [sum(items.values()) for items in taken.values()] == [1, 2, 1]


def bad_sensors(layout: Layout) -> Sensors:
    """Bent more than any webcam, and late."""
    return {camera.id: sensor_of("bad", layout.viewpoint(camera.id), camera.size, 1) for camera in layout.store.cameras}


def test_views_hold_what_stands_there_in_the_bent_picture_too() -> None:
    from hardware.simulated.render.renderer import Renderer

    renderer()  # skips where the machine cannot draw
    layout, empty = empty_shop(1)
    sensors = {name: replace(sensor, delivery=Delivery()) for name, sensor in bad_sensors(layout).items()}
    layout = enrolled(layout, empty, sensors)
    drawing, rng = Renderer(layout), np.random.default_rng(0)
    looked = 0
    for plan in layout.store.cameras:
        camera = SimulatedCamera(plan.id, layout, lambda _: empty, drawing, sensors[plan.id], rng, 1.0, 1.0)
        ((_, shot),) = camera.frames_with_ids()
        assert shot.ids is not None
        for view in plan.views:
            (item,) = (item for item in empty.items if item.where == view.slot)
            rows, columns = np.nonzero(shot.ids == FIRST_ITEM + shot.names.items.index(item.id))
            left, top, width, height = view.box
            assert left <= columns.min() <= columns.max() < left + width, view
            assert top <= rows.min() <= rows.max() < top + height, view
            # And little more than that: the margin on each side, and what a box about a turned thing is wider.
            assert np.ptp(columns) > width * (1.0 - 2.0 * MARGIN) * 0.75, view
            looked += 1
    assert looked == SLOTS * len(TABLES)
    drawing.release()


def test_its_devices_speak_in_the_order_of_time_and_alike_each_time() -> None:
    from hardware.simulated.devices import arrivals
    from hardware.simulated.render.renderer import Renderer

    renderer()  # skips where the machine cannot draw
    layout, empty = empty_shop(1)
    sensors = bad_sensors(layout)
    layout = enrolled(layout, empty, sensors)
    world = World(replace(World(three_shoppers(two_tables(1), 1)).scene, layout=layout))
    first, second = (list(islice(arrivals(world, Renderer(layout), sensors), 40)) for _ in range(2))
    assert all(earlier.at_s <= later.at_s for earlier, later in pairwise(first))
    readings = [arrival.reading for arrival in first]
    assert {reading.camera for reading in readings if isinstance(reading, Frame)} == {
        c.id for c in layout.store.cameras
    }
    assert {reading.plate for reading in readings if isinstance(reading, Weight)} == {
        f"left.top.{slot}" for slot in range(1, SLOTS + 1)
    }
    assert any(earlier.t_s > later.t_s for earlier, later in pairwise(readings)), "nothing was out of step"
    for one, other in zip(first, second, strict=True):
        assert type(one.reading) is type(other.reading)
        assert (one.at_s, one.reading.t_s) == (other.at_s, other.reading.t_s)
        if isinstance(one.reading, Frame) and isinstance(other.reading, Frame):
            assert np.array_equal(one.reading.image, other.reading.image)
    order = InOrder({camera.id: 1.0 / camera.fps_max for camera in layout.store.cameras})
    put_right = [arrival.reading.t_s for arrival in in_order(first, order)]
    assert put_right == sorted(put_right)
