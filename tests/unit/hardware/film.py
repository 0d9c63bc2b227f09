"""Little films to test with: a moving dot on a mottled ground."""

from pathlib import Path

import av
import cv2
import numpy as np

from hardware.ports import Image

WIDTH, HEIGHT = 64, 48


def picture(number: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image:
    """Picture `number`: its dot tells it from the others."""
    ground = np.random.default_rng(7).integers(60, 200, (size[1] // 8, size[0] // 8, 3)).astype(np.uint8)
    image = cv2.resize(ground, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.circle(image, (number * 2 % size[0], size[1] // 2), 5, (0, 0, 255), -1), np.uint8)


def write_film(path: Path, pictures: int = 30, fps: int = 30, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """An MPEG-4 film in an MP4 file whose index stands in front, so that what is cut off is pictures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("mpeg4", rate=fps, options={"g": "5"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(pictures):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number, size), format="bgr24")))
        container.mux(stream.encode())
    return path
