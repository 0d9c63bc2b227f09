"""Labelled pictures of people from folders, and the batches that are made of them.

A folder has a labels.jsonl as draw.py writes it. A line without `bodies` does not know who is where; a line with
`knows` says which of hand, head and body are labelled in the picture (all without it).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.shelf.training.colours import Colours

Floats = npt.NDArray[np.float32]
Image = npt.NDArray[np.uint8]
HEATS, WAYS = ("hand", "head", "body"), ("head", "stands")
"""What the network tells of each cell."""
PADDING = 114
CANVASES = ((256, 320), (320, 416))
"""Height and width: a part of what the network is shown in a shop, and all of it."""
LARGE = 0.3
FIT = (320, 416)
"""Scales are of a picture that fits this."""
HAND_MIN_PX = 4.0
HEAD_SHARE = 0.25
"""A head of which less shows is not asked for."""
TURNS_DEG = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with its people.

    `heads` (n, 3): middle and radius in pixels, 0 where unknown; `shares` (n,) of the heads that show; `stands` (n, 2).
    `hands` (m, 4): left, top, right, bottom; `owners` (m,) index people, -1 where unknown; `scored` (m,).
    `bodies` (h, w): 0 nobody, else a person's index + 1. `knows`: whether hands, heads, bodies are labelled.
    """

    image: Image
    heads: Floats
    shares: Floats
    stands: Floats
    hands: Floats
    owners: npt.NDArray[np.int64]
    scored: npt.NDArray[np.bool_]
    bodies: Image
    knows: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures of one folder; `share` of all that is trained on, `scale` from and to, how often people are pasted."""

    pictures: tuple[Picture, ...]
    share: float
    scale: tuple[float, float]
    pasted: float = 0.0


def read(folder: Path) -> tuple[Picture, ...]:
    """All pictures of `folder`."""
    found = []
    for text in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        image = np.asarray(cv2.imread(str(folder / line["file"])), np.uint8)
        people = np.array(line["people"], np.float32).reshape(-1, 6)
        hands = np.array(line["hands"], np.float32).reshape(-1, 6)
        if line.get("bodies"):
            bodies = np.asarray(cv2.imread(str(folder / line["bodies"]), cv2.IMREAD_GRAYSCALE), np.uint8)
        else:
            bodies = np.zeros(image.shape[:2], np.uint8)
        knows = line.get("knows", HEATS)
        found.append(
            Picture(
                image,
                people[:, :3],
                people[:, 3],
                people[:, 4:],
                np.concatenate([hands[:, 1:3], hands[:, 1:3] + hands[:, 3:5]], axis=1),
                hands[:, 0].astype(np.int64) - 1,
                hands[:, 5] > 0,
                bodies,
                tuple(kind in knows for kind in HEATS),
            )
        )
    return tuple(found)


class Mixer:
    """Draws pictures from sources by their shares, changed by chance."""

    def __init__(self, sources: Sequence[Source], seed: int) -> None:
        self._sources = sources
        self._rng = np.random.default_rng(seed)
        self._shares = np.array([source.share for source in sources]) / sum(source.share for source in sources)
        self._colours = Colours(self._rng)
        self._donors = [one for source in sources for one in source.pictures if one.bodies.any()]

    def batch(self, count: int) -> list[Picture]:
        """`count` pictures of one size."""
        size = CANVASES[int(self._rng.random() < LARGE)]
        return [self._one(size) for _ in range(count)]

    def _one(self, size: tuple[int, int]) -> Picture:
        rng = self._rng
        source = self._sources[int(rng.choice(len(self._sources), p=self._shares))]
        picture = self._placed(source.pictures[int(rng.integers(len(source.pictures)))], source.scale, size)
        if rng.random() < source.pasted:
            donor = self._donors[int(rng.integers(len(self._donors)))]
            picture = self._pasted(picture, self._placed(donor, (0.7, 1.6), size))
        return replace(picture, image=self._colours.of(picture.image))

    def _placed(self, picture: Picture, scales: tuple[float, float], size: tuple[int, int]) -> Picture:
        """The picture laid on a canvas of `size`: scaled, turned a little, mirrored, around somebody where it can."""
        rng = self._rng
        height, width = picture.image.shape[:2]
        scale = min(FIT[0] / height, FIT[1] / width) * float(np.exp(rng.uniform(*np.log(scales))))
        angle = float(np.radians(rng.normal(0.0, TURNS_DEG)))
        way = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if rng.random() < 0.5:
            way = way @ np.diag([-1.0, 1.0])
        canvas = np.array([size[1], size[0]], np.float64)
        middle = np.array([width / 2.0, height / 2.0])
        most = np.abs(canvas - scale * 2.0 * middle) / 2.0
        shift = canvas / 2.0 + rng.uniform(-1.0, 1.0, 2) * most - way @ middle
        hands = np.flatnonzero(picture.scored)
        if len(hands) and rng.random() < 0.5:
            box = picture.hands[hands[int(rng.integers(len(hands)))]]
            wanted = rng.uniform(0.15, 0.85, 2) * canvas - way @ ((box[:2] + box[2:]) / 2.0)
            centred = canvas / 2.0 - way @ middle
            shift = centred + np.clip(wanted - centred, -most, most)
        return _laid(picture, np.concatenate([way, shift[:, None]], axis=1).astype(np.float32), scale, size)

    def _pasted(self, onto: Picture, donor: Picture) -> Picture:
        """The donor's people before a picture that shows nobody."""
        if onto.bodies.any() or len(onto.hands):
            return onto
        rng = self._rng
        mask = (donor.bodies > 0).astype(np.uint8) * 255
        soft = cv2.GaussianBlur(mask, (3, 3), 0).astype(np.float32)[:, :, None] / 255.0
        tint = rng.uniform(0.75, 1.3) * np.exp(rng.normal(0.0, 0.06, 3))
        image = onto.image * (1.0 - soft) + np.clip(donor.image * tint, 0, 255) * soft
        return replace(donor, image=np.clip(image, 0, 255).astype(np.uint8), knows=(True, True, True))


