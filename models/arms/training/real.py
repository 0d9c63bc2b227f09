"""Makes folders to train the arms network on from real pictures; which, and under which licences, says the README.

    python -m models.arms.training.real --data ../shared/data --out DIR

- people: of four_cameras_calibrated_lab every sixth picture. Heads, hands, and where people stand are where MoveNet has
  eyes, ears, wrists and ankles; what it is not sure of is not asked for.
- cabinet, shelves: as models/shelf/training/real.py makes them; in neither does a head show.
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
from hardware.ports import Image
from models.cache import onnx_path
from models.shelf.training.real import above, cabinet, shelves

PERSON_MIN = 0.5
EVERY = 6
SURE, UNSURE = 0.4, 0.02
FACE, ARMS, FEET = slice(0, 5), ((7, 9), (8, 10)), (15, 16)
"""Among COCO's joints: eyes, ears and nose; elbow and wrist; ankles."""
HEAD_RADIUS, HAND_SHARE = 0.065, 0.105
"""Of a person's height."""
BEYOND = 0.36
"""How far the middle of a hand lies beyond the wrist, of the forearm's length."""
Line = tuple[str, Image, dict[str, Any]]


def main() -> None:
    """Make the folders that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    _write(asked.out / "people", people(asked.data / "four_cameras_calibrated_lab"))
    _write(asked.out / "cabinet", _hands(cabinet(asked.data / "mini_amazon_go_v2"), ["hand", "head"]))
    _write(asked.out / "cabinet", _hands(above(asked.data / "mini_amazon_go_shenzhen_s1"), ["hand", "head"]))
    _write(asked.out / "shelves", _hands(shelves(asked.data / "grocery_store_gallery"), ["hand", "head", "body"]))


def _write(folder: Path, made: Iterator[Line]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.jsonl").open("a", encoding="utf-8") as lines:
        for name, image, line in made:
            cv2.imwrite(str(folder / f"{name}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
            lines.write(json.dumps({"file": f"{name}.jpg", **line}) + "\n")


def _hands(made: Iterator[tuple[str, Image, Any, list[list[Any]], list[str]]], knows: list[str]) -> Iterator[Line]:
    """Pictures with hands of whom nobody knows whose they are."""
    for name, image, _, boxes, _ in made:
        hands = [[0, *box[1:5], box[6]] for box in boxes if box[0] == "hand"]
        yield name, image, {"people": [], "hands": hands, "knows": knows}


def people(folder: Path) -> Iterator[Line]:
    """Pictures in which MoveNet tells people's heads, hands and feet."""
    detector, poser = PersonDetector(onnx_path(PERSONS)), PoseFinder(onnx_path(POSE))
    for path in sorted(folder.glob("*.mp4")):
        capture = cv2.VideoCapture(str(path))
        for number in range(0, 100, EVERY):
            capture.set(cv2.CAP_PROP_POS_FRAMES, number)
            read, picture = capture.read()
            if not read:
                break
            image = np.asarray(picture, np.uint8)
            found = detector.detect(image)
            bodies = [_body(poser, image, box) for box in found.boxes[found.scores >= PERSON_MIN]]
            half = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
            hands = [[owner, *hand] for owner, (_, theirs) in enumerate(bodies, start=1) for hand in theirs]
            heads = [head for head, _ in bodies]
            knows = ["hand", "head"] if all(head[2] > 0 for head in heads) else ["hand"]
            yield f"{path.stem}-{number:03}", half, {"people": heads, "hands": hands, "knows": knows}


def _body(poser: PoseFinder, image: Image, box: np.ndarray) -> tuple[list[float], list[list[float]]]:
    """Head (middle, radius, share, feet) and hands of whom is in `box`, in pixels of the picture at half its size."""
    middle, side = (box[:2] + box[2:]) / 2.0, float((box[2:] - box[:2]).max()) * 1.25
    scale = SIDE / side
    shift = SIDE / 2.0 - scale * middle
    crop = cv2.warpAffine(image, np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]]), (SIDE, SIDE))
    joints = poser.network.run(np.ascontiguousarray(crop[None, :, :, ::-1], np.int32))[0][0, 0]
    at, sure = ((joints[:, [1, 0]] - 0.5) * side + middle) / 2.0, joints[:, 2]
    tall = float(box[3] - box[1]) / 2.0
    face = at[FACE][sure[FACE] >= SURE]
    feet = [at[joint] for joint in FEET if sure[joint] >= SURE]
    head = [0.0] * 6
    if len(face) >= 2:
        stood = np.mean(feet, axis=0) if len(feet) == 2 else np.array([np.nan, np.nan])
        head = [*face.mean(axis=0), HEAD_RADIUS * tall, 1.0, *stood]
    hands = []
    for elbow, wrist in ARMS:
        score = min(sure[wrist], sure[elbow] + 0.1)
        if score >= UNSURE:
            palm = at[wrist] + BEYOND * (at[wrist] - at[elbow])
            across = HAND_SHARE * tall
            hands.append([*(palm - across / 2.0), across, across, float(score >= SURE)])
    return [round(float(value), 1) for value in head], [[round(float(v), 1) for v in hand] for hand in hands]


if __name__ == "__main__":
    main()
