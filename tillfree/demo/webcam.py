"""A mock store from one camera and what stands before it: three slots side by side, enrolled as they stand now."""

import io
import time
from itertools import islice
from pathlib import Path

import cv2
from ruamel.yaml import YAML

from hardware.cameras.source import open_source
from hardware.cameras.webcam import found
from hardware.ports import Image
from protocol.store import Camera
from tillfree.errors import DemoError

SIZE = (640, 480)
SETTLING_PICTURES = 15
"""A webcam needs a moment to find its exposure."""
SLOTS = ("left", "middle", "right")


def first_source() -> str:
    """The first webcam's source; DemoError says what to give where there is none."""
    numbers = found()
    if not numbers:
        raise DemoError(
            "this machine has no webcam (/dev/video0). Connect one, or play a recording: "
            "tillfree demo DIR (a folder with a recording.yaml; see docs/recording.md)"
        )
    return f"webcam:{numbers[0]}"


def make_store(source: str, folder: Path) -> Path:
    """Write a store file into `folder` whose camera is `source`, and the picture its products are enrolled from."""
    picture = _look(source, folder)
    height, width = picture.shape[:2]
    cv2.imwrite(str(folder / "start.png"), picture)
    third, margin = width // len(SLOTS), width // 40
    boxes = [
        [number * third + margin, height // 8, third - 2 * margin, height * 3 // 4] for number in range(len(SLOTS))
    ]
    store = {
        "format": 1,
        "store": "webcam-store",
        "name": "What stands before the webcam",
        "currency": "EUR",
        "cameras": [
            {
                "id": "shelf",
                "role": "shelf",
                "source": source,
                "size": [width, height],
                "views": [{"slot": f"table.top.{slot}", "box": box} for slot, box in zip(SLOTS, boxes, strict=True)],
            }
        ],
        "gondolas": [
            {
                "id": "table",
                "origin": [0, 0],
                "width": 0.9,
                "depth": 0.5,
                "shelves": [
                    {
                        "id": "top",
                        "height": 0.75,
                        "slots": [{"id": slot, "span": [0.3 * n, 0.3 * (n + 1)]} for n, slot in enumerate(SLOTS)],
                    }
                ],
            }
        ],
        "products": [
            {
                "sku": f"{slot}-thing",
                "name": f"What stands in the {slot}",
                "price_minor": 100,
                "photos": [{"file": "start.png", "box": box}],
            }
            for slot, box in zip(SLOTS, boxes, strict=True)
        ],
        "planogram": [{"slot": f"table.top.{slot}", "sku": f"{slot}-thing"} for slot in SLOTS],
    }
    text = io.StringIO()
    YAML().dump(store, text)
    path = folder / "store.yaml"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def _look(source: str, folder: Path) -> Image:
    began_s = time.monotonic()
    plan = Camera(id="shelf", role="area", source=source, size=SIZE, fps_max=30)
    camera = open_source(plan, folder, lambda: time.monotonic() - began_s)
    try:
        pictures = list(islice(camera.frames(), SETTLING_PICTURES))
    finally:
        camera.close()
    if not pictures:
        raise DemoError(f"{source} gives no pictures")
    return pictures[-1].image
