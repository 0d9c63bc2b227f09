"""A USB camera."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from hardware.cameras.timing import Thinning
from hardware.errors import CameraError
from hardware.ports import Frame

READS_FAILED_MAX = 30
"""A webcam drops a picture now and then; a second of nothing at 30 fps is a camera that is gone."""


class Webcam:
    """A USB camera through OpenCV (V4L2 on Linux, AVFoundation on macOS, Media Foundation on Windows).

    Frame times are what `clock` (seconds since the store opened, monotonic) says when the driver hands the picture
    over.
    """

    def __init__(
        self,
        camera: str,
        device: int,
        size: tuple[int, int],
        fps_max: float,
        clock: Callable[[], float],
    ) -> None:
        self.id = camera
        self._fps_max = fps_max
        self._clock = clock
        self._device = device
        self._capture = cv2.VideoCapture(device)
        if not self._capture.isOpened():
            raise CameraError(
                f"camera {camera!r}: there is no webcam {device}, or another program holds it. "
                f"Found here: {', '.join(str(index) for index in found()) or 'none'}"
            )
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])

    def frames(self) -> Iterator[Frame]:
        """Pictures until the camera is closed. CameraError when it gives none for a while."""
        thinning = Thinning(self._fps_max)
        failed = 0
        index = -1
        while failed < READS_FAILED_MAX:
            good, image = self._capture.read()
            if not good:
                failed += 1
                continue
            failed, index = 0, index + 1
            t_s = self._clock()
            if thinning.wants(t_s):
                yield Frame(t_s, self.id, index, np.ascontiguousarray(image, dtype=np.uint8))
        raise CameraError(f"camera {self.id!r}: webcam {self._device} gives no pictures any more; is its cable in?")

    def close(self) -> None:
        """Let the device go."""
        self._capture.release()


def found() -> list[int]:
    """The numbers of the video devices that Linux shows; empty where none is there."""
    return sorted(
        int(path.name.removeprefix("video"))
        for path in Path("/dev").glob("video*")
        if path.name.removeprefix("video").isdigit()
    )
