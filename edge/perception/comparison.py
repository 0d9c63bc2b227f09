"""The evidence in a slot's pictures before and after."""

import cv2
import numpy as np

from edge.perception.products.known import KnownProducts
from edge.perception.products.look import gain_of
from edge.perception.surfaces import Floats, Surfaces, edges
from edge.shelves.evidence import SAME_MAX, Evidence
from hardware.ports import Image

WIDTH = 96
"""Slots are compared at this width: enough to see a can move by a finger's breadth."""


class Comparison:
    """Compares a slot's pictures with each other and with the enrolled products, where there are any."""

    def __init__(self, known: KnownProducts | None) -> None:
        self._known = known

    def evidence(self, before: Image, after: Image) -> Evidence:
        """What the two pictures of one slot, of the same size, say.

        Where something changed, eight runs of the appearance network; else none.
        """
        was, now = _prepared(before), _prepared(after)
        changed = Surfaces(was).differs(now)
        share = float(np.count_nonzero(changed)) / changed.size
        # The outline of the change belongs to it: a bottle's edge lies on it.
        around = cv2.dilate(changed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        looked = self._known if share >= SAME_MAX else None
        # Of both together: an empty slot's grey board is in the light in which a white label stood before it.
        gain = gain_of(before, after)
        return Evidence(
            changed=share,
            edges=float(np.log((_strength(was, around) + 1.0) / (_strength(now, around) + 1.0))),
            before={} if looked is None else looked.fits(before, gain),
            after={} if looked is None else looked.fits(after, gain),
        )


def _prepared(image: Image) -> Floats:
    scale = min(1.0, WIDTH / image.shape[1])
    size = (max(round(image.shape[1] * scale), 8), max(round(image.shape[0] * scale), 8))
    return np.asarray(cv2.blur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (3, 3)), np.float32)


def _strength(picture: Floats, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    return float(np.abs(edges(picture))[where].mean()) if where.any() else 0.0
