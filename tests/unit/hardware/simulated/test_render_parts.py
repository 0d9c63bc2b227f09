import cv2
import numpy as np
import pytest

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.form import Form, Shape
from hardware.simulated.render.grounds import floor, seamless_noise
from hardware.simulated.render.ids import FIRST_ITEM, Ids
from hardware.simulated.render.light import colour_of, light_table
from hardware.simulated.render.mesh import product_mesh
from hardware.simulated.render.phone import screen
from hardware.simulated.render.prints import label, poster, price_strip
from hardware.simulated.render.shop import shop_mesh
from hardware.simulated.render.visible import visible
from hardware.simulated.streams import stream
from hardware.simulated.world.state import WorldState
from tests.unit.hardware.simulated.drawing import shop, somebody

SHAPES: tuple[Shape, ...] = ("box", "carton", "can", "bottle", "bag")


def form(shape: Shape, seed: int = 1) -> Form:
    return Form(shape, shape, 0.08, 0.08, 0.2, (0.8, 0.2, 0.1), (0.1, 0.2, 0.7), "Alba Tea Lemon", seed, 300.0, 1.0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("fine", [True, False])
def test_a_product_fills_its_size_and_shows_its_outside(shape: Shape, fine: bool) -> None:
    mesh = product_mesh(form(shape), fine)
    low, high = mesh.vertices[:, :3].min(0), mesh.vertices[:, :3].max(0)
    np.testing.assert_allclose(low, (-0.04, -0.04, 0.0), atol=0.004)
    np.testing.assert_allclose(high, (0.04, 0.04, 0.2), atol=0.004)
    a, b, c = (mesh.vertices[mesh.triangles[:, corner], :3] for corner in range(3))
    faces = np.cross(b - a, c - a)
    area = np.linalg.norm(faces, axis=1)
    told = mesh.vertices[mesh.triangles[:, 0], 3:6]
    # Where a profile has an edge, one of two faces disagrees a little with the normal that they share.
    assert area[(faces * told).sum(1) > -1e-9].sum() > 0.9 * area.sum()
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
    assert 0.2 < volume / (0.08 * 0.08 * 0.2) < 1.01


def test_a_label_belongs_to_its_seed() -> None:
    assert (label(form("box")) == label(form("box"))).all()
    assert (label(form("box", 1)) != label(form("box", 2))).any()
    assert label(form("box")).std() > 20


def test_posters_strips_and_floors_belong_to_their_seeds() -> None:
    assert (poster(3) == poster(3)).all()
    assert (poster(3) != poster(4)).any()
    assert (price_strip((0.9, 0.1, 0.1), 3) == price_strip((0.9, 0.1, 0.1), 3)).all()
    assert (floor(shop().appearance, 1) == floor(shop().appearance, 1)).all()


def test_noise_meets_itself_at_the_edges() -> None:
    field = seamless_noise(stream(1, "noise"), 8, 3, 128)
    inner = np.abs(np.diff(field, axis=1)).mean()
    assert np.abs(field[:, 0] - field[:, -1]).mean() < 2 * inner
    assert np.abs(field[0] - field[-1]).mean() < 2 * inner


def test_a_phones_code_can_be_read() -> None:
    image = screen("TF1ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLM")
    front = cv2.resize(image[:, :256], (512, 1050), interpolation=cv2.INTER_NEAREST)
    assert cv2.QRCodeDetector().detectAndDecode(front)[0].startswith("TF1ABC")


def test_numbers_have_names() -> None:
    ids = Ids(("ann", "bob"), ("tea#1",))
    names = [ids.name(number) for number in (0, 3, 4, 5, 6, 7, 9, 12, FIRST_ITEM, FIRST_ITEM + 1)]
    ann, bob = ("person", "left hand", "right hand"), ("left hand", "bob")
    assert names == [None, None, *((kind, "ann") for kind in ann), None, bob, None, ("item", "tea#1"), None]


def test_more_people_than_numbers_are_refused() -> None:
    crowd = tuple(somebody(f"p{n}") for n in range(256))
    with pytest.raises(SimulationError, match="255 people"):
        Ids.of(WorldState(2.0, crowd, ()))


def test_boxes_hold_exactly_what_shows() -> None:
    image = np.zeros((40, 60), np.uint16)
    image[10:30, 5:15] = 4
    image[12:16, 15:19] = 6
    image[20, 50:57] = FIRST_ITEM
    image[0, 0] = FIRST_ITEM + 1
    found = {(thing.kind, thing.id): thing for thing in visible(image, Ids(("ann",), ("tea", "cup")))}
    assert found["person", "ann"].box == (5, 10, 14, 20)
    assert found["person", "ann"].pixels == 216
    assert found["right hand", "ann"].box == (15, 12, 4, 4)
    assert found["item", "tea"].box == (50, 20, 7, 1)
    assert ("item", "cup") not in found
    assert visible(np.zeros((4, 4), np.uint16), Ids((), ())) == ()


def test_the_shop_lies_within_its_walls_but_for_the_pavement() -> None:
    rows, room = shop_mesh(shop()).vertices, shop().room
    assert np.isfinite(rows).all()
    assert rows[:, 2].min() >= -0.01
    assert rows[:, 2].max() <= room.height_m + 0.05
    np.testing.assert_allclose(np.linalg.norm(rows[:, 3:6], axis=1), 1.0, atol=1e-5)


def test_light_is_brightest_under_the_lamps_and_white_is_white() -> None:
    table = light_table(shop().appearance, shop().room)
    assert np.isfinite(table).all()
    assert table[-1, ..., 3].max() > table[0, ..., 3].max()
    np.testing.assert_allclose(colour_of(6500.0), (1, 1, 1), atol=0.08)
    assert colour_of(2800.0)[2] < 0.5 < 1.2 < colour_of(2800.0)[0]
