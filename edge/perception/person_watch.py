"""The persons before one camera, looked for only where something may have changed (glances.py).

The tracker is told of those that were found last with every picture.
"""

from typing import Protocol

from edge.errors import PerceptionError
from edge.perception.detections import Detections
from edge.perception.glances import Glances
from hardware.ports import Frame, Image


class Detector(Protocol):
    """Finds persons in a picture."""

    def detect(self, image: Image) -> Detections:
        """The persons in `image`."""


class PersonWatch:
    """One camera's. `gated` false looks at every picture. Without a detector it says that it sees nobody."""

    def __init__(self, detector: Detector | None, *, gated: bool = True) -> None:
        self._detector = detector
        self._glances = Glances(gated=gated)
        self._found = Detections.none()
        self.pictures = 0
        self.looks = 0

    def detect(self, frame: Frame) -> Detections:
        """The persons in the camera's next picture; boxes in its pixels. PerceptionError where no network looks."""
        if self._detector is None:
            raise PerceptionError("no network finds people in it: it does not run here, and the log says why")
        self.pictures += 1
        if not self._glances.is_due(frame, somebody=len(self._found) > 0):
            return self._found
        self.looks += 1
        self._found = self._detector.detect(frame.image)
        self._glances.looked(frame)
        return self._found
