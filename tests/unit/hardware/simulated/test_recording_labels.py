"""The truth about a picture: whole bodies wherever they are hidden, hands told apart, products by their numbers."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.recording.labels import Label, Labels, Sight, labels_of
from hardware.simulated.recording.panel import TITLE_PX, Panel, contact_sheet, panel
from hardware.simulated.sensor.lens import Lens
from hardware.simulated.world.state import Hand, Person, WorldState
from tests.unit.hardware.simulated.drawing import holding, moment, renderer, shop, somebody, stock

SIZE = (480, 320)
EYE = Viewpoint("eye", (0.4, 3.0, 1.9), (3.4, 3.0, 0.8), 75.0)
"""Looks along +x at people who stand at y 3."""


def seen(state: WorldState, lens: Lens | None = None) -> Labels:
    lens = lens or Lens()
    drawn, fov_deg = lens.canvas(SIZE, EYE.fov_deg)
    shot = renderer().shoot_from(state, replace(EYE, fov_deg=fov_deg), drawn)
    assert shot.ids is not None
    bent = replace(shot, ids=lens.bend_ids(shot.ids, EYE.fov_deg, SIZE))
    return labels_of(bent, state, shop(), Sight(EYE, lens, SIZE))


def person(labels: Labels, name: str) -> Label:
    return next(label for label in labels.persons if label.id == name)


def overlap(a: Label, b: Label) -> float:
    """Intersection over union."""
    left, top = max(a.box[0], b.box[0]), max(a.box[1], b.box[1])
    right = min(a.box[0] + a.box[2], b.box[0] + b.box[2])
    bottom = min(a.box[1] + a.box[3], b.box[1] + b.box[3])
    common = max(right - left, 0.0) * max(bottom - top, 0.0)
    return common / (a.box[2] * a.box[3] + b.box[2] * b.box[3] - common)


def in_picture(label: Label) -> bool:
    x, y, width, height = label.box
    return x >= 0 and y >= 0 and x + width <= SIZE[0] and y + height <= SIZE[1]


@pytest.mark.parametrize("bend", [0.0, -0.06])
def test_somebody_in_the_open_is_seen_whole(bend: float) -> None:
    for at in ((2.2, 3.0), (2.6, 3.5), (3.0, 2.6)):
        label = person(seen(moment(somebody(x=at[0], y=at[1])), Lens(bend)), "ann")
        assert label.visibility > 0.85
        assert label.scored
        assert in_picture(label)


@pytest.mark.parametrize("bend", [0.0, -0.06])
def test_the_outline_lies_where_the_picture_shows_them(bend: float) -> None:
    lens, state = Lens(bend), moment(somebody(x=2.4))
    drawn, fov_deg = lens.canvas(SIZE, EYE.fov_deg)
    shot = renderer().shoot_from(state, replace(EYE, fov_deg=fov_deg), drawn)
    assert shot.ids is not None
    rows, columns = np.nonzero(lens.bend_ids(shot.ids, EYE.fov_deg, SIZE) // 4 == 1)
    x, y = float(columns.min()), float(rows.min())
    shown = Label("ann", (x, y, float(columns.max()) + 1.0 - x, float(rows.max()) + 1.0 - y), 1.0, True)
    assert overlap(person(seen(state, lens), "ann"), shown) > 0.9


@pytest.mark.parametrize("bend", [0.0, -0.06])
def test_a_box_ends_at_the_feet(bend: float) -> None:
    for at in ((2.4, 3.0), (3.0, 3.4)):
        x, y, width, height = person(seen(moment(somebody(x=at[0], y=at[1])), Lens(bend)), "ann").box
        feet, _ = Lens(bend).project(EYE, SIZE, np.array([(*at, 0.0)]))
        assert feet[0, 0] == pytest.approx(x + width / 2, abs=0.35 * width)
        assert feet[0, 1] == pytest.approx(y + height, abs=0.12 * height)


def test_whoever_is_hidden_keeps_the_box_and_loses_visibility() -> None:
    behind = somebody("bob", x=3.0, body=9)
    alone = person(seen(moment(behind)), "bob")
    hidden = person(seen(moment(behind, somebody("ann", x=1.9))), "bob")
    assert overlap(alone, hidden) > 0.85
    assert hidden.visibility < 0.6 * alone.visibility


def test_nobody_behind_the_camera_is_in_the_picture() -> None:
    assert seen(moment(somebody(x=-0.6))).persons == ()


def test_somebody_cut_off_by_the_pictures_edge_ends_there() -> None:
    near = person(seen(moment(somebody(x=1.1, y=3.3))), "ann")
    assert in_picture(near)
    assert near.box[1] + near.box[3] == pytest.approx(SIZE[1], abs=1.0)


def test_hands_are_told_apart_and_a_held_thing_by_its_product() -> None:
    taken = stock()[0]
    ann, item = holding(replace(somebody(x=2.0), yaw=np.pi), taken)
    ann = replace(ann, left=Hand((1.65, 2.8, 1.2), 0.2, None))
    found = seen(moment(ann, items=(item, *stock()[1:])))
    assert {hand.side for hand in found.hands} == {"left", "right"}
    assert all(hand.id == "ann" and in_picture(hand) for hand in found.hands)
    held = [product for product in found.products if product.held]
    assert [(product.id, product.sku) for product in held] == [(taken.id, taken.sku)]
    right = next(hand for hand in found.hands if hand.side == "right")
    assert abs(right.box[0] - held[0].box[0]) < 60


def test_a_panel_shows_the_truth_and_a_sheet_its_panels() -> None:
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    ann: Person = somebody(x=2.2)
    plain = panel(Panel(image, Labels((), (), ()), (), "corner"), 240)
    drawn = panel(Panel(image, seen(moment(ann)), (np.array([(9.0, 9.0), (90.0, 9.0), (90.0, 30.0)]),), "corner"), 240)
    assert plain.shape == drawn.shape == (160 + TITLE_PX, 240, 3)
    assert not plain[TITLE_PX:].any()
    assert drawn[TITLE_PX:].any()
    assert contact_sheet([drawn] * 3, 2, 240).shape == (2 * (160 + TITLE_PX + 6), 2 * 246, 3)