def _laid(picture: Picture, way: Floats, scale: float, size: tuple[int, int]) -> Picture:
    """The picture on a canvas of `size` by the affine map `way` (2, 3)."""
    canvas = (size[1], size[0])
    method = cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR
    image = cv2.warpAffine(picture.image, way, canvas, flags=method, borderValue=(PADDING,) * 3)
    bodies = cv2.warpAffine(picture.bodies, way, canvas, flags=cv2.INTER_NEAREST)
    turn, shift = way[:, :2], way[:, 2]
    heads = picture.heads.copy()
    known = heads[:, 2] > 0
    heads[:, :2] = heads[:, :2] @ turn.T + shift
    heads[:, 2] *= scale
    inside = ((heads[:, :2] >= 0) & (heads[:, :2] < np.array(canvas))).all(axis=1)
    corners = picture.hands[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2) @ turn.T + shift
    whole = np.concatenate([corners.min(1), corners.max(1)], axis=1).astype(np.float32).reshape(-1, 4)
    middle = (whole[:, :2] + whole[:, 2:]) / 2.0
    sees = ((middle >= 0) & (middle < np.array(canvas))).all(axis=1) if len(whole) else np.zeros(0, np.bool_)
    small = (whole[:, 2:] - whole[:, :2]).min(axis=1) < HAND_MIN_PX if len(whole) else np.zeros(0, np.bool_)
    return Picture(
        np.asarray(image, np.uint8),
        heads,
        np.where(inside & known, picture.shares, 0.0).astype(np.float32),
        (picture.stands @ turn.T + shift).astype(np.float32),
        whole[sees],
        picture.owners[sees],
        (picture.scored & ~small)[sees],
        np.asarray(bodies, np.uint8),
        picture.knows,
    )
