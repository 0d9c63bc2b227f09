"""The last seconds of each camera, small, in memory: what a clip can be made of. Bounded by cameras, time and size."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hardware.ports import Frame, Image

FPS = 2.0
"""Enough to see what a hand does; a slower camera gives what it has."""
LASTS_S = 14.0
"""A hand stays a few seconds, and what it did is understood a second or two later."""
PICTURES_MAX = int(FPS * LASTS_S) + 2
WIDTH_MAX = 320
JPEG_QUALITY = 80

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels of the camera's full pictures."""


@dataclass(frozen=True, slots=True)
class Small:
    """A picture of the ring: JPEG, `scale` times as large as the camera's, and where persons were seen in it."""

    t_s: float
    jpeg: bytes
    scale: float
    persons: tuple[Box, ...]

    def image(self) -> Image:
        """The picture."""
        return np.asarray(cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


class Ring:
    """The last pictures of every camera that shows any."""

    def __init__(self) -> None:
        self._pictures: dict[str, deque[Small]] = {}

    def saw(self, frame: Frame, persons: Sequence[Box] = ()) -> None:
        """Take in a picture; of more than `FPS` a second some are left out, by their times alone."""
        kept = self._pictures.setdefault(frame.camera, deque(maxlen=PICTURES_MAX))
        if kept and frame.t_s - kept[-1].t_s < 0.999 / FPS:
            return
        scale = min(WIDTH_MAX / frame.image.shape[1], 1.0)
        small = cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        kept.append(Small(frame.t_s, jpeg.tobytes(), scale, tuple(persons)))

    def between(self, camera: str, from_s: float, to_s: float) -> tuple[Small, ...]:
        """The camera's pictures of that time, the earliest first."""
        return tuple(small for small in self._pictures.get(camera, ()) if from_s <= small.t_s <= to_s)
