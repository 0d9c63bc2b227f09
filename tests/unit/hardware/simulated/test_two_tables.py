"""The demo's shop: it is set up as an installer would, the same every time, and its devices speak in order."""

from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from hardware.ports import Frame
from hardware.simulated.enrolment import enrolled
from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.check import layout_problems
from hardware.simulated.layout.layout import Layout
from hardware.simulated.layout.two_tables import SLOTS, TABLES, two_tables
from hardware.simulated.scene.three_shoppers import NAMES, three_shoppers
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
    store = enrolled(layout, empty).store
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
        enrolled(blind, empty)


def test_one_number_is_one_shop_and_another_is_another() -> None:
    assert MockStore(3).store == MockStore(3).store
    assert MockStore(3).taken() == MockStore(3).taken()
    assert MockStore(3).store.products != MockStore(4).store.products


@pytest.mark.parametrize("seed", SEEDS)
def test_each_shopper_leaves_with_what_the_plan_says(seed: int) -> None:
    taken = MockStore(seed).taken()
    assert list(taken) == list(NAMES)
    # The first takes two; the second puts one back and takes another; the third puts one of two back.
    assert [sum(items.values()) for items in taken.values()] == [2, 1, 1]


def test_its_devices_speak_in_the_order_of_time_and_alike_each_time() -> None:
    from hardware.simulated.devices import readings
    from hardware.simulated.render.renderer import Renderer

    renderer()  # skips where the machine cannot draw
    layout, empty = empty_shop(1)
    layout = enrolled(layout, empty)
    world = World(three_shoppers(two_tables(1), 1))
    world = World(replace(world.scene, layout=layout))
    first, second = (list(islice(readings(world, Renderer(layout)), 20)) for _ in range(2))
    assert all(earlier.t_s <= later.t_s for earlier, later in pairwise(first))
    assert {reading.camera for reading in first if isinstance(reading, Frame)} == {c.id for c in layout.store.cameras}
    for one, other in zip(first, second, strict=True):
        assert type(one) is type(other)
        assert one.t_s == other.t_s
        if isinstance(one, Frame) and isinstance(other, Frame):
            assert np.array_equal(one.image, other.image)
