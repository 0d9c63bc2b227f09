"""NanoDet in eight bits beside float: AP50 and milliseconds of a bare run.

    python tests/bench/int8.py --coco LABELS.json [--coco …] [--ranges FILE …] [--json FILE]

`LABELS.json` are COCO labels. Without `--ranges` what `tillfree models pull` made is measured; each file of ranges
(`tillfree models quantise` writes them) adds a variant made from it. Times are medians of processor time of runs at
416 × 288, the variants taken in turn, so that all see the same machine.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.perception.persons import PersonDetector
from models.cache import onnx_path
from models.quantise.eight_bits import quantised
from models.quantise.folding import folded
from models.quantise.ranges import RangesFile
from models.runtime import onnxruntime
from models.shaped import SIDE, shaped
from tillfree.evaluate.coco import Labels, pictures, read_labels
from tillfree.evaluate.persons import SCORE_MIN, average_precision

ROUNDS, RUNS = 5, 12
HEIGHT = 288


def ap50(detector: PersonDetector, labels: Labels) -> float:
    person, found = labels.category("person"), []
    for image, picture in pictures(labels.images):
        detections = detector.detect(picture)
        for (left, top, right, bottom), score in zip(
            detections.boxes.tolist(), detections.scores.tolist(), strict=True
        ):
            box = [left, top, right - left, bottom - top]
            found.append({"image_id": image.number, "category_id": person, "bbox": box, "score": score})
    return average_precision(labels.coco, found, person)[1]


def session(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run_ms(variants: dict[str, Path]) -> dict[str, float]:
    sessions = {name: session(shaped(path, HEIGHT, SIDE)) for name, path in variants.items()}
    tensor = np.random.default_rng(0).normal(size=(1, 3, HEIGHT, SIDE)).astype(np.float32)
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, opened in sessions.items():
            for _ in range(RUNS):
                began = time.thread_time()
                opened.run(None, {"image": tensor})
                times[name].append(time.thread_time() - began)
    return {name: 1000.0 * float(np.median(each)) for name, each in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coco", type=Path, action="append", required=True)
    parser.add_argument("--ranges", type=Path, action="append", default=[])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    published = onnx_path("nanodet")
    sets = [read_labels(path) for path in options.coco]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        variants = {"float": published}
        if not options.ranges:
            variants["int8"] = onnx_path("nanodet", eight_bits=True)
        for number, file in enumerate(options.ranges):
            ranges = RangesFile.model_validate_json(file.read_bytes()).maps
            variants[file.name] = Path(scratch) / f"{number}.onnx"
            variants[file.name].write_bytes(quantised(folded(published.read_bytes()), ranges))
        times = run_ms(variants)
        for name, path in variants.items():
            row: dict[str, Any] = {"variant": name, "ms": round(times[name], 2), "bytes": path.stat().st_size}
            detector = PersonDetector(path, SCORE_MIN)
            for source, labels in zip(options.coco, sets, strict=True):
                row[source.parent.name] = round(ap50(detector, labels), 4)
            rows.append(row)
            sys.stderr.write(f"{row}\n")
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
