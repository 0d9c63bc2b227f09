"""Makes folders to train on from real pictures: of a cabinet, of people in a room, and of shelves without people.

    python -m models.shelf.training.real --data ../shared/data --out DIR

- cabinet: mini_amazon_go_v2 (Apache-2.0), its first 77 pictures, two sessions of three; the third is for checking
  (`SPLIT`). Hands are cut out, too, to be laid over other pictures. And mini_amazon_go_shenzhen_s1 (Apache-2.0),
  labelled in above.py.
- people: four_cameras_calibrated_lab (BSD-3-Clause), every sixth picture. Hands are where MoveNet has wrists, a little
  further along the forearm; those that it is not sure of are not asked for.
- shelves: grocery_store_gallery (MIT), those of its photos in which NanoDet sees nobody. Products are not labelled in
  them (heaps of fruit are not counted), so they only say what is no hand; hands are laid over them.

`--check` writes mini_amazon_go_v2's other parts as COCO JSON instead: validation.json and held_back.json.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.perception.needs import PERSONS, POSE
from edge.perception.persons import PersonDetector
from edge.perception.pose import SIDE, PoseFinder
from hardware.cameras.image_folder import read_image
from hardware.ports import Image
from models.cache import onnx_path
from models.shelf.training.above import BOXES, WIDTH

SPLIT = {"train": (1, 77), "validation": (78, 89), "held_back": (93, 117)}
"""Numbers of mini_amazon_go_v2's pictures. Between the first two parts lie 203 s, between the last two 25 s."""
SURE, UNSURE = 0.4, 0.02
LEFT_ARM, RIGHT_ARM = (7, 9), (8, 10)
"""Elbow and wrist among COCO's joints."""
BEYOND = 0.36
"""How far the middle of a hand lies beyond the wrist, of the forearm's length."""
HAND_SHARE = 0.105
"""A hand's side, of a person's height."""
PERSON_MIN, NOBODY_MAX = 0.5, 0.25


def main() -> None:
    """Make the folders that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if asked.check:
        asked.out.mkdir(parents=True, exist_ok=True)
        for part in ("validation", "held_back"):
            (asked.out / f"{part}.json").write_text(json.dumps(part_of(asked.data / "mini_amazon_go_v2", part)))
        return
    _write(asked.out / "cabinet", cabinet(asked.data / "mini_amazon_go_v2"))
    _write(asked.out / "cabinet", above(asked.data / "mini_amazon_go_shenzhen_s1"))
    _write(asked.out / "people", _people(asked.data / "four_cameras_calibrated_lab"))
    _write(asked.out / "shelves", shelves(asked.data / "grocery_store_gallery"))


Made = tuple[str, Image, Image | None, list[list[Any]], list[str]]
"""Name, picture, mask of whoever can be cut out, boxes, kinds that are labelled."""


def _write(folder: Path, made: Iterator[Made]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.jsonl").open("a", encoding="utf-8") as lines:
        for name, image, mask, boxes, knows in made:
            line: dict[str, Any] = {"file": f"{name}.jpg", "boxes": boxes, "knows": knows}
            cv2.imwrite(str(folder / line["file"]), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
            if mask is not None:
                line["mask"] = f"{name}.png"
                cv2.imwrite(str(folder / line["mask"]), mask)
            lines.write(json.dumps(line) + "\n")


def cabinet(folder: Path) -> Iterator[Made]:
    """Hands and products in a cabinet, labelled by their authors."""
    coco = part_of(folder, "train")
    names = {category["id"]: category["name"] for category in coco["categories"]}
    for entry in coco["images"]:
        image = read_image(Path(entry["file_name"]))
        boxes = [
            ["hand" if names[each["category_id"]] == "hand" else "product", *each["bbox"], 1.0, 1]
            for each in coco["annotations"]
            if each["image_id"] == entry["id"]
        ]
        yield f"v2-{entry['id']:03}", image, _arm(image, boxes), boxes, ["hand", "product"]


def part_of(folder: Path, part: str) -> dict[str, Any]:
    """Those of the data set's pictures that belong to `part`, with whole paths."""
    coco = json.loads((folder / "coco.json").read_text(encoding="utf-8"))
    first, last = SPLIT[part]
    images = [
        {**entry, "file_name": str((folder / entry["file_name"]).resolve())}
        for entry in coco["images"]
        if first <= entry["id"] <= last
    ]
    chosen = {entry["id"] for entry in images}
    annotations = [each for each in coco["annotations"] if each["image_id"] in chosen]
    return {**coco, "images": images, "annotations": annotations}


