"""A video file as a camera."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av

from hardware.cameras.pixels import Pixels
from hardware.cameras.timing import Thinning, Timing
from hardware.errors import CameraError
from hardware.ports import Frame, Image


class VideoFile:
    """A video file of any container and codec that FFmpeg reads.

    Raises CameraError at once for a file that is missing, empty or no video, and from `frames` where it breaks off.
    """

    def __init__(self, camera: str, path: Path, timing: Timing) -> None:
        self.id = camera
        self._path = path
        self._timing = timing
        if not path.is_file():
            raise CameraError(f"camera {camera!r}: {path}: no such file")
        if path.stat().st_size == 0:
            raise CameraError(f"camera {camera!r}: {path} is empty; copy it again")
        self._open().close()

    def _open(self) -> av.container.InputContainer:
        where = f"camera {self.id!r}: {self._path}"
        try:
            container = av.open(str(self._path))
        except (av.FFmpegError, OSError) as error:
            raise CameraError(f"{where}: not a whole video ({error.strerror}); copy or record it again") from None
        if not container.streams.video:
            others = len(container.streams)
            container.close()
            what = f"holds no pictures, only {others} other streams" if others else "holds nothing; copy it again"
            raise CameraError(f"{where}: {what}")
        return container

    def frames(self) -> Iterator[Frame]:
        """The pictures in the order of their times, the wanted ones only."""
        where = f"camera {self.id!r}: {self._path}"
        thinning, pixels = Thinning(self._timing.fps_max), Pixels()
        index = -1
        with closing(self._open()) as container:
            # One decoder thread: the networks need the cores, and more threads hold more pictures in memory.
            container.streams.video[0].thread_type = "NONE"
            try:
                for index, picture in enumerate(container.decode(video=0)):
                    t_s = self._timing.at(index, picture.time, where)
                    if t_s >= self._timing.until_s:
                        return
                    if thinning.wants(t_s):
                        yield Frame(t_s, self.id, index, pixels.of(picture))
            except av.FFmpegError as error:
                raise CameraError(f"{where}: broke off after {index + 1} pictures ({error.strerror})") from None
        if index < 0:
            raise CameraError(f"{where}: holds no pictures; copy or record it again")

    def close(self) -> None:
        """Nothing is held between calls of `frames`."""


def picture_at(path: Path, index: int) -> Image:
    """Picture `index` (from 0) of the video at `path`; CameraError where the video has none such."""
    for frame in VideoFile("picture", path, Timing(fps=1.0)).frames():
        if frame.index == index:
            return frame.image
    raise CameraError(f"{path}: has no picture {index}")
