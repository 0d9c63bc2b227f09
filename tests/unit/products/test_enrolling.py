"""Photos become part of a store, or nothing does."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

import edge.perception.appearance
import models.cache
from protocol.errors import TillfreeError
from protocol.store import Product
from protocol.store_file import read_store
from tests.unit.edge.drawn_shelf import BOXES, LEFT, STORE, Colours, Shelf, open_store, photo
from tillfree.cli.products import app
from tillfree.products import keeping
from tillfree.products.enrolling import complaints, looks_of, missing
from tillfree.products.errors import EnrolmentError
from tillfree.products.keeping import Taken, keep
from tillfree.products.photos import Shown, box_of, from_file


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    open_store(tmp_path)
    (tmp_path / "store.yaml").write_text(STORE, encoding="utf-8")
    monkeypatch.setattr(edge.perception.appearance, "Appearance", lambda _path: Colours())
    monkeypatch.setattr(models.cache, "onnx_path", lambda _name: Path("none.onnx"))
    return tmp_path / "store.yaml"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(result.exception, TillfreeError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout


def green(folder: Path, name: str = "green.png") -> Path:
    image = photo("water").copy()
    image[(image == (210, 140, 40)).all(axis=2)] = (40, 190, 40)
    cv2.imwrite(str(folder / name), image)
    return folder / name


def test_a_new_product_is_enrolled_and_listed(store: Path) -> None:
    file = green(store.parent)
    said = json.loads(run("enroll", store, "--sku", "mint", "--name", "Mint", "--photos", file, "--json", "-"))
    assert said["added"] == 1
    product = read_store(store).products[-1]
    assert (product.sku, product.name) == ("mint", "Mint")
    assert (store.parent / product.photos[0].file).read_bytes() == file.read_bytes()
    listed = json.loads(run("list", store, "--json", "-"))["products"]
    assert [row["sku"] for row in listed] == ["water", "cola", "juice", "mint"]
    assert listed[-1]["photos"] == 1


def test_the_same_photo_twice_is_one(store: Path) -> None:
    file = green(store.parent)
    for _ in range(2):
        run("enroll", store, "--sku", "mint", "--name", "Mint", "--photos", file, file)
    assert len(read_store(store).products[-1].photos) == 1
    assert len(list((store.parent / "photos" / "mint").iterdir())) == 1


def test_a_photo_of_another_product_is_refused_by_name(store: Path) -> None:
    before = store.read_bytes()
    with pytest.raises(EnrolmentError, match=r"cola.png: looks like another product, 'cola'"):
        run("enroll", store, "--sku", "mint", "--name", "Mint", "--photos", store.parent / "cola.png")
    assert store.read_bytes() == before
    assert not (store.parent / "photos").exists()
    run("enroll", store, "--sku", "mint", "--name", "Mint", "--photos", store.parent / "cola.png", "--anyway")
    assert read_store(store).products[-1].sku == "mint"
    found = json.loads(run("check", store, "--json", "-"))
    assert ["cola", "mint"] in [pair["skus"] for pair in found["alike"]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sku", "mint", "--photos", "green.png"], "has no product 'mint'.*say its --name"),
        (["--sku", "mi nt", "--name", "x", "--photos", "green.png"], "sku: "),
        (["--sku", "water"], "say where the photos come from"),
        (["--sku", "water", "--photos", "gone.png"], "gone.png: No such file"),
        (["--sku", "water", "--photos", "store.yaml"], "no picture"),
        (["--sku", "water", "--photos", "green.png", "--box", "1,2,3"], "a box is x,y,width,height"),
        (["--sku", "water", "--photos", "green.png", "--box", "0,0,999,9"], "reaches outside"),
        (["--sku", "water", "--camera", "attic", "--slot", LEFT], "there is no camera 'attic'"),
        (["--sku", "water", "--camera", "shelf"], "say which --slot"),
        (["--sku", "water", "--camera", "shelf", "--slot", "a.b.c"], "does not see slot 'a.b.c'"),
        (["--sku", "water", "--camera", "shelf", "--slot", LEFT, "--seen", "green.png"], "pixels"),
    ],
)
def test_what_cannot_be_enrolled_is_said_and_nothing_written(
    store: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    green(store.parent)
    monkeypatch.chdir(store.parent)
    before = sorted(store.parent.rglob("*")), store.read_bytes()
    with pytest.raises(TillfreeError, match=says):
        run("enroll", store, *arguments)
    assert (sorted(store.parent.rglob("*")), store.read_bytes()) == before


def test_the_shelf_camera_takes_the_photo(store: Path) -> None:
    cv2.imwrite(str(store.parent / "view.png"), Shelf().image(0.0))
    run("enroll", store, "--sku", "water", "--camera", "shelf", "--slot", LEFT, "--seen", store.parent / "view.png")
    taken = read_store(store).products[0].photos[-1]
    x, y, width, height = BOXES[LEFT]
    np.testing.assert_array_equal(
        cv2.imread(str(store.parent / taken.file)), Shelf().image(0.0)[y : y + height, x : x + width]
    )


def test_a_box_before_the_slot(store: Path) -> None:
    cv2.imwrite(str(store.parent / "view.png"), Shelf().image(0.0))
    shown = Shown("shelf", LEFT, box_of("40, 70, 50, 60"), str(store.parent / "view.png"))
    image, _ = shown.photo(read_store(store), store.parent)
    assert image.shape == (60, 50, 3)


def test_a_part_of_a_file_is_kept_without_loss(store: Path) -> None:
    image, taken = from_file(str(store.parent / "water.png"), (4, 5, 30, 40))
    assert image.shape == (40, 30, 3)
    decoded = cv2.imdecode(np.frombuffer(taken.content, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(decoded, image)


def test_a_store_file_changed_meanwhile_is_not_written_over(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_writes(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        store.write_text(STORE + "# mine\n", encoding="utf-8")

    monkeypatch.setattr(keeping, "_write", another_writes)
    with pytest.raises(EnrolmentError, match=r"was changed while this ran.*nothing was enrolled"):
        keep(store, Product(sku="mint", name="Mint"), [Taken(b"photo", ".png")])
    assert store.read_text(encoding="utf-8").endswith("# mine\n")
    assert list((store.parent / "photos").rglob("*.png")) == []


def test_two_who_enrol_one_product_at_once_lose_no_photo(store: Path) -> None:
    seen_by_both = read_store(store).products[0]
    keep(store, seen_by_both, [Taken(b"mine", ".png")])
    with pytest.raises(EnrolmentError, match="was changed while this ran"):
        keep(store, seen_by_both, [Taken(b"yours", ".png")])
    assert [(store.parent / photo.file).read_bytes() for photo in read_store(store).products[0].photos[1:]] == [b"mine"]


def test_a_full_disk_leaves_everything_as_it_was(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(descriptor))

    monkeypatch.setattr("os.fsync", full)
    before = store.read_bytes()
    with pytest.raises(EnrolmentError, match="No space left on device; nothing was enrolled"):
        keep(store, Product(sku="mint", name="Mint"), [Taken(b"photo", ".png")])
    assert store.read_bytes() == before
    assert [path for path in (store.parent / "photos").rglob("*") if path.is_file()] == []


def test_bad_photos_are_told_with_their_names(store: Path) -> None:
    eye = Colours()
    dark = (photo("water") * 0.1).astype(np.uint8)
    said = complaints("water", [("night.png", dark)], looks_of(read_store(store).products, store.parent, eye), eye)
    assert any(each.startswith("night.png: the photo is too dark") for each in said)


def test_what_a_store_still_lacks_is_said(store: Path) -> None:
    text = STORE.replace("photos: [{file: juice.png}]", "weight_g: 300")
    text = text.replace(
        "          - {id: right, span: [0.8, 1.1]}\n",
        "          - {id: right, span: [0.8, 1.1]}\n        plates:\n          - {id: p1, span: [0.0, 0.35]}\n",
    )
    store.write_text(text, encoding="utf-8")
    (store.parent / "cola.png").unlink()
    found = {(each.sku, each.matters): each.what for each in missing(read_store(store), store.parent) if each.matters}
    assert found["juice", True].startswith("has no photos")
    assert found["water", True] == "stands on a plate and has no weight_g"
    assert "cola.png: No such file" in found["cola", True]
