"""From a shelf camera's picture to slots, from slots to evidence, and from photos to a gallery."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import PerceptionError
from edge.perception.comparison import Comparison
from edge.perception.needs import APPEARANCE, PERSONS, needed
from edge.perception.network import Network
from edge.perception.networks import Networks
from edge.perception.products.known import KnownProducts
from edge.perception.shelf_view import ShelfView
from hardware.ports import Frame
from models.errors import ModelNotPulled
from protocol.store import Camera, Photo, Product, SlotView
from tests.unit.edge.drawn_shelf import (
    HEIGHT,
    LEFT,
    MIDDLE,
    RIGHT,
    STORE,
    WIDTH,
    Colours,
    Reach,
    Shelf,
    open_store,
    photo,
)
from tests.unit.hardware.film import write_film


def view_of(folder: Path) -> ShelfView:
    return ShelfView(open_store(folder).cameras[0])


def test_a_hand_is_seen_in_its_slot_alone(tmp_path: Path) -> None:
    view = view_of(tmp_path)
    sights = [view.observe(frame) for frame in Shelf([Reach(MIDDLE, 1.0, 3.0, None)]).frames(2.1)][-1]
    assert [sight.slot for sight in sights] == [LEFT, MIDDLE, RIGHT]
    left, middle, right = sights
    assert middle.reach > 0.3
    assert left.reach == right.reach == 0.0
    assert {sight.t_s for sight in sights} == {2.0}
    assert middle.crop.shape == (90, 44, 3)


def test_a_dark_picture_has_no_slots_and_says_for_how_long(tmp_path: Path) -> None:
    view = view_of(tmp_path)
    for frame in Shelf().frames(1.0):
        assert len(view.observe(frame)) == 3
    for frame in Shelf(light=0.0).frames(1.0, from_s=1.0):
        assert view.observe(frame) == ()
    assert view.blind_s(2.5) == pytest.approx(1.5)
    for frame in Shelf().frames(0.1, from_s=3.0):
        assert len(view.observe(frame)) == 3
    assert view.blind_s(3.0) == 0.0


def test_the_smallest_slot_still_has_a_picture() -> None:
    views = (SlotView(slot="a.b.c", box=(0, 0, 1, 1)), SlotView(slot="a.b.d", box=(1279, 719, 1, 1)))
    view = ShelfView(Camera(id="shelf", role="shelf", size=(1280, 720), views=views))
    image = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    assert [sight.crop.shape for sight in view.observe(Frame(0.0, "shelf", 0, image))] == [(1, 1, 3)] * 2


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    look = Colours()
    return Comparison(KnownProducts.of(open_store(tmp_path).products, tmp_path, look))


def test_the_evidence_of_a_bottle_that_is_gone(comparison: Comparison) -> None:
    empty = Shelf(held={LEFT: None}).image(0.0)[70:160, 40:84]
    evidence = comparison.evidence(photo("water"), empty)
    assert evidence.changed > 0.4
    assert evidence.edges > 0
    assert max(evidence.before, key=lambda sku: evidence.before[sku]) == "water"
    assert evidence.before["water"] > 2.0
    assert max(evidence.after.values()) < 1.0
    back = comparison.evidence(empty, photo("water"))
    assert back.edges == pytest.approx(-evidence.edges, abs=0.3)


@pytest.mark.parametrize("light", [1.0, 0.8, 1.15])
def test_the_evidence_of_a_touch(comparison: Comparison, light: float) -> None:
    after = np.clip(photo("cola") * light, 0, 255).astype(np.uint8)
    evidence = comparison.evidence(photo("cola"), after)
    assert evidence.changed < 0.02
    assert abs(evidence.edges) < 0.3
    assert (evidence.before, evidence.after) == ({}, {})


def test_without_enrolled_products_a_slot_looks_like_none(tmp_path: Path) -> None:
    evidence = Comparison(None).evidence(photo("cola"), photo("water"))
    assert evidence.changed > 0.1
    assert (evidence.before, evidence.after) == ({}, {})


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (500, 400)])
def test_crops_of_any_size_can_be_compared(comparison: Comparison, size: tuple[int, int]) -> None:
    chance = np.random.default_rng(0)
    one, other = (chance.integers(0, 255, (*size, 3), dtype=np.uint8) for _ in range(2))
    evidence = comparison.evidence(one, other)
    assert 0.0 <= evidence.changed <= 1.0
    assert np.isfinite(evidence.edges)


def product(**photo_of: object) -> Product:
    return Product(sku="water", name="Water", photos=(Photo.model_validate(photo_of),))


def test_products_are_enrolled_from_pictures_films_and_parts_of_them(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "water.png"), photo("water"))
    write_film(tmp_path / "aisle.mp4", pictures=4)
    seen: list[tuple[int, ...]] = []

    class Watching(Colours):
        def features(self, image: np.ndarray) -> np.ndarray:
            seen.append(image.shape)
            return super().features(image)

    photos = [
        Photo(file="water.png"),
        Photo(file="water.png", box=(4, 5, 20, 30)),
        Photo(file="aisle.mp4", frame=3, box=(1.6, 2.6, 8.4, 9.5)),
    ]
    known = KnownProducts.of([Product(sku="water", name="Water", photos=tuple(photos))], tmp_path, Watching())
    assert known is not None
    assert known.skus == ("water",)
    # Each is looked at whole, and its middle thrice.
    assert seen[::4] == [(90, 44, 3), (30, 20, 3), (9, 8, 3)]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (product(file="gone.png"), "its photo cannot be had: .*gone.png: No such file"),
        (product(file="broken.png"), "broken.png: not a whole picture"),
        (product(file="aisle.mp4"), "aisle.mp4 is no picture; of a video, say which `frame` to take"),
        (product(file="aisle.mp4", frame=99), "has no picture 99"),
        (product(file="gone.mp4", frame=0), "no such file"),
        (product(file="water.png", box=(30, 0, 20, 20)), r"the box \[30.0, 0.0, 20.0, 20.0\] reaches outside .*44×90"),
    ],
)
def test_a_photo_that_cannot_be_had_names_product_and_file(tmp_path: Path, wrong: Product, says: str) -> None:
    cv2.imwrite(str(tmp_path / "water.png"), photo("water"))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    write_film(tmp_path / "aisle.mp4", pictures=2)
    with pytest.raises(PerceptionError, match=says) as caught:
        KnownProducts.of([wrong], tmp_path, Colours())
    assert "product 'water'" in str(caught.value)


def test_a_store_opens_only_the_networks_that_it_needs(tmp_path: Path) -> None:
    both = open_store(tmp_path)
    shelf_only = both.model_copy(update={"cameras": both.cameras[:1]})
    assert needed(both) == (PERSONS, APPEARANCE)
    assert needed(shelf_only) == (APPEARANCE,)
    assert both.cameras[0].size == (WIDTH, HEIGHT)
    assert "role: area" in STORE


def test_networks_that_were_not_pulled_say_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    monkeypatch.setenv("TILLFREE_HOME", str(tmp_path / "nothing"))
    with pytest.raises(ModelNotPulled, match="tillfree models pull"):
        Networks.of(store)


@pytest.mark.parametrize("content", [b"", b"no network", bytes(1000)])
def test_a_network_that_cannot_be_loaded_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(PerceptionError, match=r"network 'nanodet': .*cannot be loaded"):
        Network("nanodet", tmp_path / "a.onnx")


@pytest.mark.networks(APPEARANCE, PERSONS)
def test_the_real_networks_see_drawings_alike_each_time(tmp_path: Path) -> None:
    networks = Networks.of(open_store(tmp_path))
    assert networks.appearance is not None
    assert networks.persons is not None
    for image in (photo("water"), photo("cola")[:3, :40], np.zeros((1, 1, 3), np.uint8)):
        once, again = (networks.appearance.features(image) for _ in range(2))
        assert np.array_equal(once, again)
        assert np.linalg.norm(once) == pytest.approx(1.0, abs=1e-5)
    for size in ((360, 640), (16, 4000), (640, 16)):
        assert len(networks.persons.detect(np.full((*size, 3), 127, np.uint8))) == 0
    assert all(network.runs for network in networks.opened())
