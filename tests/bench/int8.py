"""NanoDet in eight bits, layer by layer: AP50 and milliseconds beside float's.

    python tests/bench/int8.py --calibrate CALIBRATION.json --coco LABELS.json [--coco …] [--pictures 24] [--json FILE]

`CALIBRATION.json` and `LABELS.json` are COCO labels; keep their pictures apart where a figure is to count. Each variant
quantises the first so many convolutions of the graph, heads stay in float unless it says `all`. Times are the median
processor time of a bare run at 416 × 256, float's taken anew before each variant.
"""

import argparse
import json
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.perception.persons import PersonDetector, _Canvas
from models.cache import onnx_path
from models.quantise.static import convolutions, named, quantised
from models.runtime import onnxruntime
from models.shaped import SIDE, shaped
from tillfree.evaluate.coco import Labels, pictures, read_labels
from tillfree.evaluate.persons import SCORE_MIN, average_precision

RUNS = 40


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


def run_ms(model: bytes) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    tensor = np.random.default_rng(0).normal(size=(1, 3, 256, SIDE)).astype(np.float32)
    times = []
    for _ in range(RUNS):
        began = time.thread_time()
        session.run(None, {"image": tensor})
        times.append(time.thread_time() - began)
    return 1000.0 * float(np.median(times))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibrate", type=Path, required=True)
    parser.add_argument("--coco", type=Path, action="append", required=True)
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    canvas, shown = _Canvas(SIDE, SIDE), []
    for _, picture in islice(pictures(read_labels(options.calibrate).images), options.pictures):
        shown.append(canvas.filled(picture, SIDE / max(picture.shape[:2])).copy())
    published = onnx_path("nanodet")
    layers = convolutions(named(published.read_bytes()))
    sets = [read_labels(path) for path in options.coco]
    rows: list[dict[str, Any]] = []
    float_ms = run_ms(shaped(published, 256, SIDE))
    for count in (0, 8, 16, 22, 28, len(layers)):
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "variant.onnx"
            square = published.read_bytes()
            path.write_bytes(quantised(named(square), shown, layers[:count]) if count else square)
            detector = PersonDetector(path, SCORE_MIN)
            row: dict[str, Any] = {"int8": count, "of": len(layers), "float_ms": round(float_ms, 2)}
            row["ms"] = round(run_ms(shaped(path, 256, SIDE)), 2)
            for source, labels in zip(options.coco, sets, strict=True):
                row[source.parent.name] = round(ap50(detector, labels), 4)
        rows.append(row)
        sys.stderr.write(f"{row}\n")
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
