"""Labelled pictures: files and frames of films, and labels that refer to nothing."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.unit.hardware.film import picture, write_film
from tillfree.errors import EvaluationError
from tillfree.evaluate.coco import pictures, read_labels
from tillfree.evaluate.persons import average_precision

ONE = '"images": [{"id": 1, "file_name": "a"}]'
PERSON = {"id": 1, "name": "person"}


def labels(folder: Path, *images: dict[str, Any], annotations: Any = (), categories: Any = (PERSON,)) -> Path:
    path = folder / "labels.json"
    numbered = [{"id": f"image-{number}", **image} for number, image in enumerate(images)]
    path.write_text(json.dumps({"images": numbered, "annotations": list(annotations), "categories": list(categories)}))
    return path


def box(image: int, *xywh: float, **more: Any) -> dict[str, Any]:
    return {"id": 5, "image_id": f"image-{image}", "category_id": 1, "bbox": list(xywh), **more}


def test_pictures_are_files_or_frames_of_films(tmp_path: Path) -> None:
    write_film(tmp_path / "cam01.mp4", pictures=6)
    cv2.imwrite(str(tmp_path / "a.png"), picture(9))
    (tmp_path / "odd.png#3").write_bytes(cv2.imencode(".png", picture(8))[1].tobytes())
    path = labels(
        tmp_path,
        {"file_name": "cam01.mp4#4"},
        {"file_name": "a.png"},
        {"file_name": "cam01.mp4#frame=1"},
        {"video": "cam01.mp4", "frame_index": 4},
        {"file_name": "odd.png#3"},
    )
    seen = {image.number: shown for image, shown in pictures(read_labels(path).images)}
    assert sorted(seen) == [1, 2, 3, 4, 5]
    for number, wanted in ((1, 4), (2, 9), (3, 1), (4, 4), (5, 8)):
        assert np.abs(seen[number].astype(int) - picture(wanted)).mean() < 12


def test_labels_are_numbered_as_the_scorer_wants_them(tmp_path: Path) -> None:
    path = labels(
        tmp_path,
        {"file_name": "a.png"},
        {"file_name": "b.png"},
        annotations=[box(1, 1, 2, 3, 4), box(0, 0, 0, 5, 5, iscrowd=1)],
    )
    found = read_labels(path)
    assert [image["id"] for image in found.coco["images"]] == [1, 2]
    first, second = found.coco["annotations"]
    assert (first["id"], first["image_id"], first["area"], first["iscrowd"]) == (1, 2, 12.0, 0)
    assert (second["id"], second["image_id"], second["iscrowd"]) == (2, 1, 1)
    assert found.category("person") == 1
    with pytest.raises(EvaluationError, match="no category 'hand'; they have: person"):
        found.category("hand")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Expecting value"),
        ("[]", "no COCO labels"),
        ("{}", "no COCO labels; 'images' is missing"),
        ('{"images": [{}], "annotations": [], "categories": []}', "'file_name' is missing"),
        ('{"images": [1], "annotations": [], "categories": []}', "no COCO labels"),
        ('{"images": [], "annotations": [], "categories": []}', "names no images"),
        ('{"images": [{"id": 1, "file_name": "a"}], "annotations": [], "categories": 5}', "no COCO labels"),
        (
            f'{{{ONE}, "annotations": [{{"image_id": 2, "bbox": []}}], "categories": []}}',
            "is of image 2, which is not listed",
        ),
        (
            f'{{{ONE}, "annotations": [{{"image_id": 1, "bbox": [1]}}], "categories": []}}',
            "labels.json: ",
        ),
        (f'{{{ONE[:-1]}, {{"id": 1, "file_name": "b"}}], "annotations": [], "categories": []}}', "1 and 2 have"),
    ],
)  # fmt: skip
def test_labels_that_say_nothing_are_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(EvaluationError, match=says) as caught:
        read_labels(tmp_path / "labels.json")
    assert "labels.json" in str(caught.value)


def test_labels_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="No such file"):
        read_labels(tmp_path / "labels.json")


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ({"file_name": "gone.png"}, "gone.png: No such file"),
        ({"file_name": "cam01.mp4#99"}, "cam01.mp4: has no frame 99, which the labels name"),
        ({"file_name": "gone.mp4#1"}, "no such file"),
    ],
)
def test_pictures_that_cannot_be_had(tmp_path: Path, image: dict[str, str], says: str) -> None:
    write_film(tmp_path / "cam01.mp4", pictures=2)
    with pytest.raises(EvaluationError, match=says):
        list(pictures(read_labels(labels(tmp_path, image)).images))


def found_at(*xywh: float, score: float = 0.9, image: int = 1) -> dict[str, Any]:
    return {"image_id": image, "category_id": 1, "bbox": list(xywh), "score": score}


@pytest.mark.parametrize(
    ("found", "ap50"),
    [
        ([], 0.0),
        ([found_at(10, 10, 40, 80)], 1.0),
        ([found_at(10, 10, 40, 80), found_at(200, 10, 40, 80, score=0.5)], 1.0),
        ([found_at(10, 10, 40, 80, score=0.5), found_at(200, 10, 40, 80)], 0.5),
        ([found_at(200, 10, 40, 80)], 0.0),
        ([found_at(10, 10, 40, 80), found_at(100, 100, 30, 30, score=0.95)], 1.0),
    ],
    ids=["nothing found", "found", "a doubtful ghost", "a sure ghost", "a ghost alone", "in an ignored region"],
)
def test_average_precision(tmp_path: Path, found: list[dict[str, Any]], ap50: float) -> None:
    pytest.importorskip("pycocotools", reason="scoring boxes needs pycocotools")
    path = labels(
        tmp_path,
        {"file_name": "a.png", "width": 640, "height": 480},
        annotations=[box(0, 10, 10, 40, 80), box(0, 90, 90, 60, 60, iscrowd=1)],
    )
    assert average_precision(read_labels(path).coco, found, 1)[1] == pytest.approx(ap50, abs=0.01)


def test_labels_without_a_single_person_cannot_be_scored(tmp_path: Path) -> None:
    pytest.importorskip("pycocotools", reason="scoring boxes needs pycocotools")
    with pytest.raises(EvaluationError, match="hold no box of the category"):
        average_precision(read_labels(labels(tmp_path, {"file_name": "a.png"})).coco, [], 1)
