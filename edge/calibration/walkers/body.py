"""How a standing person shows in a camera: the middle, the lower and the upper edge of their box.

The lower edge of a box is not where a person stands but the nearest of their shoes, towards the camera that looks: the
farther, the faster they walk along its look (strides.py). With two cameras that look from opposite sides this matters.
"""

import numpy as np
import numpy.typing as npt

from edge.calibration.view import View

Doubles = npt.NDArray[np.float64]

SHOE_M = 0.12
"""Median over drawn people who walk and stand, 1,577 boxes; real ones of the motion lab agree best at 0.05 to 0.1."""
TALL_M, TALL_SIGMA_M = 1.69, 0.10
"""How tall people are, shoes and hair included."""


def shown(view: View, stood: Doubles, tall_m: Doubles, shoe_m: Doubles) -> tuple[Doubles, Doubles]:
    """Boxes of people of `tall_m` (n,) who stand at `stood` (n, 2): middle, lower, upper edge (n, 3), pixels.

    `shoe_m` (n,) is how far before them their nearest shoe is. The second answer is how far before the camera each is
    (n,), metres along its look; beneath 0 they are behind it.
    """
    zero = np.zeros(len(stood))
    points = np.concatenate(
        [
            np.column_stack([stood, zero]),
            np.column_stack([stood, tall_m]),
            np.column_stack([away(stood, view.eye[:2], -shoe_m), zero]),
        ]
    )
    pixels, depth = view.pixels(points)
    foot, head, shoe = np.split(pixels, 3)
    middle = (foot[:, 0] + head[:, 0]) / 2.0
    return np.column_stack([middle, shoe[:, 1], head[:, 1]]), np.asarray(np.split(depth, 3)[0])


def away(floor: Doubles, from_: Doubles, by_m: Doubles) -> Doubles:
    """Floor places (n, 2), each moved `by_m` (n,) away from the place `from_` (2,)."""
    way = floor - from_
    far = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    # Right under a camera there is no nearer shoe.
    return np.asarray(floor + by_m[:, None] * way / far * np.minimum(far / 1.0, 1.0))
