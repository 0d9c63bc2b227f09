"""Labelled pictures from folders, and the batches that are made of them: turned, scaled, recoloured, pasted together.

A folder has a labels.jsonl as draw.py writes it. Besides, a line may have `knows`, the kinds that are labelled in the
picture (["hand", "product"] without it): what is found of others is neither right nor wrong.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.shelf.training.colours import Colours

Floats = npt.NDArray[np.float32]
Image = npt.NDArray[np.uint8]
KINDS = ("hand", "product")
SHOWN_MIN = 0.35
"""A thing of which the canvas shows less is not asked for."""
COVERED_MAX = 0.65
"""Neither is one of which something pasted hides more."""
SIDE_MIN_PX = 5.0
PADDING = 114
SIZES = ((160, 224), (256, 320))
"""Height and width of canvases: mostly a part of what the network is shown in a shop, which costs less."""
FIT = (256, 320)
"""What the network is shown in a shop: scales are of a picture that fits this."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with its boxes: (n, 4) left, top, right, bottom in pixels; `kinds` index `KINDS`."""

    image: Image
    boxes: Floats
    kinds: npt.NDArray[np.int64]
    scored: npt.NDArray[np.bool_]
    knows: tuple[bool, bool]
    mask: Image | None
    """255 where somebody shows who can be cut out."""


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures of one folder, and how they are used."""

    pictures: tuple[Picture, ...]
    share: float
    """Of all that is trained on."""
    scale: tuple[float, float]
    """From and to, times what fits the canvas."""
    turns: float
    """How often a picture is turned by a quarter, or half: cameras above shelves hang as they like."""
    near_hand: float
    """How often the canvas is laid around a hand."""
    pasted: float
    """How often somebody cut out of another picture is pasted in."""


def read(folder: Path) -> tuple[Picture, ...]:
    """All pictures of `folder`."""
    found = []
    for text in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        image = cv2.imread(str(folder / line["file"]))
        mask = cv2.imread(str(folder / line["mask"]), cv2.IMREAD_GRAYSCALE) if line.get("mask") else None
        rows = line["boxes"]
        xywh = np.array([row[1:5] for row in rows], np.float32).reshape(-1, 4)
        knows = line.get("knows", KINDS)
        found.append(
            Picture(
                np.asarray(image, np.uint8),
                np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1),
                np.array([KINDS.index(row[0]) for row in rows], np.int64),
                np.array([bool(row[6]) for row in rows], np.bool_),
                (KINDS[0] in knows, KINDS[1] in knows),
                None if mask is None or not mask.any() else np.asarray(mask, np.uint8),
            )
        )
    return tuple(found)


class Mixer:
    """Draws pictures from sources by their shares. `donors` are those that have somebody to cut out."""

    def __init__(self, sources: Sequence[Source], seed: int) -> None:
        self._sources = sources
        self._rng = np.random.default_rng(seed)
        self._shares = np.array([source.share for source in sources]) / sum(source.share for source in sources)
        self._colours = Colours(self._rng)
        self._donors = [picture for source in sources for picture in source.pictures if picture.mask is not None]

    def batch(self, count: int) -> tuple[tuple[int, int], list[Picture]]:
        """The canvas's size (height, width) and `count` pictures of it."""
        size = SIZES[int(self._rng.choice(len(SIZES), p=(0.88, 0.12)))]
        return size, [self.one(size) for _ in range(count)]

    def one(self, size: tuple[int, int]) -> Picture:
        """One picture on a canvas of `size`, changed by chance."""
        rng = self._rng
        source = self._sources[int(rng.choice(len(self._sources), p=self._shares))]
        if rng.random() < 0.12:
            return self._coloured(self._mosaic(source, size))
        placed = self._placed(source, size)
        if self._donors and rng.random() < source.pasted:
            placed = self._pasted(placed, size)
        return self._coloured(placed)

    def _coloured(self, picture: Picture) -> Picture:
        """The picture by another light and through another sensor."""
        return replace(picture, image=self._colours.of(picture.image), mask=None)

    def _placed(self, source: Source, size: tuple[int, int]) -> Picture:
        """A picture of `source`, laid on a canvas."""
        rng = self._rng
        picture = source.pictures[int(rng.integers(len(source.pictures)))]
        fit = FIT if size in SIZES else size
        return _lay(picture, self._way(picture, source, size, fit), size, self._border())

    def _border(self) -> tuple[int, int, int]:
        level = PADDING if self._rng.random() < 0.6 else int(self._rng.integers(0, 256))
        return level, level, level

    def _way(self, picture: Picture, source: Source, size: tuple[int, int], fit: tuple[int, int]) -> Floats:
        rng = self._rng
        height, width = picture.image.shape[:2]
        scale = min(fit[0] / height, fit[1] / width) * float(np.exp(rng.uniform(*np.log(source.scale))))
        middle = np.array([width / 2.0, height / 2.0])
        hands = np.flatnonzero((picture.kinds == 0) & picture.scored)
        canvas = np.array([size[1], size[0]], np.float64)
        onto = canvas / 2.0 + rng.uniform(-1.0, 1.0, 2) * np.abs(canvas - scale * 2.0 * middle) / 2.0
        if len(hands) and rng.random() < source.near_hand:
            box = picture.boxes[hands[int(rng.integers(len(hands)))]]
            hand = (box[:2] + box[2:]) / 2.0
            wanted = rng.uniform(0.15, 0.85, 2) * canvas + scale * (middle - hand)
            # Not so far that much of the canvas stays empty.
            most = np.abs(canvas - scale * 2.0 * middle) / 2.0 + 0.1 * canvas
            onto = canvas / 2.0 + np.clip(wanted - canvas / 2.0, -most, most)
        angle = float(np.radians(rng.normal(0.0, 4.0)))
        if rng.random() < source.turns:
            angle += float(rng.choice([0.5, 1.0, 1.5])) * np.pi
        wide, high = scale * np.exp(rng.normal(0.0, 0.06, 2))
        way = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([wide, high])
        if rng.random() < 0.5:
            way = way @ np.diag([-1.0, 1.0])
        return np.concatenate([way, (onto - way @ middle)[:, None]], axis=1).astype(np.float32)

    def _mosaic(self, source: Source, size: tuple[int, int]) -> Picture:
        """Four pictures beside each other, so that things are small and among strangers."""
        rng = self._rng
        cut_y, cut_x = int(size[0] * rng.uniform(0.35, 0.65)), int(size[1] * rng.uniform(0.35, 0.65))
        canvas = np.zeros((*size, 3), np.uint8)
        parts, knows = [], (True, True)
        for top, left, bottom, right in (
            (0, 0, cut_y, cut_x),
            (0, cut_x, cut_y, size[1]),
            (cut_y, 0, size[0], cut_x),
            (cut_y, cut_x, size[0], size[1]),
        ):
            # Of the same source: others may have labelled other kinds.
            part = self._placed(source, (bottom - top, right - left))
            canvas[top:bottom, left:right] = part.image
            parts.append((part.boxes + np.array([left, top, left, top], np.float32), part.kinds, part.scored))
            knows = (knows[0] and part.knows[0], knows[1] and part.knows[1])
        boxes, kinds, scored = (np.concatenate([part[n] for part in parts]) for n in range(3))
        return Picture(canvas, boxes, kinds, scored, knows, None)

    def _pasted(self, onto: Picture, size: tuple[int, int]) -> Picture:
        """Somebody cut out of another picture laid over it, with their hands and what they hold."""
        rng = self._rng
        donor = self._donors[int(rng.integers(len(self._donors)))]
        assert donor.mask is not None, "donors have somebody to cut out"
        source = Source((donor,), 1.0, (0.5, 1.6), 0.2, 0.7, 0.0)
        way = self._way(donor, source, size, FIT)
        laid = _lay(donor, way, size, (0, 0, 0))
        mask = cv2.warpAffine(donor.mask, way, (size[1], size[0]), flags=cv2.INTER_LINEAR)
        soft = cv2.GaussianBlur(mask, (3, 3), 0).astype(np.float32)[:, :, None] / 255.0
        tint = rng.uniform(0.75, 1.3) * np.exp(rng.normal(0.0, 0.06, 3))
        image = onto.image * (1.0 - soft) + np.clip(laid.image * tint, 0, 255) * soft
        solid = mask > 127
        hidden = np.array([_share(solid, box) > COVERED_MAX for box in onto.boxes], np.bool_)
        # What the donor's picture has besides its people stays behind: of products only those that lie in the mask.
        comes = (laid.kinds == 0) | np.array([_share(solid, box) > 0.5 for box in laid.boxes], np.bool_)
        return Picture(
            np.clip(image, 0, 255).astype(np.uint8),
            np.concatenate([onto.boxes, laid.boxes[comes]]),
            np.concatenate([onto.kinds, laid.kinds[comes]]),
            np.concatenate([onto.scored & ~hidden, laid.scored[comes]]),
            onto.knows,
            None,
        )


