"""A token as the QR code that a phone shows."""

from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from edge.errors import EdgeError

MODULE_PX = 10
CORRECTION = "M"
"""15 % may be hidden: a thumb, a crack, a lamp in the glass. H would take 8 more modules for 48 characters."""


def draw(token: str, path: Path) -> tuple[int, int]:
    """Write the code of `token` to `path` as a PNG; its modules and pixels across. EdgeError where it cannot be."""
    code = zxingcpp.create_barcode(token, zxingcpp.BarcodeFormat.QRCode, ec_level=CORRECTION)
    modules = np.array(code.to_image(scale=1, add_quiet_zones=False)).shape[0]
    image = np.array(code.to_image(scale=MODULE_PX, add_quiet_zones=True))
    coded, data = cv2.imencode(".png", image)
    assert coded, "a grey picture can be written as PNG"
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise EdgeError(f"{path}: {error.strerror}; the code was not drawn") from None
    return modules, image.shape[0]
