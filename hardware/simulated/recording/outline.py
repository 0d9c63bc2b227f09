"""The whole outline of a person in a picture, whatever hides them: from the posed body, by the camera's own lens.

Every vertex of the body's mesh goes where its bones take it and is projected. Bone by bone the hull of what follows it
is filled; together they are the outline, a little fuller than the body between two bones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from hardware.simulated.bodies.figure import Figure, Part
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.render.people import Posed
from hardware.simulated.sensor.lens import Lens, Size

LEVEL = 1
"""The level of detail whose corners stand for the body: they lie 2.6 cm apart, half as far on hands and heads."""
NEAR_M = 0.1
"""What is nearer to the lens, or behind it, is left out."""
HAND_BONES = ("hand", "index", "middle", "ring", "pinky", "thumb")

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outline:
    """The box of a body or a hand, as far as it lies in the picture, and how many pixels its outline fills."""

    box: Box
    pixels: int


@dataclass(frozen=True, slots=True, eq=False)
class _Corners:
    """A figure with the vertices of one level of detail only, and which of them belong to which bone or hand."""

    figure: Figure
    groups: tuple[npt.NDArray[np.int64], ...]
    hands: Mapping[Part, npt.NDArray[np.int64]]


@lru_cache(maxsize=256)
def _corners(figure: Figure) -> _Corners:
    used = np.unique(figure.levels[LEVEL])
    few = replace(
        figure,
        vertices=figure.vertices[used],
        bones=figure.bones[used],
        weights=figure.weights[used],
        parts=figure.parts[used],
    )
    names = [name.split("_")[0] for name in figure.skeleton.names]
    sides = [name.rsplit("_", maxsplit=1)[-1] for name in figure.skeleton.names]
    groups: dict[tuple[str, str], list[int]] = {}
    for index, bone in enumerate(few.bones[np.arange(len(used)), few.weights.argmax(axis=1)].tolist()):
        kind = "hand" if names[bone] in HAND_BONES else figure.skeleton.names[bone]
        groups.setdefault((kind, sides[bone] if kind == "hand" else ""), []).append(index)
    hands = {part: np.flatnonzero(few.parts == part) for part in (Part.LEFT_HAND, Part.RIGHT_HAND)}
    return _Corners(few, tuple(np.array(group) for group in groups.values()), hands)


def corners_of(figure: Figure) -> Figure:
    """The figure with the few vertices that stand for the body."""
    return _corners(figure).figure


class Body:
    """Somebody as one camera's picture of `size` would show them, were nothing in the way."""

    def __init__(self, posed: Posed, viewpoint: Viewpoint, size: Size, lens: Lens) -> None:
        self._corners, self._size = _corners(posed.figure), size
        points = posed.pose.vertices(self._corners.figure).astype(np.float64)
        self._pixels, depth = lens.project(viewpoint, size, points)
        self._before = depth > NEAR_M

    def whole(self) -> Outline | None:
        """The outline of all of them; None where nothing of it lies in the picture."""
        return self._outline(self._corners.groups)

    def hand(self, part: Part) -> Outline | None:
        """The outline of one hand."""
        return self._outline((self._corners.hands[part],))

    def _outline(self, groups: tuple[npt.NDArray[np.int64], ...]) -> Outline | None:
        shown = [self._pixels[group[self._before[group]]] for group in groups]
        shown = [points for points in shown if len(points) >= 3]
        if not shown:
            return None
        box = clipped(np.concatenate(shown), self._size)
        if box is None:
            return None
        left, top = int(box[0]), int(box[1])
        right, bottom = int(np.ceil(box[0] + box[2])), int(np.ceil(box[1] + box[3]))
        mask = np.zeros((bottom - top, right - left), np.uint8)
        for points in shown:
            hull = cv2.convexHull(np.rint(points - (left + 0.5, top + 0.5)).astype(np.int32).clip(-20_000, 20_000))
            cv2.fillConvexPoly(mask, hull, 1)
        return Outline(box, max(int(np.count_nonzero(mask)), 1))


def clipped(points: Doubles, size: Size) -> Box | None:
    """The box of points (n, 2) in pixels as far as it lies in the picture; None where it does not."""
    low, high = np.maximum(points.min(axis=0), 0.0), np.minimum(points.max(axis=0), np.array(size, np.float64))
    wide, tall = (high - low).tolist()
    if wide < 1.0 or tall < 1.0:
        return None
    return float(low[0]), float(low[1]), wide, tall


def around(box: Box, other: Box) -> Box:
    """The box that holds both."""
    left, top = min(box[0], other[0]), min(box[1], other[1])
    right, bottom = max(box[0] + box[2], other[0] + other[2]), max(box[1] + box[3], other[1] + other[3])
    return left, top, right - left, bottom - top