def _lay(picture: Picture, way: Floats, size: tuple[int, int], border: tuple[int, int, int]) -> Picture:
    """The picture laid on a canvas of `size` (height, width) by the affine map `way` (2, 3)."""
    shrinks = np.sqrt(abs(float(np.linalg.det(way[:, :2]))))
    image: npt.NDArray[Any] = picture.image
    there = way
    if shrinks < 0.6:
        # What shrinks much is averaged first, or it would glitter.
        step = max(shrinks, 0.05) * 1.2
        image = cv2.resize(image, None, fx=step, fy=step, interpolation=cv2.INTER_AREA)
        there = way.copy()
        there[:, :2] /= step
    canvas = cv2.warpAffine(image, there, (size[1], size[0]), flags=cv2.INTER_LINEAR, borderValue=border)
    boxes = picture.boxes
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2) @ way[:, :2].T + way[:, 2]
    whole = np.concatenate([corners.min(1), corners.max(1)], axis=1).astype(np.float32).reshape(-1, 4)
    cut = np.clip(whole, 0, np.array([size[1], size[0], size[1], size[0]], np.float32))
    sides = cut[:, 2:] - cut[:, :2]
    area = (whole[:, 2:] - whole[:, :2]).prod(1)
    shown = sides.prod(1) / np.maximum(area, 1e-6)
    there_still = (sides > 1.0).all(1)
    scored = picture.scored & (shown >= SHOWN_MIN) & (sides >= SIDE_MIN_PX).all(1)
    return Picture(
        np.asarray(canvas, np.uint8),
        cut[there_still],
        picture.kinds[there_still],
        scored[there_still],
        picture.knows,
        None,
    )


def _share(mask: npt.NDArray[np.bool_], box: Floats) -> float:
    left, top, right, bottom = (round(float(value)) for value in box)
    inside = mask[max(top, 0) : bottom, max(left, 0) : right]
    return float(inside.mean()) if inside.size else 0.0
