"""What is noted down while a recording is played: whom cameras follow, where people stand, what was compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import cv2
import numpy as np

from edge.node import Node
from hardware.ports import Frame, Image
from tillfree.evaluate.tracks.mot import Boxes, Role

CROPS_MAX = 20_000
"""Interactions whose pictures are kept for a report, at some 5 KB each."""
JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who is said to stand at (`x_m`, `y_m`); `who` is their visit, or a number until they have one."""

    t_s: float
    who: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What one area camera's tracker said. `rows`: frame (from 1), track, left, top, width, height; `frames`: shown."""

    rows: tuple[tuple[int, int, float, float, float, float], ...]
    frames: frozenset[int]

    def boxes(self) -> Boxes:
        """As tracks to be scored."""
        values = np.array(self.rows, np.float64).reshape(-1, 6)
        roles = np.full(len(values), Role.SCORED, np.int8)
        return Boxes(
            values[:, 0].astype(np.int64),
            values[:, 1].astype(np.int64),
            values[:, 2:],
            roles,
            np.arange(1, len(values) + 1),
        )


@dataclass(slots=True)
class Notes:
    """Collects while a node plays. `moments` (seconds, rising): when to note where everybody stands."""

    moments: Sequence[float]
    keep_crops: bool
    standing: list[Standing] = field(default_factory=list)
    crops: dict[UUID, tuple[bytes, bytes]] = field(default_factory=dict)
    _next: int = 0
    _rows: dict[str, list[tuple[int, int, float, float, float, float]]] = field(default_factory=dict)
    _frames: dict[str, set[int]] = field(default_factory=dict)

    def before(self, node: Node, t_s: float) -> None:
        """The next reading is of `t_s`: what is known now is what is known at the moments before it."""
        while self._next < len(self.moments) and self.moments[self._next] < t_s:
            at_s = self.moments[self._next]
            self.standing += _standing(node, at_s)
            self._next += 1

    def saw(self, node: Node, frame: Frame) -> None:
        """The node has taken `frame`."""
        number = frame.index + 1
        self._frames.setdefault(frame.camera, set()).add(number)
        rows = self._rows.setdefault(frame.camera, [])
        for track in node.followed(frame.camera):
            left, top, right, bottom = (float(value) for value in track.box)
            if right > left and bottom > top:
                rows.append((number, track.number, left, top, right - left, bottom - top))

    def witnessed(self, interaction: UUID, before: Image, after: Image) -> None:
        """An interaction was concluded from these two pictures of its slot."""
        if self.keep_crops and len(self.crops) < CROPS_MAX:
            self.crops[interaction] = jpeg(before), jpeg(after)

    def seen(self) -> dict[str, Seen]:
        """By camera."""
        return {camera: Seen(tuple(self._rows[camera]), frozenset(frames)) for camera, frames in self._frames.items()}


def jpeg(image: Image) -> bytes:
    """The picture as JPEG."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def _standing(node: Node, t_s: float) -> list[Standing]:
    """Where everybody is said to stand: each visit's person once, at the mean of what cameras say."""
    places: dict[str, list[tuple[float, float]]] = {}
    for person, visit in node.standing(t_s):
        who = f"person {person.person}" if visit is None else str(visit)
        places.setdefault(who, []).append((person.x_m, person.y_m))
    return [
        Standing(t_s, who, sum(x for x, _ in at) / len(at), sum(y for _, y in at) / len(at))
        for who, at in places.items()
    ]
