"""Making people unrecognisable in a picture: what is not needed is made of coarse blocks, and every head is.

Whoever decides about a shelf needs to see the slot and the hand. So of a shelf camera's picture only the surroundings
of the slot stay as they are, and heads are hidden there too, as far as persons were found. Of an area camera's picture
everything stays but heads. A head is the upper part of a person's box, with a margin: boxes are off by some pixels.

Blocks are averages of so many pixels that a face in a shelf camera's view is three or four of them across; nothing of
it can be brought back, as the blocks are all that is kept.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from edge.evidence.ring import Box
from hardware.ports import Image

BLOCKS_ACROSS = 32
"""Of a whole picture, where all of it is hidden."""
HEAD_BLOCKS = 3
HEAD_SHARE = 0.3
"""Of a person's box: a head is an eighth of somebody who stands, and more of one who is cut off below."""
HEAD_MARGIN = 0.15
SURROUNDINGS = 0.8
"""How much of its own size around a slot stays as it is, each way."""


def surroundings(slot: Box) -> Box:
    """What of a picture stays as it is for somebody who decides about `slot`."""
    x, y, width, height = slot
    across, down = SURROUNDINGS * width, SURROUNDINGS * height
    return x - across, y - down, width + 2.0 * across, height + 2.0 * down


def head(person: Box) -> Box:
    """Where the head of a person in that box may be."""
    x, y, width, height = person
    tall = min(HEAD_SHARE * height, 1.2 * width)
    return x - HEAD_MARGIN * width, y - HEAD_MARGIN * tall, (1.0 + 2.0 * HEAD_MARGIN) * width, 1.3 * tall


def hidden(image: Image, shown: Sequence[Box] | None, persons: Iterable[Box]) -> Image:
    """`image` with only `shown` as it is (None: all of it), and no head anywhere; boxes in its pixels."""
    result = image.copy()
    if shown is not None:
        height, width = image.shape[:2]
        result = _coarse(image, BLOCKS_ACROSS, max(1, round(BLOCKS_ACROSS * height / width)))
        for box in shown:
            rows, columns = _inside(box, image)
            result[rows, columns] = image[rows, columns]
    for person in persons:
        rows, columns = _inside(head(person), image)
        part = result[rows, columns]
        if part.size:
            result[rows, columns] = _coarse(part, HEAD_BLOCKS, HEAD_BLOCKS)
    return result


def _coarse(image: Image, across: int, down: int) -> Image:
    height, width = image.shape[:2]
    few = cv2.resize(image, (min(across, width), min(down, height)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _inside(box: Box, image: Image) -> tuple[slice, slice]:
    """The rows and columns of `image` that lie in `box`, to whole pixels outwards."""
    x, y, width, height = box
    rows, columns = image.shape[:2]
    left, top = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
    right, bottom = min(columns, int(np.ceil(x + width))), min(rows, int(np.ceil(y + height)))
    return slice(top, max(top, bottom)), slice(left, max(left, right))
