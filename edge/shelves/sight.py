"""What one picture shows of one slot: the type that goes from perception to the shelves."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Crop = npt.NDArray[np.uint8]
"""Height × width × 3, blue-green-red: what the camera sees of a slot."""


@dataclass(frozen=True, slots=True, eq=False)
class SlotSight:
    """A slot in one picture. Shares are of the slot's box, in 0–1."""

    slot: str
    camera: str
    t_s: float
    reach: float
    """Share covered by something that comes from outside the picture: a hand, an arm, what it carries."""
    moved: float
    """Share that differs from the picture before."""
    crop: Crop
