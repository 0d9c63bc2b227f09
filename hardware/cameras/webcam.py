"""A USB camera."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from hardware.cameras.picture import Picture, SourceEnded, finished
from hardware.ports import Image

READS_FAILED_MAX = 30
"""A webcam drops a picture now and then; a second of nothing at 30 fps is a camera that is gone."""


class Webcam:
    """A USB camera through OpenCV (V4L2 on Linux, AVFoundation on macOS).

    `which` is its number, or a path such as /dev/v4l/by-id/… that stays the same when others are plugged in. The
    times are the kernel's (the picture's start, on our own clock) where the driver gives them.
    """

    def __init__(self, which: str, size: tuple[int, int], fps_max: float) -> None:
        self._which = which
        self._size = size
        self._fps_max = fps_max
        self._capture: cv2.VideoCapture | None = None

    def open(self, within_s: float) -> None:  # noqa: ARG002 - OpenCV cannot be told; whoever watches ends it
        """Claim the device. Raises SourceEnded, which names those that are there."""
        number = self._number()
        capture = cv2.VideoCapture(number)
        if not capture.isOpened():
            raise SourceEnded(
                f"webcam {self._which} is held by another program, or gives no pictures (a camera has more than one "
                f"number, and only one of them is for pictures). {_here()}"
            )
        # Uncompressed pictures of several cameras do not fit through one USB hub; MJPG does.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps_max)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def pictures(self) -> Iterator[Picture]:
        """Pictures until the camera is gone."""
        capture = self._capture
        assert capture is not None, "open comes first"
        failed = 0
        while failed < READS_FAILED_MAX:
            good, read = capture.read()
            arrived_s = time.monotonic()
            if not good or read is None:
                failed += 1
                continue
            failed = 0
            own_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
            image: Image = np.asarray(read, np.uint8)
            yield finished(own_s if own_s > 0.0 else None, arrived_s, image)
        raise SourceEnded(f"webcam {self._which} gives no pictures any more; is its cable in?")

    def close(self) -> None:
        """Let the device go."""
        if self._capture is not None:
            self._capture.release()

    def _number(self) -> int:
        """The device's number, after asking the system whether it is there and ours to open."""
        path = Path(self._which if self._which.startswith("/") else f"/dev/video{self._which}")
        number = path.resolve().name.removeprefix("video")
        if Path("/dev/v4l").exists() or found() or self._which.startswith("/"):
            try:
                os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
            except FileNotFoundError:
                raise SourceEnded(f"there is no webcam {self._which} here. {_here()}") from None
            except PermissionError:
                raise SourceEnded(
                    f"webcam {self._which} may not be opened by this user: add it to the group `video`", "later"
                ) from None
            except OSError as error:
                raise SourceEnded(f"webcam {self._which}: {error.strerror}. {_here()}") from None
        elif Path("/sys/class").exists():
            raise SourceEnded(f"there is no webcam {self._which} here. {_here()}")
        if not number.isdigit():
            raise SourceEnded(f"{self._which} is no webcam: it leads to {path.resolve()}. {_here()}", "later")
        return int(number)


def found() -> list[int]:
    """The numbers of the video devices that Linux shows; empty where none is there."""
    return sorted(
        int(path.name.removeprefix("video"))
        for path in Path("/dev").glob("video*")
        if path.name.removeprefix("video").isdigit()
    )


def name_of(number: int) -> str:
    """What the device calls itself; empty where the system does not say."""
    try:
        return Path(f"/sys/class/video4linux/video{number}/name").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _here() -> str:
    names = [f"/dev/video{number}" + (f" ({name_of(number)})" if name_of(number) else "") for number in found()]
    return f"Found here: {', '.join(names) or 'none'}"
