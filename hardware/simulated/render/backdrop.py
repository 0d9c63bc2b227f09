"""What stands in a camera's picture, kept from frame to frame: the shop and all that is on its shelves.

It is drawn once with its colours, depths and ids. Frames begin with it and only those who move are drawn before it.
Where a piece was taken or put down, the part of the picture about it is drawn anew, with everything that may show in
that part, so that the result is the same as if all had been drawn: a picture depends on the state alone and not on
what was drawn before it.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np

from hardware.simulated.render.products import Mask, Pieces
from hardware.simulated.render.targets import Region, Target
from hardware.simulated.render.view import View

if TYPE_CHECKING:
    import moderngl

MARGIN_PX = 3
OUTSIDE = (0.86, 0.82, 0.78)
"""Daylight beyond the doors, blue-green-red."""


class DrawStanding(Protocol):
    """Draws the shop and the chosen pieces into whatever is bound: the colours, or else the ids."""

    def __call__(self, view: View, pieces: Pieces, chosen: Mask, *, ids: bool) -> None:
        """Draw."""


class Backdrop:
    """One camera's backdrop. `colours`, `depths` and `numbers` are textures of the picture's size."""

    def __init__(self, context: "moderngl.Context", view: View) -> None:
        self._view = view
        self.colours = context.texture(view.size, 4)
        self.depths = context.depth_texture(view.size)
        self.depths.compare_func = ""
        self.numbers = context.texture(view.size, 1, dtype="u2")
        self._numbered = context.framebuffer([self.numbers], self.depths)
        self._pieces: Pieces | None = None

    def update(self, pieces: Pieces, target: Target, draw: DrawStanding) -> None:
        """Bring the backdrop up to date with `pieces`; nothing is drawn where nothing changed."""
        before, self._pieces = self._pieces, pieces
        region = (0, 0, *self._view.size) if before is None else changed_region(self._view, before, pieces)
        if region is None:
            return
        chosen = standing(pieces) & in_region(self._view, pieces, region)
        target.smooth.use()
        target.smooth.scissor = region
        target.smooth.clear(*OUTSIDE, 1.0, depth=1.0)
        draw(self._view, pieces, chosen, ids=False)
        target.smooth.scissor = (0, 0, *target.size)
        x, y, width, height = region
        pixels = target.read_pixels()[y : y + height, x : x + width]
        self.colours.write(np.ascontiguousarray(pixels).tobytes(), viewport=region)
        self._numbered.use()
        self._numbered.scissor = region
        self._numbered.clear(depth=1.0)
        draw(self._view, pieces, chosen, ids=True)
        self._numbered.scissor = (0, 0, *target.size)

    def release(self) -> None:
        """Give the memory back."""
        for part in (self._numbered, self.colours, self.depths, self.numbers):
            part.release()


def standing(pieces: Pieces) -> Mask:
    """Which pieces (n,) stand in a slot."""
    return np.asarray(pieces.slots >= 0)


def changed_region(view: View, before: Pieces, now: Pieces) -> Region | None:
    """The part of the picture where what stands may look different from before; None where nothing does."""
    common = min(len(before.rows), len(now.rows))
    touched = []
    for one, other in ((before, now), (now, before)):
        moved = np.ones(len(one.rows), bool)
        moved[:common] = (one.rows[:common] != other.rows[:common]).any(axis=1)
        moved[:common] |= one.slots[:common] != other.slots[:common]
        touched.append(boxes(view, one)[standing(one) & moved])
    corners = np.concatenate(touched)
    corners = corners[(corners[:, 0] < corners[:, 2]) & (corners[:, 1] < corners[:, 3])]
    if not len(corners):
        return None
    left, top = corners[:, :2].min(axis=0).tolist()
    right, bottom = corners[:, 2:].max(axis=0).tolist()
    return left, top, right - left, bottom - top


def in_region(view: View, pieces: Pieces, region: Region) -> Mask:
    """Which pieces (n,) may show in that part of the picture."""
    found = boxes(view, pieces)
    x, y, width, height = region
    return np.asarray((found[:, 0] < x + width) & (found[:, 2] > x) & (found[:, 1] < y + height) & (found[:, 3] > y))


def boxes(view: View, pieces: Pieces) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Where each piece may show, generously: left, top, right, bottom (n, 4) in pixels, within the picture."""
    width, height = view.size
    seen = (pieces.middles - view.eye) @ view.axes.T
    scale = view.pixels_per_metre(1.0)
    depth = np.maximum(seen[:, 2], 0.05)
    middle = np.array([width / 2, height / 2]) + scale * seen[:, :2] / depth[:, None]
    # A ball near the picture's edge looks broader than in its middle, by the slope it is seen at.
    slope = np.sqrt(1 + (seen[:, :2] ** 2).sum(axis=1) / depth**2)
    reach = (scale * pieces.radii_m * slope / np.maximum(depth - pieces.radii_m, 0.02) + MARGIN_PX)[:, None]
    corners = np.concatenate([np.floor(middle - reach), np.ceil(middle + reach)], axis=1)
    corners[seen[:, 2] < pieces.radii_m + 0.1] = (0, 0, width, height)
    corners[seen[:, 2] < -pieces.radii_m] = 0
    return np.asarray(np.clip(corners, 0, (width, height, width, height)), np.int64)