def _arm(image: Image, boxes: list[list[Any]]) -> Image | None:
    """The hand in the picture and its arm, cut out by GrabCut (Rother et al., SIGGRAPH 2004); None without one."""
    hands = [box for box in boxes if box[0] == "hand"]
    if len(hands) != 1:
        return None
    small = cv2.resize(image, (320, 240), interpolation=cv2.INTER_AREA)
    shrink = 320 / image.shape[1]
    x, y, width, height = (value * shrink for value in hands[0][1:5])
    mask = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
    skin = cv2.inRange(cv2.cvtColor(small, cv2.COLOR_BGR2YCrCb), (30, 137, 85), (255, 172, 128)) > 0
    inside = np.zeros(small.shape[:2], np.bool_)
    inside[int(y) : int(y + height), int(x) : int(x + width)] = True
    mask[skin] = cv2.GC_PR_FGD
    core = np.zeros(small.shape[:2], np.bool_)
    core[int(y + 0.3 * height) : int(y + 0.7 * height), int(x + 0.3 * width) : int(x + 0.7 * width)] = True
    mask[core & skin] = cv2.GC_FGD
    for kind, left, top, wide, high, *_ in boxes:
        if kind == "product":
            box = np.zeros(small.shape[:2], np.bool_)
            box[int(top * shrink) : int((top + high) * shrink), int(left * shrink) : int((left + wide) * shrink)] = True
            mask[box & ~inside] = cv2.GC_BGD
    if not (mask == cv2.GC_FGD).any():
        return None
    cv2.grabCut(small, mask, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    shown = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    shown = cv2.morphologyEx(shown, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, pieces = cv2.connectedComponents(shown)
    counts = np.bincount(pieces[inside & (shown > 0)], minlength=2)
    counts[0] = 0
    one = (pieces == counts.argmax()).astype(np.uint8) * 255
    filled = float((one[inside] > 0).mean())
    if not 0.35 <= filled <= 0.97:
        return None
    return np.asarray(cv2.resize(one, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)


def above(folder: Path) -> Iterator[Made]:
    """Hands and products on a shelf seen from above, labelled in above.py."""
    for number, (path, labels) in enumerate(zip(sorted((folder / "images").glob("*.jpg")), BOXES, strict=True)):
        image = read_image(path)
        grow = image.shape[1] / WIDTH
        boxes = []
        for kind, left, top, right, bottom, *scored in labels:
            box = [round(value * grow, 1) for value in (left, top, right - left, bottom - top)]
            boxes.append([kind, *box, 1.0, int(all(scored))])
        yield f"s1-{number:02}", image, None, boxes, ["hand", "product"]


def _people(folder: Path) -> Iterator[Made]:
    detector, poser = PersonDetector(onnx_path(PERSONS)), PoseFinder(onnx_path(POSE))
    for path in sorted(folder.glob("*.mp4")):
        capture = cv2.VideoCapture(str(path))
        for number in range(0, 100, 6):
            capture.set(cv2.CAP_PROP_POS_FRAMES, number)
            read, picture = capture.read()
            if not read:
                break
            image = np.asarray(picture, np.uint8)
            persons = detector.detect(image)
            boxes = []
            for person, score in zip(persons.boxes, persons.scores, strict=True):
                if score >= PERSON_MIN:
                    boxes += _hands(poser, image, person)
            half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            halved = [[box[0], *(value / 2.0 for value in box[1:5]), *box[5:]] for box in boxes]
            yield f"{path.stem}-{number:03}", np.asarray(half, np.uint8), None, halved, ["hand"]


def _hands(poser: PoseFinder, image: Image, person: np.ndarray) -> list[list[Any]]:
    """A box a hand that MoveNet has a wrist of."""
    middle, side = (person[:2] + person[2:]) / 2.0, float((person[2:] - person[:2]).max()) * 1.25
    scale = SIDE / side
    shift = SIDE / 2.0 - scale * middle
    moved = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]], np.float64)
    crop = cv2.warpAffine(image, moved, (SIDE, SIDE))
    joints = poser.network.run(np.ascontiguousarray(crop[None, :, :, ::-1], np.int32))[0][0, 0]
    tall = float(person[3] - person[1])
    found: list[list[Any]] = []
    for elbow, wrist in (LEFT_ARM, RIGHT_ARM):
        score = float(min(joints[wrist, 2], joints[elbow, 2] + 0.1))
        if score < UNSURE:
            continue
        ends = (joints[[elbow, wrist]][:, [1, 0]] - 0.5) * side + middle
        at = ends[1] + BEYOND * (ends[1] - ends[0])
        across = HAND_SHARE * tall
        box = [round(float(value), 1) for value in (at[0] - across / 2, at[1] - across / 2, across, across)]
        found.append(["hand", *box, 1.0, int(score >= SURE)])
    return found


def shelves(folder: Path) -> Iterator[Made]:
    """Photos of shelves without people."""
    detector = PersonDetector(onnx_path(PERSONS), NOBODY_MAX)
    for path in sorted((folder / "images").rglob("*.jpg")):
        image = read_image(path)
        if len(detector.detect(image)) == 0:
            yield f"{path.parent.name}-{path.stem}", image, None, [], ["hand"]


if __name__ == "__main__":
    main()
