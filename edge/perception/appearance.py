"""What a picture looks like: the features of EfficientNet-lite0 (Tan and Le, ICML 2019; the "lite" variant, 2020)."""

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.network import Network
from edge.perception.running import Running
from hardware.ports import Image

SIDE = 224
GREY = (127, 127, 127)
NORMAL = (np.arange(256, dtype=np.float32) - 127.0) / np.float32(128.0)
Features = npt.NDArray[np.float32]
"""1,280 numbers of length one: the cosine of two pictures is their dot product."""


class Appearance:
    """Turns pictures into features. `path` is EfficientNet-lite0 as models/ converts it, with an output `features`."""

    def __init__(self, path: Path, running: Running | None = None) -> None:
        self.network = Network("efficientnet-lite0", path, running)

    def features(self, image: Image) -> Features:
        """The features of `image`, set into a grey square so that its proportions stay."""
        height, width = image.shape[:2]
        side = max(height, width)
        top, left = (side - height) // 2, (side - width) // 2
        square = cv2.copyMakeBorder(
            image, top, side - height - top, left, side - width - left, cv2.BORDER_CONSTANT, value=GREY
        )
        small = cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        tensor = np.empty((1, 3, SIDE, SIDE), np.float32)
        # Blue, green, red become red, green, blue; a table is looked up quicker than a level is reckoned.
        for channel, plane in enumerate(reversed(cv2.split(small))):
            cv2.LUT(plane, NORMAL, dst=tensor[0, channel])
        found = self.network.run(tensor, ["features"])[0][0]
        return np.asarray(found / max(float(np.linalg.norm(found)), 1e-9), np.float32)
