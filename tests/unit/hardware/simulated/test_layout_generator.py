"""Layouts from seeds: many different stores, each of which closes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.simulated.layout.check import layout_problems
from hardware.simulated.layout.from_store import layout_of
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Fixture, Layout, on_floor
from hardware.simulated.layout.standing import capacity
from protocol.store import Store
from protocol.store_file import problems_of


def moved(layout: Layout, gondola: str, by: tuple[float, float]) -> Layout:
    gondolas = tuple(
        g if g.id != gondola else g.model_copy(update={"origin": (g.origin[0] + by[0], g.origin[1] + by[1])})
        for g in layout.store.gondolas
    )
    return replace(layout, store=layout.store.model_copy(update={"gondolas": gondolas}))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_every_number_is_a_store_that_closes(seed: int) -> None:
    layout = generate_layout(seed)
    assert list(layout_problems(layout)) == []
    assert list(problems_of(layout.store)) == []
    # What YAML would hold is what the layout holds.
    assert Store.model_validate(layout.store.model_dump()) == layout.store


def test_the_same_number_is_the_same_store_and_another_is_another() -> None:
    assert generate_layout(5) == generate_layout(5)
    assert len({repr(generate_layout(seed).store) for seed in range(12)}) == 12


def test_stores_differ_in_shelving_cameras_scales_and_light() -> None:
    layouts = [generate_layout(seed) for seed in range(12)]
    assert len({len(layout.store.gondolas) for layout in layouts}) >= 4
    assert {kind for layout in layouts for kind in layout.kinds.values()} == {"open", "fridge", "wall", "table"}
    assert {camera.role for layout in layouts for camera in layout.store.cameras} == {"area", "shelf", "gate"}
    assert {form.shape for layout in layouts for form in layout.forms.values()} == {
        "box",
        "carton",
        "can",
        "bottle",
        "bag",
    }
    assert len({layout.appearance.floor for layout in layouts}) >= 3


def test_no_slot_holds_more_than_fits() -> None:
    layout = generate_layout(3)
    slots = layout.store.slots()
    for facing in layout.store.planogram:
        assert facing.stock <= capacity(*slots[facing.slot], layout.forms[facing.sku])


def test_a_gondola_across_another_is_found() -> None:
    layout = generate_layout(0)
    a, b = layout.store.gondolas[:2]
    problems = list(layout_problems(moved(layout, b.id, (a.origin[0] - b.origin[0], a.origin[1] - b.origin[1]))))
    assert any("stand across each other" in problem for problem in problems)


def test_a_gondola_through_the_wall_is_found() -> None:
    layout = generate_layout(0)
    problems = list(layout_problems(moved(layout, "g1", (0.0, 0.5))))
    assert any("'g1' reaches through a wall" in problem for problem in problems)


def test_a_way_in_that_is_blocked_is_found() -> None:
    layout = generate_layout(0)
    door = layout.door_in
    blocked = replace(layout, fixtures=(Fixture("bin", (door.inside[0], door.inside[1]), 1.5, 0.6, 0.8),))
    assert any("entry" in problem or "nobody can get to" in problem for problem in layout_problems(blocked))


def test_a_camera_inside_a_wall_is_found() -> None:
    layout = generate_layout(0)
    first = replace(layout.viewpoints[0], eye=(-1.0, 1.0, 2.0))
    problems = list(layout_problems(replace(layout, viewpoints=(first, *layout.viewpoints[1:]))))
    assert problems == [f"camera {first.camera!r} hangs inside a wall, at (-1.00, 1.00, 2.00)"]


def test_any_store_file_becomes_a_mock_store() -> None:
    store = generate_layout(4).store
    bare = store.model_copy(update={"zones": ()})
    layout = layout_of(bare, seed=1)
    assert {zone.kind for zone in layout.store.zones} == {"entry", "exit"}
    assert set(layout.forms) == {product.sku for product in store.products}
    with pytest.raises(KeyError):
        layout.viewpoint("none")


def with_eye(layout: Layout, eye: tuple[float, float, float]) -> Layout:
    first = layout.viewpoints[0]
    return replace(layout, viewpoints=(replace(first, eye=eye), *layout.viewpoints[1:]))


def behind_bars(layout: Layout) -> Layout:
    """Bins before every slot of the first gondola."""
    gondola = layout.store.gondolas[0]
    at = on_floor(gondola, gondola.width / 2.0, gondola.depth + 0.5)
    return replace(layout, fixtures=(Fixture("bin", at, gondola.width + 1.6, gondola.width + 1.6, 0.8),))


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (lambda shop: with_eye(shop, (-1.0, 1.0, 2.0)), "hangs inside a wall"),
        (lambda shop: with_eye(shop, (2.0, 2.0, 9.0)), "hangs inside a wall"),
        (
            lambda shop: with_eye(
                shop, (*on_floor(g := shop.store.gondolas[0], g.width / 2, g.depth / 2), g.shelves[-1].height - 0.1)
            ),
            "hangs inside gondola 'g1'",
        ),
        (lambda shop: replace(shop, door_in=replace(shop.door_in, inside=(2.0, -3.0))), "the door of the entry leads"),
        (lambda shop: replace(shop, door_out=replace(shop.door_out, outside=(2.0, 2.0))), "the door of the exit leads"),
        (behind_bars, "nobody can get to gondola 'g1'"),
    ],
)
def test_what_does_not_close_is_named(broken: Callable[[Layout], Layout], complaint: str) -> None:
    layout = replace(generate_layout(0), fixtures=())
    assert list(layout_problems(layout)) == []
    problems = list(layout_problems(broken(layout)))
    assert any(complaint in problem for problem in problems), problems
