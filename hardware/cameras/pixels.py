"""From FFmpeg's pictures to ours."""

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from hardware.ports import Image


class Pixels:
    """Makes pixels of one stream's pictures.

    The converter is set up once: a picture that converts itself sets up one of its own each time, with its tables,
    which costs more than the converting and keeps memory moving. It works on one thread: by itself it would begin as
    many as the machine has processors, for each camera.
    """

    def __init__(self) -> None:
        self._converter = VideoReformatter()

    def of(self, picture: av.VideoFrame) -> Image:
        """The pixels of `picture`: BGR, (height, width, 3)."""
        return np.ascontiguousarray(self._converter.reformat(picture, format="bgr24", threads=1).to_ndarray(), np.uint8)
