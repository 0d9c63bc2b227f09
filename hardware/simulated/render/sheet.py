"""Contact sheets: what the cameras see, with the truth drawn over it."""

from collections.abc import Iterable

import cv2
import numpy as np

from hardware.ports import Image
from hardware.simulated.render.visible import Visible

COLOURS: dict[str, tuple[int, int, int]] = {
    "person": (80, 220, 60),
    "left hand": (255, 120, 40),
    "right hand": (50, 60, 255),
    "item": (40, 220, 250),
}
"""Blue-green-red; of the left hand bluish, of the right reddish."""
MARGIN = 6


def with_truth(image: Image, seen: Iterable[Visible], title: str, held: frozenset[str] = frozenset()) -> Image:
    """The picture with the boxes of persons, hands and the items that are `held`, and a title."""
    drawn = image.copy()
    for thing in seen:
        if thing.kind == "item" and thing.id not in held:
            continue
        x, y, width, height = thing.box
        colour = COLOURS[thing.kind]
        cv2.rectangle(drawn, (x, y), (x + width, y + height), colour, 1, cv2.LINE_AA)
        if thing.kind == "person":
            cv2.putText(drawn, thing.id, (x + 2, max(y - 3, 9)), cv2.FONT_HERSHEY_SIMPLEX, 0.36, colour, 1, cv2.LINE_AA)
    cv2.rectangle(drawn, (0, 0), (drawn.shape[1], 17), (30, 30, 30), -1)
    cv2.putText(drawn, title, (5, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (240, 240, 240), 1, cv2.LINE_AA)
    return drawn


def contact_sheet(pictures: Iterable[Image], columns: int, width: int) -> Image:
    """Pictures in rows, each `width` pixels wide; a row is as high as the highest of its pictures."""
    scaled = [
        cv2.resize(p, (width, round(p.shape[0] * width / p.shape[1])), interpolation=cv2.INTER_AREA) for p in pictures
    ]
    rows = []
    for start in range(0, len(scaled), columns):
        row = scaled[start : start + columns]
        high = max(picture.shape[0] for picture in row)
        sheet = np.full((high + MARGIN, columns * (width + MARGIN), 3), 250, np.uint8)
        for number, picture in enumerate(row):
            left = number * (width + MARGIN)
            sheet[: picture.shape[0], left : left + width] = picture
        rows.append(sheet)
    return np.concatenate(rows) if rows else np.zeros((1, 1, 3), np.uint8)
