"""Contact sheets: what the cameras see, with the truth drawn over it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image
from hardware.simulated.recording.labels import Labels

Colour = tuple[int, int, int]
"""Blue-green-red."""
PERSON: Colour = (80, 220, 60)
HIDDEN: Colour = (150, 150, 150)
"""Of what is not scored, because hardly any of it shows."""
LEFT_HAND: Colour = (255, 120, 40)
RIGHT_HAND: Colour = (50, 60, 255)
HELD: Colour = (40, 220, 250)
SLOT: Colour = (230, 180, 60)
MARGIN_PX, TITLE_PX = 6, 22
FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A picture, its labels, the outlines of slots in it (each (n, 2), pixels), and what to write above it."""

    image: Image
    labels: Labels
    slots: Sequence[npt.NDArray[np.float64]]
    title: str


def panel(shown: Panel, width_px: int) -> Image:
    """The picture of that width with all of this over it, its title above it."""
    scale = width_px / shown.image.shape[1]
    size = (width_px, round(shown.image.shape[0] * scale))
    smaller = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
    picture = np.asarray(cv2.resize(shown.image, size, interpolation=smaller), np.uint8)
    for outline in shown.slots:
        cv2.polylines(picture, [np.rint(outline * scale).astype(np.int32)], True, SLOT, 1, cv2.LINE_AA)
    for product in shown.labels.products:
        if product.held:
            _box(picture, product.box, scale, HELD)
    for hand in shown.labels.hands:
        _box(picture, hand.box, scale, LEFT_HAND if hand.side == "left" else RIGHT_HAND)
    for person in shown.labels.persons:
        if person.visibility > 0.0:
            colour = PERSON if person.scored else HIDDEN
            _box(picture, person.box, scale, colour)
            _caption(picture, f"{person.id} {person.visibility:.0%}", person.box, scale, colour)
    head = np.full((TITLE_PX, width_px, 3), 250, np.uint8)
    cv2.putText(head, shown.title, (3, TITLE_PX - 7), FONT, 0.48, (40, 40, 40), 1, cv2.LINE_AA)
    return np.concatenate([head, picture])


def _box(picture: Image, box: tuple[float, float, float, float], scale: float, colour: Colour) -> None:
    x, y, right, bottom = (round(scale * value) for value in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
    cv2.rectangle(picture, (x, y), (right - 1, bottom - 1), colour, 1, cv2.LINE_AA)


def _caption(picture: Image, text: str, box: tuple[float, float, float, float], scale: float, colour: Colour) -> None:
    """The text on a dark ground, just above the box where there is room, else within it; never cut off."""
    (wide, high), _ = cv2.getTextSize(text, FONT, 0.38, 1)
    x = min(max(round(scale * box[0]), 0), picture.shape[1] - wide - 4)
    top = round(scale * box[1]) - high - 5
    y = top if top >= 0 else round(scale * box[1])
    y = min(max(y, 0), picture.shape[0] - high - 6)
    cv2.rectangle(picture, (x, y), (x + wide + 3, y + high + 4), (30, 30, 30), -1)
    cv2.putText(picture, text, (x + 2, y + high + 1), FONT, 0.38, colour, 1, cv2.LINE_AA)


def contact_sheet(pictures: Iterable[Image], columns: int, width: int) -> Image:
    """Pictures in rows, each `width` pixels wide; a row is as high as the highest of its pictures."""
    scaled = [
        cv2.resize(p, (width, round(p.shape[0] * width / p.shape[1])), interpolation=cv2.INTER_AREA) for p in pictures
    ]
    rows = []
    for start in range(0, len(scaled), columns):
        row = scaled[start : start + columns]
        high = max(picture.shape[0] for picture in row)
        sheet = np.full((high + MARGIN_PX, columns * (width + MARGIN_PX), 3), 250, np.uint8)
        for number, picture in enumerate(row):
            left = number * (width + MARGIN_PX)
            sheet[: picture.shape[0], left : left + width] = picture
        rows.append(sheet)
    return np.concatenate(rows) if rows else np.zeros((1, 1, 3), np.uint8)
