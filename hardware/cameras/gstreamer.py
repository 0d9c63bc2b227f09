"""Any GStreamer pipeline, run by `gst-launch-1.0` in a process of its own and read through a pipe.

The pipeline is what stands before its sink: `v4l2src device=/dev/video0 ! jpegdec`. Ours is put behind it: conversion
to I420, Matroska around the raw pictures (it carries their size and their times), standard output. No Python binding
is needed, and nothing of the pipeline's runs in our process. Tested with GStreamer's test sources; pipelines of
boards (Jetson, i.MX) are the same code with other elements, and have not been run on those boards.
"""

import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from typing import IO

import av

from hardware.cameras.picture import Picture, SourceEnded
from hardware.cameras.pixels import Pixels

TAIL = (
    "videoconvert ! video/x-raw,format=I420 ! queue max-size-buffers=2 leaky=downstream ! "
    "matroskamux streamable=true ! fdsink fd=1"
)
END_S = 2.0
COMPLAINT_MAX = 300


class GStreamer:
    """The pictures of the pipeline `description`, which ends before its sink."""

    def __init__(self, description: str) -> None:
        self._description = description
        self._process: subprocess.Popen[bytes] | None = None
        self._container: av.container.InputContainer | None = None

    def open(self, within_s: float) -> None:  # noqa: ARG002 - a pipe has no time-out; whoever watches ends it
        """Start the pipeline and wait for its first bytes. Raises SourceEnded with what it complains of."""
        program = shutil.which("gst-launch-1.0")
        if program is None:
            raise SourceEnded("GStreamer is not here; on Debian: apt-get install gstreamer1.0-tools", "later")
        try:
            words = shlex.split(self._description)
        except ValueError as error:
            raise SourceEnded(f"the pipeline cannot be read: {error}", "later") from None
        command = [program, "--quiet", *words, "!", *shlex.split(TAIL)]
        # The pipeline must not outlive this process, even where nobody is left to end it.
        follower = shutil.which("setpriv")
        if follower is not None:
            command = [follower, "--pdeathsig", "KILL", "--", *command]
        self._process = subprocess.Popen(  # noqa: S603 - what the store file says is to be run
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        stdout = self._process.stdout
        assert stdout is not None, "it is a pipe"
        try:
            self._container = _open(_NotSeekable(stdout))
        except (av.FFmpegError, OSError):
            raise SourceEnded(self._complaint()) from None

    def pictures(self) -> Iterator[Picture]:
        """Pictures until the pipeline ends."""
        container = self._container
        assert container is not None, "open comes first"
        pixels = Pixels()
        try:
            for picture in container.decode(video=0):
                arrived_s = time.monotonic()
                yield Picture(picture.time, arrived_s, (picture.width, picture.height), partial(pixels.of, picture))
        except (av.FFmpegError, OSError):
            raise SourceEnded(self._complaint()) from None
        raise SourceEnded(self._complaint())

    def close(self) -> None:
        """End the pipeline."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            # Read to the end: a process that is killed leaves nothing that could block.
            process.communicate(timeout=END_S)
        container, self._container = self._container, None
        if container is not None:
            container.close()

    def _complaint(self) -> str:
        process = self._process
        assert process is not None, "the pipeline was started"
        process.kill()
        _, stderr = process.communicate(timeout=END_S)
        lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
        told = next(
            (line for line in lines if "ERROR" in line or "WARNING" in line), lines[0] if lines else "it says nothing"
        )
        return f"the GStreamer pipeline has ended: {told[:COMPLAINT_MAX]}"


def _open(pipe: "_NotSeekable") -> av.container.InputContainer:
    return av.open(pipe, format="matroska", mode="r", options={"fflags": "nobuffer"})


class _NotSeekable:
    """The reading half of a pipe, as PyAV wants a file: without seek."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def read(self, count: int) -> bytes:
        return self._pipe.read(count)
