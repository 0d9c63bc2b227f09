"""How the shelf network's hands stand poor pictures: labelled pictures in disguises, each scored as it is.

    python tests/bench/hands_variants.py [--coco FILE] [--first N] [--last N]

By default the pictures of mini_amazon_go_v2 that were held back from training (93 to 117). Printed are AP50 and AP of
hands, as `tillfree evaluate hands` counts them.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hardware.ports import Image
from tillfree.evaluate.coco import pictures, read_labels
from tillfree.evaluate.hands import evaluate_hands

COCO = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mini_amazon_go_v2" / "coco.json"
SEED = 1

Look = Callable[[Image, np.random.Generator], Any]
Place = Callable[[list[float], int, int], list[float]]
"""Where a box (left, top, width, height) of a picture of that width and height goes."""


def stays(box: list[float], _: int, __: int) -> list[float]:
    return box


def small(scale: float) -> tuple[Look, Place]:
    def smaller(image: Image, _: np.random.Generator) -> Any:
        return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    return smaller, lambda box, _, __: [scale * value for value in box]


def jpeg(image: Any, quality: int) -> Any:
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


DISGUISES: dict[str, tuple[Look, Place]] = {
    "as they are": (lambda image, _: image, stays),
    "mirrored": (lambda image, _: image[:, ::-1], lambda box, width, _: [width - box[0] - box[2], *box[1:]]),
    "upside down": (
        lambda image, _: image[::-1, ::-1],
        lambda box, width, height: [width - box[0] - box[2], height - box[1] - box[3], box[2], box[3]],
    ),
    "turned 90°": (
        lambda image, _: np.rot90(image, -1),
        lambda box, _, height: [height - box[1] - box[3], box[0], box[3], box[2]],
    ),
    "half as large": small(0.5),
    "a third as large": small(1 / 3),
    "blur 2 px": (lambda image, _: cv2.GaussianBlur(image, (0, 0), 2.0), stays),
    "blur 4 px": (lambda image, _: cv2.GaussianBlur(image, (0, 0), 4.0), stays),
    "dark 0.4": (lambda image, _: image * 0.4, stays),
    "bright 1.4": (lambda image, _: image * 1.4, stays),
    "no colour": (lambda image, _: np.repeat(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None], 3, 2), stays),
    "warm": (lambda image, _: image * np.array([0.7, 0.9, 1.1]), stays),
    "noise 15": (lambda image, chance: image + chance.normal(0, 15, image.shape), stays),
    "JPEG 15": (lambda image, _: jpeg(image, 15), stays),
}


def main() -> None:
    """Disguise, look, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coco", type=Path, default=COCO)
    parser.add_argument("--first", type=int, default=93, help="the first picture of the file, from 1")
    parser.add_argument("--last", type=int, default=117)
    args = parser.parse_args()
    labels = read_labels(args.coco)
    chosen = [(at, picture) for at, picture in pictures(labels.images) if args.first <= at.number <= args.last]
    for name, (look, place) in DISGUISES.items():
        chance = np.random.default_rng(SEED)
        with tempfile.TemporaryDirectory() as scratch:
            images, annotations = [], []
            for at, picture in chosen:
                height, width = picture.shape[:2]
                seen = np.ascontiguousarray(np.clip(look(picture, chance), 0, 255), np.uint8)
                cv2.imwrite(f"{scratch}/{at.number}.png", seen)
                images.append({"id": at.number, "file_name": f"{at.number}.png"})
                for entry in labels.coco["annotations"]:
                    if entry["image_id"] == at.number:
                        box = place(list(entry["bbox"]), width, height)
                        annotations.append({**entry, "bbox": box, "area": box[2] * box[3]})
            coco = {"images": images, "annotations": annotations, "categories": labels.coco["categories"]}
            file = Path(scratch) / "coco.json"
            file.write_text(json.dumps(coco), encoding="utf-8")
            score = evaluate_hands(file, lambda _done, _all: None)
        sys.stdout.write(f"{name:18} AP50 {score['ap50']:.3f}, AP {score['ap']:.3f}, {score['images']} pictures\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
