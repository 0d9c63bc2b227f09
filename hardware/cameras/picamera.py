"""A CSI camera of a Raspberry Pi, through picamera2 (Debian's python3-picamera2 on Raspberry Pi OS).

Written after picamera2's manual (raspberrypi/picamera2, "The Picamera2 Library", sections 4 and 6). It has not been
run on a Raspberry Pi: there was none. A stand-in with the same calls runs it in the tests.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from hardware.cameras.picture import Picture, SourceEnded, finished
from hardware.ports import Image


class PiCamera:
    """Camera number `which` of the board, with pictures of `size` (width, height)."""

    def __init__(self, which: int, size: tuple[int, int], fps_max: float) -> None:
        self._which = which
        self._size = size
        self._fps_max = fps_max
        self._camera: Any = None

    def open(self, within_s: float) -> None:  # noqa: ARG002 - libcamera cannot be told; whoever watches ends it
        """Claim the camera and start it. Raises SourceEnded."""
        try:
            from picamera2 import Picamera2  # type: ignore[import-not-found] # Raspberry Pi OS alone has it
        except ImportError:
            raise SourceEnded(
                "picamera2 is not here. On Raspberry Pi OS: apt-get install python3-picamera2, and make the virtual "
                "environment with --system-site-packages",
                "later",
            ) from None
        known = len(Picamera2.global_camera_info())
        if self._which >= known:
            raise SourceEnded(f"there is no CSI camera {self._which} here; {known} found. Look at its ribbon cable")
        try:
            camera = Picamera2(self._which)
            rate = {"FrameRate": self._fps_max}
            # libcamera calls blue-green-red in memory "RGB888".
            camera.configure(camera.create_video_configuration({"size": self._size, "format": "RGB888"}, controls=rate))
            camera.start()
        except (RuntimeError, IndexError, OSError) as error:
            raise SourceEnded(f"CSI camera {self._which} cannot be opened: {error}") from None
        self._camera = camera

    def pictures(self) -> Iterator[Picture]:
        """Pictures until the camera breaks. Their times are the sensor's (CLOCK_BOOTTIME, nanoseconds)."""
        camera = self._camera
        assert camera is not None, "open comes first"
        while True:
            try:
                request = camera.capture_request()
            except (RuntimeError, OSError) as error:
                raise SourceEnded(f"CSI camera {self._which} broke off: {error}") from None
            arrived_s = time.monotonic()
            try:
                image: Image = np.asarray(request.make_array("main"), np.uint8)
                stamp = request.get_metadata().get("SensorTimestamp")
            finally:
                request.release()
            own_s = None if stamp is None else stamp / 1e9
            yield finished(own_s, arrived_s, image)

    def close(self) -> None:
        """Let the camera go."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.stop()
            camera.close()
