"""The latest of everything, handed from the node's thread to whoever looks."""

import threading
from collections.abc import Callable

import cv2

from edge.calibration.knock_watch import ViewHealth
from edge.perception.timing import NetworkTiming
from edge.window.now import Now
from hardware.cameras.health import CameraHealth
from hardware.ports import Frame, Image, Weight

WIDTH_MAX = 640
JPEG_QUALITY = 75


class View:
    """Keeps the latest of each camera and plate, and the latest `Now`. Telling it costs the node next to nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pictures: dict[str, Image] = {}
        self._grams: dict[str, float] = {}
        self._now = Now(0.0, (), {})
        self.health: Callable[[], tuple[CameraHealth, ...]] = tuple
        """How the live cameras do; nothing where a recording is played."""
        self.networks: Callable[[], tuple[NetworkTiming, ...]] = tuple
        """Where networks run, and how long that takes."""
        self.views: Callable[[], tuple[ViewHealth, ...]] = tuple
        """Whether cameras hang as they did when they were calibrated."""

    def show(self, frame: Frame) -> None:
        """A camera's picture has come."""
        with self._lock:
            self._pictures[frame.camera] = frame.image

    def weigh(self, weight: Weight) -> None:
        """A plate has said its load."""
        with self._lock:
            self._grams[weight.plate] = weight.grams

    def tell(self, now: Now) -> None:
        """Something is known anew."""
        with self._lock:
            self._now = now

    def now(self) -> Now:
        """What is known."""
        with self._lock:
            return self._now

    def grams(self) -> dict[str, float]:
        """What each plate said last."""
        with self._lock:
            return dict(self._grams)

    def cameras(self) -> list[str]:
        """The cameras that have shown something, by name."""
        with self._lock:
            return sorted(self._pictures)

    def jpeg(self, camera: str) -> bytes | None:
        """The camera's latest picture, at most `WIDTH_MAX` pixels wide; None where it has shown none.

        Encoded when somebody looks, on the looker's thread.
        """
        with self._lock:
            image = self._pictures.get(camera)
        if image is None:
            return None
        if image.shape[1] > WIDTH_MAX:
            size = (WIDTH_MAX, round(image.shape[0] * WIDTH_MAX / image.shape[1]))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment] # uint8 in, uint8 out
        return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
