"""The foreign regions of a picture: which there are, and which of them are somebody's.

Work is done in the window that holds them alone: mostly a hand is in a part of the picture, or nothing is.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.surfaces import Mask, Window

REGION_MIN = 0.0015
"""Share of the picture beneath which a region is noise."""
WITHIN_SLOT = 0.8
"""Share of a region that lies within one slot where it is goods."""
MOSTLY, LARGER_MAX = 0.5, 1.5
"""A region that lies in slots by this share at least, and is at most so much larger than one of them, may be goods."""
ROOM = 0.15
"""What of a slot's width and height goods may reach beyond it on each side."""
ARM = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)), np.uint8)
"""As thick as an arm is at least at the working size, in a view two metres wide."""
OPENING, CLOSING = np.ones((3, 3), np.uint8), np.ones((7, 7), np.uint8)
REGIONS_MAX = 255
"""More than a picture has room for, but for noise; the uppermost count."""
MARGIN = 4
"""Pixels around what is foreign that opening, closing and an arm's thickness ask of."""

Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]


class Slots:
    """Where goods stand in pictures of `size` (height, width) at the working size, `scale` of them to a camera's pixel.

    `boxes` are left, top, width, height in pixels of the camera.
    """

    def __init__(self, boxes: Sequence[tuple[float, float, float, float]], scale: float, size: tuple[int, int]) -> None:
        self._windows = [window for box in boxes if (window := _cut(_working(box, scale), _whole(size))) is not None]
        self._held = np.zeros(size, np.uint8)
        for window in self._windows:
            self._held[window] = 1

    def shares(self, labels: Bytes, count: int, window: Window) -> tuple[Counts, Counts, Counts]:
        """How each of `count` regions in a window of the picture lies in slots.

        Its pixels within the slot that holds most of it, the pixels of the largest slot that holds any of it, and its
        pixels within any slot.
        """
        within, room = np.zeros(count, np.int64), np.zeros(count, np.int64)
        for slot in self._windows:
            here = _cut(slot, window)
            if here is None:
                continue
            inside = np.bincount(labels[here].ravel(), minlength=count)
            within = np.maximum(within, inside)
            room[inside > 0] = np.maximum(room[inside > 0], _pixels(slot))
        return within, room, _counts(labels, self._held[window], count)


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The regions that are large enough to be things, numbered from 1. Masks and labels are of `window` alone."""

    window: Window
    labels: Bytes
    """0 where there is none."""
    boxes: tuple[Window, ...]
    """Of each region, in the window."""
    reach: Mask
    """What is somebody's: it comes from the picture's edge, or lies beyond any one slot."""
    may_be_goods: npt.NDArray[np.bool_]
    """(regions + 1,): those that lie beyond any one slot and may yet be goods of one and what shows beside them."""

    def parts(self) -> Iterator[tuple[Window, Mask, bool, bool]]:
        """What comes to rest by itself: rows and columns of the picture, which of them, is it a reach, may it be goods.

        What hangs on a reach by less than an arm is a part of its own: a bottle in whose shadow a hand moves.
        """
        for number, (rows, columns) in enumerate(self.boxes, start=1):
            region, reach = self.labels[rows, columns] == number, self.reach[rows, columns]
            where = _within(self.window, (rows, columns))
            for part, is_reach in ((region & reach, True), (region & ~reach, False)):
                if part.any():
                    yield where, part, is_reach, bool(self.may_be_goods[number])


def window_of(candidates: Mask | Bytes) -> tuple[Window, Bytes] | None:
    """Where regions may be, and the candidates there without what is too thin for one; None where there are none."""
    thick = cv2.morphologyEx(candidates.view(np.uint8), cv2.MORPH_OPEN, OPENING)
    left, top, width, height = cv2.boundingRect(thick)
    if width == 0:
        return None
    rows = slice(max(top - MARGIN, 0), min(top + height + MARGIN, thick.shape[0]))
    columns = slice(max(left - MARGIN, 0), min(left + width + MARGIN, thick.shape[1]))
    return (rows, columns), np.asarray(thick[rows, columns], np.uint8)


def regions_in(foreign: Bytes, window: Window, size: tuple[int, int], slots: Slots | None) -> Regions | None:
    """The regions of what is `foreign` (0 or 1) in the window of a picture of `size` (height, width); None for none.

    Without slots only what comes from the picture's edge is somebody's.
    """
    seen = cv2.morphologyEx(foreign, cv2.MORPH_OPEN, OPENING)
    seen = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, CLOSING)
    found = _numbered(seen, REGION_MIN * size[0] * size[1])
    if found is None:
        return None
    labels, sizes = found
    boxes = tuple(_box(labels == number) for number in range(1, len(sizes)))
    reach = _reaching_in(labels > 0, window, size)
    goods = np.zeros(len(sizes), np.bool_)
    if slots is not None:
        total = sizes
        within, room, held = slots.shares(labels, len(total), window)
        beyond = within < WITHIN_SLOT * total
        hanging = _counts(labels, reach.view(np.uint8), len(total))
        goods = beyond & (2 * hanging < total) & (held >= MOSTLY * total) & (total <= LARGER_MAX * room)
        if beyond.any():
            reach |= _looked_up(labels, beyond.view(np.uint8)).view(np.bool_)
    return Regions(window, labels, boxes, reach, goods)


def _numbered(seen: npt.NDArray[Any], least: float) -> tuple[Bytes, Counts] | None:
    """Labels of the regions of at least so many pixels, from 1 on, and their sizes, 0 for none of them."""
    count, every = cv2.connectedComponents(seen, connectivity=8)
    every = np.asarray(every)
    few = count <= REGIONS_MAX + 1
    # Of few labels by OpenCV, which counts them three times as quick.
    sizes = _counts(every.astype(np.uint8), None, count) if few else np.bincount(every.ravel(), minlength=count)
    large = np.flatnonzero(sizes[1:] >= least)[:REGIONS_MAX] + 1
    if not len(large):
        return None
    numbers = np.zeros(count, np.uint8)
    numbers[large] = np.arange(1, len(large) + 1)
    return _looked_up(every, numbers), np.concatenate([[0], sizes[large]])


def _box(region: Mask) -> Window:
    left, top, width, height = cv2.boundingRect(region.view(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def _reaching_in(regions: Mask, window: Window, size: tuple[int, int]) -> Mask:
    """The part of `regions` that hangs on the picture's edge by something as thick as an arm.

    Shadows and seams are thinner: without that, a line of shadow ties a bottle on the board to the edge for good.
    """
    rows, columns = window
    thick = cv2.morphologyEx(regions.view(np.uint8), cv2.MORPH_OPEN, ARM)
    sides = [
        thick[side]
        for side, touches in (
            ((0, slice(None)), rows.start == 0),
            ((-1, slice(None)), rows.stop == size[0]),
            ((slice(None), 0), columns.start == 0),
            ((slice(None), -1), columns.stop == size[1]),
        )
        if touches
    ]
    if not any(side.any() for side in sides):
        return np.zeros_like(regions)
    count, labels = cv2.connectedComponents(thick, connectivity=8)
    hangs = np.zeros(count, np.uint8)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        hangs[edge] = 1
    hangs[0] = 0
    hanging = thick if hangs[1:].all() else hangs[labels]
    return np.asarray(cv2.dilate(hanging, ARM).view(np.bool_) & regions, np.bool_)


def _looked_up(labels: npt.NDArray[Any], table: Bytes) -> Bytes:
    """`table[labels]`; of few labels by OpenCV, which is five times as quick."""
    if len(table) > REGIONS_MAX + 1:
        return np.asarray(table[labels], np.uint8)
    whole = np.zeros(REGIONS_MAX + 1, np.uint8)
    whole[: len(table)] = table
    return np.asarray(cv2.LUT(labels.astype(np.uint8, copy=False), whole), np.uint8)


def _counts(labels: Bytes, mask: Bytes | None, count: int) -> Counts:
    """How many pixels of each label a mask holds, or all there are."""
    found = cv2.calcHist([labels], [0], mask, [256], [0.0, 256.0])
    return np.asarray(found.ravel()[:count], np.int64)


def _cut(slot: Window, window: Window) -> Window | None:
    """The part of a slot that lies in a window, in the window's own rows and columns."""
    (top, bottom), (left, right) = (
        (max(inner.start - outer.start, 0), min(inner.stop, outer.stop) - outer.start)
        for inner, outer in zip(slot, window, strict=True)
    )
    return (slice(top, bottom), slice(left, right)) if top < bottom and left < right else None


def _within(window: Window, inner: Window) -> Window:
    """Rows and columns of the picture, of rows and columns of a window."""
    (top, left), (rows, columns) = (window[0].start, window[1].start), inner
    return slice(rows.start + top, rows.stop + top), slice(columns.start + left, columns.stop + left)


def _whole(size: tuple[int, int]) -> Window:
    return slice(0, size[0]), slice(0, size[1])


def _pixels(window: Window) -> int:
    rows, columns = window
    return int((rows.stop - rows.start) * (columns.stop - columns.start))


def _working(box: tuple[float, float, float, float], scale: float) -> Window:
    """The rows and columns of a box at the working size, with some room around: goods do not end where slots do."""
    left, top, width, height = box
    x, y = ROOM * width, ROOM * height
    rows = slice(max(int((top - y) * scale), 0), math.ceil((top + height + y) * scale))
    return rows, slice(max(int((left - x) * scale), 0), math.ceil((left + width + x) * scale))
