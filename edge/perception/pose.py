"""Where the wrists of one person are in a picture, by MoveNet (Votel and Li, "Next-Generation Pose Detection", 2021).

A square around the person's box, wider by a quarter for arms that reach out of it, is scaled to 192×192; what lies
beyond the picture is black. Of the 17 joints that the network gives, in COCO's order, the wrists are 9 and 10.
"""

from pathlib import Path

import cv2
import numpy as np

from edge.perception.detections import Floats
from edge.perception.network import Network
from edge.perception.running import Running
from hardware.ports import Image

SIDE = 192
WRISTS = (9, 10)
ROOM = 1.25
"""The square's side, of the longer side of the box."""


class PoseFinder:
    """Finds wrists. `path` is MoveNet lightning as models/ converts it."""

    def __init__(self, path: Path, running: Running | None = None) -> None:
        self.network = Network("movenet-lightning", path, running)

    def wrists(self, image: Image, box: Floats) -> Floats:
        """The wrists of the person in `box` (left, top, right, bottom): float32 (2, 3), x and y in pixels, and score.

        The score, 0 to 1, orders wrists; it is no probability.
        """
        middle = (box[:2] + box[2:]) / 2.0
        side = max(float((box[2:] - box[:2]).max()) * ROOM, 1.0)
        scale = SIDE / side
        # Pixels are areas: the middle of the first lies half a pixel in, in both pictures.
        shift = SIDE / 2.0 - 0.5 + scale * (0.5 - middle)
        moved = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]], np.float64)
        crop = cv2.warpAffine(image, moved, (SIDE, SIDE))
        tensor = np.ascontiguousarray(crop[None, :, :, ::-1], np.int32)
        joints = self.network.run(tensor)[0][0, 0][list(WRISTS)]
        x, y = (joints[:, [1, 0]] - 0.5).T * side + middle[:, None]
        return np.stack([x, y, joints[:, 2]], axis=1).astype(np.float32)
