"""Writing a camera's pictures as a video: VP9 in MP4, each picture with the time it carries.

Of the encoders in PyAV's wheel that are not under the GPL, on one core at 640×360 with a noisy sensor:

    libvpx-vp9, realtime 8, crf 24      3.4 ms a picture    5 kB     34.3 dB    plays in every browser
    libsvtav1, preset 10, crf 30        4.8 ms              2 kB     34.4 dB    starts threads of its own
    mpeg4, q 3                          1.7 ms              8 kB     33.7 dB    blocks where little moves
    mjpeg, q 4                          1.9 ms              32 kB    33.7 dB    every picture by itself

One thread: with several, libvpx is allowed to split a picture otherwise. The container says nothing of when or by which
version it was written, so the same pictures are the same bytes with one version of the wheel, and the same pictures
again with any.
"""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
from av.video.stream import VideoStream

from hardware.ports import Image
from hardware.simulated.sensor.lens import Size

CODEC = "libvpx-vp9"
OPTIONS = {"deadline": "realtime", "cpu-used": "8", "crf": "24", "b": "0", "lag-in-frames": "0", "row-mt": "0"}
TICKS_HZ = 1000
"""Times are kept to a millisecond: libvpx rounds finer ones."""
KEY_EVERY = 100
"""Pictures between two that can be decoded without the others."""


class VideoWriter:
    """A video file at `path`; use it as a context, which closes it. OSError where it cannot be written."""

    def __init__(self, path: Path, size: Size, fps: float) -> None:
        # A file of ours, because PyAV's own does not say that the disk is full until later, or never.
        self._file: BinaryIO = path.open("wb")
        self._path = path
        settings = {"fflags": "+bitexact", "video_track_timescale": str(TICKS_HZ)}
        self._container = av.open(self._file, "w", format="mp4", options=settings)
        stream = self._container.add_stream(CODEC, rate=Fraction(fps).limit_denominator(1000), options=dict(OPTIONS))
        assert isinstance(stream, VideoStream), f"{CODEC} encodes pictures"
        self._stream = stream
        self._stream.time_base = Fraction(1, TICKS_HZ)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.gop_size = KEY_EVERY
        self._stream.codec_context.time_base = Fraction(1, TICKS_HZ)
        self._stream.codec_context.thread_count = 1
        self._stream.codec_context.flags |= av.codec.context.Flags.bitexact
        self._last = -1

    def write(self, image: Image, t_s: float) -> None:
        """Add the picture of `t_s`, which is later than the one before and not before 0."""
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = round(t_s * TICKS_HZ)
        assert frame.pts > self._last, f"{self._path}: a picture of {t_s} s comes after a later one"
        self._last = frame.pts
        frame.time_base = Fraction(1, TICKS_HZ)
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
                self._container.close()
        finally:
            self._file.close()
