"""Opening a live camera by the `source` that the store file gives it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hardware.cameras.timing import Timing
from hardware.cameras.video_file import VideoFile
from hardware.cameras.webcam import Webcam
from hardware.errors import CameraError
from hardware.ports import Camera, Frame
from protocol.store import Camera as CameraPlan

Clock = Callable[[], float]
"""Seconds since the store was opened, monotonic."""


class PacedVideo:
    """A video file that plays as if it were live: a stand-in for a camera that is not there yet."""

    def __init__(self, video: VideoFile, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self.id = video.id
        self._video = video
        self._clock = clock
        self._sleep = sleep

    def frames(self) -> Iterator[Frame]:
        """The pictures, each when it is due."""
        began_s = self._clock()
        for frame in self._video.frames():
            due_s = began_s + frame.t_s
            self._sleep(max(0.0, due_s - self._clock()))
            yield Frame(due_s, frame.camera, frame.index, frame.image)

    def close(self) -> None:
        """Let the file go."""
        self._video.close()


def open_source(plan: CameraPlan, folder: Path, clock: Clock) -> Camera:
    """The camera that `plan.source` names: `webcam:NUMBER` or `video:PATH` (relative to `folder`).

    Raises CameraError where it cannot be opened, or is none of these.
    """
    kind, _, rest = plan.source.partition(":")
    if kind == "webcam" and rest.isdigit():
        return Webcam(plan.id, int(rest), plan.size, plan.fps_max, clock)
    if kind == "video" and rest:
        return PacedVideo(VideoFile(plan.id, folder / rest, Timing(fps_max=plan.fps_max)), clock)
    raise CameraError(
        f"camera {plan.id!r}: its source {plan.source!r} is no live camera; write webcam:0 or video:PATH, "
        "or play a recording"
    )
