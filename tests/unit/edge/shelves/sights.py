"""Sights of one slot as a script: what a shelf view would say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from edge.shelves.sight import SlotSight

FPS = 10
SLOT = "wall.top.left"


@dataclass(frozen=True, slots=True)
class Span:
    """For `seconds` the slot looks so. `shows` is the grey of its picture, 0–255."""

    seconds: float
    reach: float = 0.0
    moved: float = 0.0
    shows: int = 0


def sights(*spans: Span, fps: int = FPS, from_s: float = 0.0) -> Iterator[SlotSight]:
    number = 0
    for span in spans:
        for _ in range(round(span.seconds * fps)):
            crop = np.full((8, 8, 3), span.shows, np.uint8)
            yield SlotSight(SLOT, "shelf", from_s + number / fps, span.reach, span.moved, crop)
            number += 1


def greys(pictures: Iterable[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> list[int]:
    return [int(picture[0, 0, 0]) for picture in pictures]
