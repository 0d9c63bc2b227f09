"""Labelled pictures in COCO JSON, whose images may be frames of videos.

An image names a picture file (`file_name`, relative to the JSON), or a video and a frame of it: fields `video` and
`frame_index`, or a `file_name` such as `cam01.mp4#33` or `cam6.mp4#frame=20`. Annotations with `iscrowd` 1 are ignored
regions: what is found there counts neither for nor against.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.cameras.image_folder import read_image
from hardware.cameras.timing import Timing
from hardware.cameras.video_file import VideoFile
from hardware.errors import CameraError
from hardware.ports import Image
from tillfree.errors import EvaluationError

_FRAME = re.compile(r"^(?P<video>.+)#(?:frame=)?(?P<index>\d+)$")


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One picture to look at: a picture file, or frame `frame` of a video. `number` is its place in the label file."""

    number: int
    path: Path
    frame: int | None


@dataclass(frozen=True, slots=True)
class Labels:
    """A label file: its pictures, and the COCO dictionary with images numbered from 1 as `images` are."""

    images: tuple[LabelledImage, ...]
    coco: dict[str, Any]

    def category(self, name: str) -> int:
        """The number of the category called `name`; EvaluationError where the labels have none."""
        for category in self.coco["categories"]:
            if category.get("name") == name:
                return int(category["id"])
        known = ", ".join(str(category.get("name")) for category in self.coco["categories"])
        raise EvaluationError(f"the labels have no category {name!r}; they have: {known}")


def read_labels(path: Path) -> Labels:
    """The labels in the COCO JSON at `path`. EvaluationError says what is missing or refers to nothing."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        images = [_image(number, path.parent, entry) for number, entry in enumerate(data["images"], start=1)]
        numbers = _numbers(data["images"])
        annotations = [_annotation(number, entry, numbers) for number, entry in enumerate(data["annotations"], start=1)]
        coco_images = [{**entry, "id": number} for number, entry in enumerate(data["images"], start=1)]
        categories = [dict(category) for category in data["categories"]]
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise EvaluationError(f"{path}: {error}") from None
    except (KeyError, TypeError) as error:
        raise EvaluationError(f"{path}: no COCO labels; {error} is missing or not what it should be") from None
    if not images:
        raise EvaluationError(f"{path}: names no images, so there is nothing to score")
    return Labels(
        tuple(images), {"images": coco_images, "annotations": annotations, "categories": categories, "info": {}}
    )


def _numbers(images: list[dict[str, Any]]) -> dict[Any, int]:
    """The place, from 1, of each image by its id."""
    numbers: dict[Any, int] = {}
    for number, entry in enumerate(images, start=1):
        if numbers.setdefault(entry["id"], number) != number:
            raise ValueError(f"images {numbers[entry['id']]} and {number} have the same id, {entry['id']!r}")
    return numbers


def _image(number: int, folder: Path, entry: dict[str, Any]) -> LabelledImage:
    if "video" in entry:
        return LabelledImage(number, folder / entry["video"], int(entry["frame_index"]))
    name = entry["file_name"]
    match = _FRAME.match(name)
    if match and not (folder / name).exists():
        return LabelledImage(number, folder / match["video"], int(match["index"]))
    return LabelledImage(number, folder / name, None)


def _annotation(number: int, entry: dict[str, Any], numbers: dict[Any, int]) -> dict[str, Any]:
    if entry["image_id"] not in numbers:
        raise ValueError(f"annotation {entry.get('id', number)} is of image {entry['image_id']!r}, which is not listed")
    _, _, width, height = entry["bbox"]
    return {
        "id": number,
        "image_id": numbers[entry["image_id"]],
        "category_id": int(entry["category_id"]),
        "bbox": [float(value) for value in entry["bbox"]],
        "area": float(entry.get("area", width * height)),
        "iscrowd": int(entry.get("iscrowd", 0)),
    }


def pictures(images: tuple[LabelledImage, ...]) -> Iterator[tuple[LabelledImage, Image]]:
    """Every picture with its label entry; each video is decoded once. EvaluationError where one cannot be had."""
    by_video: dict[Path, dict[int, list[LabelledImage]]] = {}
    for image in images:
        if image.frame is None:
            try:
                yield image, read_image(image.path)
            except CameraError as error:
                raise EvaluationError(str(error)) from None
        else:
            by_video.setdefault(image.path, {}).setdefault(image.frame, []).append(image)
    for path, wanted in by_video.items():
        missing = set(wanted)
        try:
            for frame in VideoFile("labels", path, Timing(fps=1000.0, fps_max=1e9)).frames():
                for image in wanted.get(frame.index, ()):
                    yield image, frame.image
                missing.discard(frame.index)
                if not missing:
                    break
        except CameraError as error:
            raise EvaluationError(str(error)) from None
        if missing:
            raise EvaluationError(f"{path}: has no frame {min(missing)}, which the labels name")
