"""A phone held up to the gate, with the token's QR code on it."""

from dataclasses import replace

import cv2
import numpy as np

from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import axes
from hardware.simulated.render.prints import LABEL_SIZE, Image
from hardware.simulated.render.view import Doubles
from hardware.simulated.world.state import Hand, Person, Point

PHONE = Form("phone", "box", 0.074, 0.009, 0.152, (0.05, 0.05, 0.06), (0.1, 0.1, 0.1), "phone", 0, 190.0, 0.0)
QUIET_MODULES = 4
"""White round a code, as ISO/IEC 18004 wants it."""
READ_M, REACH_M = 0.3, 0.6
"""How far from the reader a phone is held, and how far from the shoulder at most."""
BELOW_M = 0.095
"""How far below the phone's middle the hand is that holds it."""


def screen(token: str) -> Image:
    """The label that goes round a phone: a bright screen with the code of `token`, black behind. As `prints.label`."""
    width, height = LABEL_SIZE
    image = np.full((height, width, 3), 12, np.uint8)
    front = width // 2
    image[8 : height - 8, 8 : front - 8] = 244
    code = cv2.copyMakeBorder(
        np.asarray(cv2.QRCodeEncoder.create().encode(token)), *(QUIET_MODULES - 2,) * 4, cv2.BORDER_CONSTANT, value=255
    )
    # The code is to be square on the phone; the label's pixels are not.
    across = front - 20
    down = round(across * PHONE.width_m / front * height / PHONE.height_m)
    top = (height - down) // 2
    image[top : top + down, 10 : 10 + across] = cv2.resize(code, (across, down), interpolation=cv2.INTER_NEAREST)[
        :, :, None
    ]
    return image


def presenting(person: Person, reader: Viewpoint) -> Person:
    """`person` with the right hand up, a phone in it, held out towards the gate's reader."""
    shoulder = np.array([person.x, person.y, 0.8 * person.height_m])
    wanted = np.array(reader.eye) + READ_M * axes(reader)[2] - np.array([0.0, 0.0, BELOW_M])
    line = wanted - shoulder
    x, y, z = (shoulder + line * min(REACH_M / max(float(np.linalg.norm(line)), 0.1), 1.0)).tolist()
    at: Point = (x, y, z)
    return replace(person, right=Hand(at, 0.6, "phone"), looks_at=at)


def placed(person: Person, reader: Viewpoint, layer: int, number: int) -> Doubles:
    """The phone's row for the product shader (16,): above the presenting hand, its screen to the reader."""
    assert person.right is not None, "only who presents a phone has one"
    at = np.array(person.right.at) + np.array([0.0, 0.0, BELOW_M])
    facing = np.array(reader.eye) - at
    facing = facing / np.linalg.norm(facing)
    across = np.cross(np.array([0.0, 0.0, 1.0]), facing)
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    # Columns: the mesh's x, y (away from its front) and z in the store's frame.
    turn = np.stack([across, -facing, np.cross(facing, across)], axis=1)
    row = np.zeros(16)
    foot = at - turn[:, 2] * PHONE.height_m / 2
    for axis in range(3):
        row[4 * axis : 4 * axis + 3], row[4 * axis + 3] = turn[axis], foot[axis]
    row[12:] = layer, number, 0.5, 1.0
    return row
