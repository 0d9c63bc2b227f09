"""A video file or a folder of images that plays as if it were live: a stand-in for a camera that is not there yet."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from hardware.cameras.image_folder import ImageFolder
from hardware.cameras.picture import Picture, SourceEnded, finished
from hardware.cameras.timing import Timing
from hardware.cameras.video_file import VideoFile
from hardware.errors import CameraError


class PlayedFiles:
    """Plays the file or folder at `path` once, each picture when it is due. Images come `fps_max` a second."""

    def __init__(
        self,
        camera: str,
        kind: Literal["video", "images"],
        path: Path,
        fps_max: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._camera = camera
        self._kind = kind
        self._path = path
        self._fps_max = fps_max
        self._clock = clock
        self._sleep = sleep
        self._files: VideoFile | ImageFolder | None = None

    def open(self, within_s: float) -> None:  # noqa: ARG002 - a file is there or not
        """See that there is something to play. Raises CameraError."""
        if self._kind == "video":
            self._files = VideoFile(self._camera, self._path, Timing(fps_max=self._fps_max))
        else:
            self._files = ImageFolder(self._camera, self._path, Timing(fps=self._fps_max))

    def pictures(self) -> Iterator[Picture]:
        """The pictures, each when it is due, and then the end for good."""
        files = self._files
        assert files is not None, "open comes first"
        began_s = self._clock()
        try:
            for frame in files.frames():
                due_s = began_s + frame.t_s
                self._sleep(max(0.0, due_s - self._clock()))
                image = frame.image
                # The time it is due is its time, so that a film's pictures lie as evenly as they were taken.
                yield finished(None, due_s, image)
        except CameraError as error:
            raise SourceEnded(str(error), "never") from None
        raise SourceEnded("its pictures have ended", "never")

    def close(self) -> None:
        """Let the files go."""
        if self._files is not None:
            self._files.close()
