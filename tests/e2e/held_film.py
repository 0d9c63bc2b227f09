"""The real clip up to its first bottle, and then nobody for minutes: there is time to do something before it ends."""

from pathlib import Path

import av
import cv2
import numpy as np

SIZE = (640, 360)
FPS, HELD_FPS = 10, 1
TAKEN_S = 10.4
"""The first bottle is taken at 7 s, and the hand that brings it back comes at 11 s."""


def held_film(clip: Path, path: Path, *, held_s: float = 150.0) -> Path:
    """Write the film to `path`. While nobody comes the pictures still stir a little, as a sensor's do."""
    source = cv2.VideoCapture(str(clip))
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("mpeg4", rate=FPS, options={"g": "20", "qscale": "3"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 4_000_000
        last, number = np.zeros((SIZE[1], SIZE[0], 3), np.uint8), 0

        def write(image: np.ndarray, at: int) -> None:
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts = at
            container.mux(stream.encode(frame))

        rate, index = source.get(cv2.CAP_PROP_FPS), 0
        while number < TAKEN_S * FPS:
            assert source.grab(), f"{clip} is shorter than it was"
            if index / rate >= number / FPS:
                last = np.asarray(cv2.resize(source.retrieve()[1], SIZE), np.uint8)
                write(last, number)
                number += 1
            index += 1
        grain = np.random.default_rng(5)
        for held in range(int(held_s * HELD_FPS)):
            stirred = last.astype(np.int16) + grain.integers(-2, 3, last.shape)
            write(np.clip(stirred, 0, 255).astype(np.uint8), number + held * FPS // HELD_FPS)
        container.mux(stream.encode())
    source.release()
    return path
