"""How the gate's reader stands up to poor pictures: every photo of a label file in many disguises.

    python tests/bench/qr_variants.py [--labels CSV] [NAME …]

By default the photos of ../shared/data/qr_photos. Names, or parts of them, choose disguises. Of each is said how many
codes are read with every attempt, how many from the picture as it is, and the longest time of a picture (processor
time of one thread).
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.gate.codes import as_it_is, grey_of, read_still
from hardware.cameras.image_folder import read_image
from hardware.ports import Image

LABELS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "qr_photos" / "labels.csv"
SEED = 1

Disguise = Callable[[Image, np.random.Generator], Any]
"""Gives levels, of any type; they are clipped to 0–255."""


def turned(image: Image, degrees: float) -> Any:
    """The whole picture turned, with its rim repeated."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    across, down = abs(turn[0, 0]), abs(turn[0, 1])
    size = (int(height * down + width * across), int(height * across + width * down))
    turn[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    return cv2.warpAffine(image, turn, size, borderMode=cv2.BORDER_REPLICATE)


def smaller(image: Image, scale: float) -> Any:
    """The code from farther away."""
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def jpeg(image: Any, quality: int) -> Any:
    """A camera that saves on the line."""
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def blurred(image: Any, pixels: float) -> Any:
    """A soft lens."""
    return cv2.GaussianBlur(image, (0, 0), pixels)


def out_of_focus(image: Image, radius: int) -> Any:
    """Every point a disc."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)
    return cv2.filter2D(image, -1, disc / disc.sum())


def moving(image: Image, pixels: int) -> Any:
    """A phone that goes sideways while the shutter is open."""
    return cv2.filter2D(image, -1, np.full((1, pixels), 1.0 / pixels, np.float32))


def askew(image: Image) -> Any:
    """A phone that is held at a slant."""
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array([[0.15 * width, 0.1 * height], [width, 0], [0.85 * width, height], [0, 0.9 * height]], np.float32)
    there = cv2.getPerspectiveTransform(corners, seen)
    return cv2.warpPerspective(image, there, (width, height), borderMode=cv2.BORDER_REPLICATE)


def glaring(image: Image) -> Any:
    """A lamp that mirrors in the screen."""
    height, width = image.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    apart = ((columns / width - 0.4) / 0.25) ** 2 + ((rows / height - 0.4) / 0.25) ** 2
    return image * 0.8 + 200 * np.exp(-apart)[:, :, None]


DISGUISES: dict[str, Disguise] = {
    "as they are": lambda image, _: image,
    "blur 1 px": lambda image, _: blurred(image, 1.0),
    "blur 1.5 px": lambda image, _: blurred(image, 1.5),
    "blur 2.5 px": lambda image, _: blurred(image, 2.5),
    "blur 1.7 px, noise 6": lambda image, chance: blurred(image, 1.7) + chance.normal(0, 6, image.shape),
    "out of focus 2 px": lambda image, _: out_of_focus(image, 2),
    "out of focus 3 px": lambda image, _: out_of_focus(image, 3),
    "out of focus 4 px, JPEG 40": lambda image, _: jpeg(out_of_focus(image, 4), 40),
    "moves 7 px": lambda image, _: moving(image, 7),
    "moves 11 px": lambda image, _: moving(image, 11),
    "dark 0.25": lambda image, _: image * 0.25,
    "dark 0.12, noise 4": lambda image, chance: image * 0.12 + chance.normal(0, 4, image.shape),
    "dim, blur 2 px": lambda image, _: blurred((image * 0.3).astype(np.uint8), 2.0),
    "little contrast": lambda image, _: 110 + image * 0.12,
    "noise 25": lambda image, chance: image + chance.normal(0, 25, image.shape),
    "half as large": lambda image, _: smaller(image, 0.5),
    "a third as large": lambda image, _: smaller(image, 0.333),
    "half as large, JPEG 30": lambda image, _: jpeg(smaller(image, 0.5), 30),
    "half, turned 30°, blur 1 px": lambda image, _: blurred(turned(smaller(image, 0.5), 30), 1.0),
    "JPEG 15": lambda image, _: jpeg(image, 15),
    "turned 20°": lambda image, _: turned(image, 20),
    "turned 45°": lambda image, _: turned(image, 45),
    "turned 90°": lambda image, _: np.rot90(image),
    "mirrored": lambda image, _: image[:, ::-1],
    "inverted": lambda image, _: 255 - image,
    "at a slant": lambda image, _: askew(image),
    "lamp in the screen": lambda image, _: glaring(image),
}


def plain(text: str) -> str:
    """Line ends as one, for files that were edited keep others than codes do."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def main() -> None:
    """Disguise, read, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    with args.labels.open(encoding="utf-8-sig", newline="") as file:
        photos = [(read_image(args.labels.parent / row["file"]), plain(row["text"])) for row in csv.DictReader(file)]
    for name, disguise in DISGUISES.items():
        if args.names and not any(part in name for part in args.names):
            continue
        chance = np.random.default_rng(SEED)
        read = unaided = 0
        longest_ms = 0.0
        for photo, text in photos:
            seen = np.ascontiguousarray(np.clip(disguise(photo, chance), 0, 255), np.uint8)
            began = time.thread_time()
            read += text in map(plain, read_still(seen))
            longest_ms = max(longest_ms, 1000.0 * (time.thread_time() - began))
            unaided += text in map(plain, as_it_is(grey_of(seen)))
        sys.stdout.write(
            f"{name:28} {read:3} of {len(photos)}, {unaided:3} as they are; {longest_ms:4.0f} ms at most\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
