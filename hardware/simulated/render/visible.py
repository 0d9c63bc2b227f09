"""What a camera really sees: the box of every visible person, hand and item in an id image."""

from dataclasses import dataclass

import numpy as np

from hardware.simulated.render.ids import FIRST_ITEM, IdImage, Ids, Kind


@dataclass(frozen=True, slots=True)
class Visible:
    """One thing in a picture: what, which, the box of its visible pixels (x, y, width, height) and their number."""

    kind: Kind
    id: str
    box: tuple[int, int, int, int]
    pixels: int


def visible(image: IdImage, ids: Ids, pixels_min: int = 6) -> tuple[Visible, ...]:
    """Everything of which at least `pixels_min` pixels show, by number. A person's box covers their hands too."""
    numbers = image.astype(np.int32)
    found = [*_boxes(numbers, ids, pixels_min)]
    persons = np.where(numbers < FIRST_ITEM, numbers & ~3, 0)
    hands_and_items = [thing for thing in found if thing.kind != "person"]
    return (*_boxes(persons, ids, pixels_min), *hands_and_items)


def _boxes(numbers: np.ndarray[tuple[int, ...], np.dtype[np.int32]], ids: Ids, pixels_min: int) -> list[Visible]:
    height, width = numbers.shape
    rows, columns = np.nonzero(numbers)
    if not len(rows):
        return []
    values = numbers[rows, columns]
    present, ranks = np.unique(values, return_inverse=True)
    count = len(present)
    by_row = np.bincount(ranks * height + rows, minlength=count * height).reshape(count, height)
    by_column = np.bincount(ranks * width + columns, minlength=count * width).reshape(count, width) > 0
    pixels = by_row.sum(1)
    in_row = by_row > 0
    top, left = in_row.argmax(1), by_column.argmax(1)
    bottom, right = height - in_row[:, ::-1].argmax(1), width - by_column[:, ::-1].argmax(1)
    found = []
    for rank, number in enumerate(present.tolist()):
        name = ids.name(number)
        if name is None or pixels[rank] < pixels_min:
            continue
        x, y = int(left[rank]), int(top[rank])
        box = (x, y, int(right[rank]) - x, int(bottom[rank]) - y)
        found.append(Visible(name[0], name[1], box, int(pixels[rank])))
    return found
