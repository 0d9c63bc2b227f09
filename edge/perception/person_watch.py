"""The persons before one camera, looked for only where something may have changed.

A picture that shows what the last look showed (stillness.py) has the same persons in the same places, so that who
stands still stays: the tracker is told of them with every picture. Because a look may miss somebody, still pictures are
looked at again: `SETTLING` times after the last change, then every `AGAIN_S`, and every `AGAIN_EMPTY_S` where nobody
was found. The same pictures give the same looks: nothing depends on how fast the machine is.
"""

import math
from typing import Protocol

from edge.errors import PerceptionError
from edge.perception.detections import Detections
from edge.perception.stillness import Stillness
from hardware.ports import Frame, Image

SETTLING = 2
AGAIN_S = 0.5
AGAIN_EMPTY_S = 2.0


class Detector(Protocol):
    """Finds persons in a picture."""

    def detect(self, image: Image) -> Detections:
        """The persons in `image`."""


class PersonWatch:
    """One camera's. `gated` false looks at every picture. Without a detector it says that it sees nobody."""

    def __init__(self, detector: Detector | None, *, gated: bool = True) -> None:
        self._detector = detector
        self._gated = gated
        self._stillness = Stillness()
        self._found = Detections.none()
        self._looked_s = -math.inf
        self._settling = 0
        self.pictures = 0
        self.looks = 0

    def detect(self, frame: Frame) -> Detections:
        """The persons in the camera's next picture; boxes in its pixels. PerceptionError where no network looks."""
        if self._detector is None:
            raise PerceptionError("no network finds people in it: it does not run here, and the log says why")
        self.pictures += 1
        if self._gated and not self._worth_a_look(frame):
            return self._found
        self.looks += 1
        self._found = self._detector.detect(frame.image)
        self._stillness.looked()
        self._looked_s = frame.t_s
        return self._found

    def _worth_a_look(self, frame: Frame) -> bool:
        if self._stillness.changed(frame.image):
            self._settling = SETTLING
            return True
        if self._settling > 0:
            self._settling -= 1
            return True
        return frame.t_s - self._looked_s >= (AGAIN_S if len(self._found) else AGAIN_EMPTY_S)
