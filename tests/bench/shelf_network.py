"""What a look of the shelf network costs: python tests/bench/shelf_network.py [--looks 60]

Processor time of the one thread, median and 90th percentile, by the picture's size: the whole look, and the bare run.
"""

import argparse
import json
import time

import numpy as np

from edge.perception.needs import SHELF
from edge.perception.shelf_network import ShelfNetwork
from models.cache import onnx_path

SIZES = ((640, 480), (640, 360), (1280, 720), (1920, 1080))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=60)
    asked = parser.parse_args()
    network = ShelfNetwork(onnx_path(SHELF))
    chance = np.random.default_rng(0)
    result = {}
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
    print(json.dumps(result, indent=1))  # noqa: T201 - what this is for


if __name__ == "__main__":
    main()
