import hashlib
import subprocess
import sys
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import project
from hardware.simulated.render.context import create_context
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.render.visible import Visible, visible
from tests.unit.hardware.simulated.drawing import holding, moment, renderer, shop, somebody, stock

SIZE = (320, 192)
FACING = Viewpoint("facing", (4.2, 3.0, 1.6), (2.0, 3.0, 1.0), 70.0)


def seen(state: Any, viewpoint: Viewpoint = FACING) -> dict[tuple[str, str], Visible]:
    shot = renderer().shoot_from(state, viewpoint, SIZE)
    assert shot.ids is not None
    return {(thing.kind, thing.id): thing for thing in visible(shot.ids, shot.names)}


def inside(pixel: np.ndarray, box: tuple[int, int, int, int], margin: float) -> bool:
    x, y, width, height = box
    return bool(x - margin <= pixel[0] <= x + width + margin and y - margin <= pixel[1] <= y + height + margin)


def test_a_picture_and_its_ids_have_the_cameras_size() -> None:
    camera = shop().store.cameras[0]
    shot = renderer().shoot(moment(somebody()), camera.id)
    assert shot.image is not None
    assert shot.ids is not None
    assert shot.image.shape == (camera.size[1], camera.size[0], 3)
    assert shot.ids.shape == (camera.size[1], camera.size[0])
    assert shot.image.dtype == np.uint8
    assert shot.ids.dtype == np.uint16
    assert 60 < shot.image.mean() < 220


def test_only_what_is_asked_for_is_given() -> None:
    assert renderer().shoot_from(moment(somebody()), FACING, SIZE, ids=False).ids is None
    assert renderer().shoot_from(moment(somebody()), FACING, SIZE, image=False).image is None
    with pytest.raises(KeyError):
        renderer().shoot(moment(), "no such camera")


def test_ids_are_the_same_with_and_without_the_picture() -> None:
    state = moment(somebody())
    with_picture, without = (renderer().shoot_from(state, FACING, SIZE, image=image).ids for image in (True, False))
    assert with_picture is not None
    assert without is not None
    assert (with_picture == without).mean() > 0.9999


def test_a_person_a_hand_and_what_it_holds_are_told_apart_and_where_they_belong() -> None:
    person, item = holding(somebody(yaw=0.6), stock()[0])
    things = seen(moment(person, items=(item, *stock()[1:])))
    pixels, _ = project(FACING, SIZE, np.array([(person.x, person.y, 0.9), item.at]))
    assert inside(pixels[0], things["person", "ann"].box, 0)
    assert inside(pixels[1], things["item", item.id].box, 2)
    assert inside(pixels[1], things["right hand", "ann"].box, 10)
    x, y, width, height = things["person", "ann"].box
    hand = things["right hand", "ann"].box
    assert x <= hand[0] <= hand[0] + hand[2] <= x + width
    assert y <= hand[1] <= hand[1] + hand[3] <= y + height


def test_standing_products_are_drawn_where_they_stand() -> None:
    right = []
    for camera in shop().store.cameras:
        if camera.role != "shelf":
            continue
        shot = renderer().shoot(moment(), camera.id)
        assert shot.ids is not None
        found = {thing.id: thing for thing in visible(shot.ids, shot.names, 40)}
        for item in stock():
            middle = np.array([item.at]) + np.array([0.0, 0.0, shop().forms[item.sku].height_m / 2])
            pixels, _ = project(shop().viewpoint(camera.id), camera.size, middle)
            if item.id in found and inside(pixels[0], (0, 0, *camera.size), 0):
                right.append(inside(pixels[0], found[item.id].box, 12))
    # Of some, another product hides the middle.
    assert len(right) > 30
    assert np.mean(right) > 0.9


def test_who_stands_behind_somebody_is_hidden_by_them() -> None:
    front, back = somebody("front", 2.6, 3.0), somebody("back", 1.2, 3.0, body=9)
    both, alone = seen(moment(front, back)), seen(moment(back))
    assert both["person", "back"].pixels < 0.7 * alone["person", "back"].pixels


def test_what_is_in_a_bag_is_not_drawn() -> None:
    person, item = holding(somebody(yaw=0.6), stock()[0])
    things = seen(moment(person, items=(replace(item, place="bag"), *stock()[1:])))
    assert ("item", item.id) not in things


def test_the_same_state_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    camera = next(camera.id for camera in shop().store.cameras if camera.role == "shelf")
    fresh = Renderer(shop())
    person, item = holding(somebody(), stock()[3])
    taken = moment(person, items=(*stock()[:3], item, *stock()[4:]))
    first = fresh.shoot(taken, camera)
    fresh.release()
    # This one has drawn the shelf full before, and brings only a part of it up to date.
    renderer().shoot(moment(somebody()), camera)
    second = renderer().shoot(taken, camera)
    for one, other in ((first.image, second.image), (first.ids, second.ids)):
        assert one is not None
        assert other is not None
        np.testing.assert_array_equal(one, other)


PROCESS = """
import hashlib, sys
sys.path.insert(0, {root!r})
from tests.unit.hardware.simulated.drawing import moment, renderer, somebody
from tests.unit.hardware.simulated.test_render_picture import FACING, SIZE
shot = renderer().shoot_from(moment(somebody()), FACING, SIZE)
print(hashlib.sha256(shot.image.tobytes() + shot.ids.tobytes()).hexdigest())
"""


def test_another_process_draws_the_same_bytes(pytestconfig: pytest.Config) -> None:
    shot = renderer().shoot_from(moment(somebody()), FACING, SIZE)
    assert shot.image is not None
    assert shot.ids is not None
    ours = hashlib.sha256(shot.image.tobytes() + shot.ids.tobytes()).hexdigest()
    script = PROCESS.format(root=str(pytestconfig.rootpath))
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ours


def test_more_people_than_the_card_keeps_come_and_go() -> None:
    first = renderer().shoot_from(moment(somebody()), FACING, SIZE).image
    for body in range(100, 160):
        renderer().shoot_from(moment(somebody(body=body)), FACING, SIZE)
    again = renderer().shoot_from(moment(somebody()), FACING, SIZE).image
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first, again)


def test_somebody_throws_a_shadow() -> None:
    above = Viewpoint("above", (2.0, 3.0, 2.6), (2.0, 3.0, 0.0), 90.0)
    empty, used = (renderer().shoot_from(state, above, SIZE) for state in (moment(), moment(somebody())))
    assert empty.image is not None
    assert used.image is not None
    assert used.ids is not None
    floor = used.ids == 0
    assert (used.image[floor].astype(int).sum(1) < empty.image[floor].astype(int).sum(1) - 40).sum() > 50


def test_a_phone_at_the_gate_shows_its_token() -> None:
    x, y = shop().door_in.inside
    visitor = somebody("ann", x, y - 0.35, body=11, yaw=1.57)
    renderer().show_phones({"ann": "TF1ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
    shot = renderer().shoot(moment(visitor), "gate")
    renderer().show_phones({})
    assert shot.image is not None
    large = cv2.resize(shot.image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    assert cv2.QRCodeDetector().detectAndDecode(large)[0] == "TF1ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_without_egl_the_error_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("moderngl", reason="needs the extra `sim`")

    def fail(**_: object) -> None:
        raise Exception("libEGL.so not found")  # noqa: TRY002 - as moderngl does

    monkeypatch.setattr("moderngl.create_context", fail)
    with pytest.raises(SimulationError, match="libegl1 libgl1-mesa-dri"):
        create_context()


def test_without_moderngl_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(SimulationError, match=r"tillfree\[sim\]"):
        create_context()
