"""What a look of the shelf network costs, and what it says: python tests/bench/shelf_network.py [--coco FILE]

Processor time of the one thread, median and 90th percentile, by the picture's size: the whole look, and the bare run.
With labels, at the score from which on hands are told of (`HAND_MIN`): how many of the labelled hands are found (IoU
0.5), how many are said where none is, and in how many pictures without a hand one is said.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from edge.perception.detections import overlaps
from edge.perception.needs import SHELF
from edge.perception.shelf_network import ShelfNetwork
from models.cache import onnx_path
from tillfree.evaluate.coco import pictures, read_labels
from tillfree.evaluate.hands import HANDS

SAME_MIN = 0.5
SIZES = ((640, 480), (640, 360), (1280, 720), (1920, 1080))


def told(network: ShelfNetwork, path: Path) -> dict[str, int]:
    labels = read_labels(path)
    hands = {each["id"] for each in labels.coco["categories"] if str(each["name"]).strip().lower() in HANDS}
    found = false = without = startled = 0
    total = sum(each["category_id"] in hands and not each["iscrowd"] for each in labels.coco["annotations"])
    for image, picture in pictures(labels.images):
        rows = [
            (each["bbox"], each["iscrowd"])
            for each in labels.coco["annotations"]
            if each["image_id"] == image.number and each["category_id"] in hands
        ]
        said = [each.box for each in network.look(picture) if each.kind == "hand"]
        true = np.array([(x, y, x + width, y + height) for (x, y, width, height), _ in rows], np.float32).reshape(-1, 4)
        shared = overlaps(np.array(said, np.float32).reshape(-1, 4), true) >= SAME_MIN
        asked = np.array([not crowd for _, crowd in rows], np.bool_)
        found += int(np.count_nonzero(shared[:, asked].any(axis=0)))
        false += int(np.count_nonzero(~shared.any(axis=1)))
        without += not rows
        startled += not rows and bool(said)
    return {
        "hands": total,
        "found": found,
        "said_where_none_is": false,
        "pictures_without_a_hand": without,
        "of_them_with_one_said": startled,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=60)
    parser.add_argument("--coco", type=Path)
    asked = parser.parse_args()
    network = ShelfNetwork(onnx_path(SHELF))
    chance = np.random.default_rng(0)
    result: dict[str, Any] = {}
    for width, height in SIZES:
        picture = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
        network.look(picture)
        bare = network.network.run_s
        took = []
        for _ in range(asked.looks):
            began = time.thread_time()
            network.look(picture)
            took.append(1000.0 * (time.thread_time() - began))
        result[f"{width}x{height}"] = {
            "ms_p50": round(float(np.median(took)), 2),
            "ms_p90": round(float(np.percentile(took, 90)), 2),
            "bare_run_ms": round(1000.0 * (network.network.run_s - bare) / asked.looks, 2),
        }
    if asked.coco:
        result["told"] = told(network, asked.coco)
    print(json.dumps(result, indent=1))  # noqa: T201 - what this is for


if __name__ == "__main__":
    main()
