"""The floor's grid as a picture file, for the installer to look at."""

from pathlib import Path

import cv2
import numpy as np

from edge.calibration.errors import CalibrationError
from edge.calibration.pictures.grid import with_grid
from hardware.ports import Image
from tillfree.calibrate.found import Found
from tillfree.calibrate.pictures import still

GREY = 60


def draw(found: Found, looked: list[Image], picture: Path) -> None:
    """Write `picture`: the grid over what the camera saw (`looked`), over grey without. CalibrationError if not."""
    width, height = found.view.size
    ground = still(looked) if looked else np.full((height, width, 3), GREY, np.uint8)
    drawn = with_grid(ground, found.view.optics, found.view.matrix(), found.marks)
    try:
        whole, encoded = cv2.imencode(picture.suffix or ".png", drawn)
    except cv2.error:
        whole, encoded = False, np.zeros(0, np.uint8)
    if not whole:
        raise CalibrationError(f"{picture}: a picture is a .png or a .jpg")
    try:
        picture.write_bytes(encoded.tobytes())
    except OSError as error:
        raise CalibrationError(f"{picture}: {error.strerror}") from None
