"""The truth about one picture: who and what is in it, where as a whole, and how much of it shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from hardware.simulated.bodies.figure import Part
from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout, Viewpoint
from hardware.simulated.recording.outline import NEAR_M, Body, Box, Doubles, Outline, around, clipped
from hardware.simulated.render.ids import Kind
from hardware.simulated.render.renderer import Shot
from hardware.simulated.render.visible import Visible, visible
from hardware.simulated.sensor.lens import Lens, Size
from hardware.simulated.world.state import Item, WorldState

Side = Literal["left", "right"]
PERSON_VISIBLE_MIN, PERSON_HEIGHT_MIN_PX = 0.2, 24.0
HAND_VISIBLE_MIN, HAND_SIDE_MIN_PX = 0.3, 6.0
PRODUCT_VISIBLE_MIN, PRODUCT_SIDE_MIN_PX = 0.3, 8.0
"""Less of somebody or something than this is not to be scored: nobody could be asked to see it."""
CORNERS = np.array([(out, across, up) for out in (-0.5, 0.5) for across in (-0.5, 0.5) for up in (0.0, 1.0)])
"""Of a box of size 1 that stands on its base: towards its front, across it, up."""


@dataclass(frozen=True, slots=True)
class Label:
    """One thing in a picture.

    `box` (x, y, width, height; pixels) is of the whole thing as far as it lies within the picture, hidden parts too.
    `visibility` is the share of its outline in the picture that nothing hides. `scored`: whether it can be asked for.
    """

    id: str
    """The person's, or the item's, in the world."""
    box: Box
    visibility: float
    scored: bool


@dataclass(frozen=True, slots=True)
class HandLabel(Label):
    """A hand of the person `id`."""

    side: Side


@dataclass(frozen=True, slots=True)
class ProductLabel(Label):
    """A piece of a product, standing or held."""

    sku: str
    held: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """All that is in one picture, in the order of the world's state."""

    persons: tuple[Label, ...]
    hands: tuple[HandLabel, ...]
    products: tuple[ProductLabel, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """How a camera looks at the moment of a picture: from where, with which lens, and the picture's size."""

    viewpoint: Viewpoint
    lens: Lens
    size: Size


def labels_of(shot: Shot, state: WorldState, layout: Layout, sight: Sight, *, products: bool = True) -> Labels:
    """The labels of `shot`, which was taken of `state`; its ids are bent as the lens of `sight` bends.

    `products`: whether those of products are wanted; on a full shelf they are most of the work.
    """
    assert shot.ids is not None, "labels are made from ids"
    seen: dict[tuple[Kind, str], Visible] = {(each.kind, each.id): each for each in visible(shot.ids, shot.names)}
    bodies = {
        posed.person.id: Body(posed, sight.viewpoint, sight.size, sight.lens)
        for posed in shot.people
        if ("person", posed.person.id) in seen or _near(posed.person.x, posed.person.y, sight)
    }
    return Labels(
        tuple(_persons(bodies, seen)),
        tuple(_hands(bodies, seen)),
        tuple(_products(state, layout.forms, seen, sight)) if products else (),
    )


def _near(x: float, y: float, sight: Sight) -> bool:
    """Whether somebody there may be in the picture at all: not far behind the camera."""
    ends = np.array([(x, y, 0.2), (x, y, 1.6)])
    _, depth = sight.lens.project(sight.viewpoint, sight.size, ends)
    return bool((depth > -0.5).any())


def _persons(bodies: Mapping[str, Body], seen: Mapping[tuple[Kind, str], Visible]) -> Iterator[Label]:
    for name, body in bodies.items():
        found = _whole(body.whole(), seen.get(("person", name)))
        if found is not None:
            box, share = found
            scored = share >= PERSON_VISIBLE_MIN and box[3] >= PERSON_HEIGHT_MIN_PX
            yield Label(name, box, share, scored)


def _hands(bodies: Mapping[str, Body], seen: Mapping[tuple[Kind, str], Visible]) -> Iterator[HandLabel]:
    sides: tuple[tuple[Kind, Part, Side], ...] = (
        ("left hand", Part.LEFT_HAND, "left"),
        ("right hand", Part.RIGHT_HAND, "right"),
    )
    for name, body in bodies.items():
        for kind, part, side in sides:
            shown = seen.get((kind, name))
            found = None if shown is None else _whole(body.hand(part), shown)
            if found is not None:
                box, share = found
                scored = share >= HAND_VISIBLE_MIN and min(box[2:]) >= HAND_SIDE_MIN_PX
                yield HandLabel(name, box, share, scored, side)


def _products(
    state: WorldState, forms: Mapping[str, Form], seen: Mapping[tuple[Kind, str], Visible], sight: Sight
) -> Iterator[ProductLabel]:
    items = [item for item in state.items if ("item", item.id) in seen]
    if not items:
        return
    corners = _corners(items, forms)
    pixels, depth = sight.lens.project(sight.viewpoint, sight.size, corners.reshape(-1, 3))
    before = np.asarray((depth.reshape(-1, 8) > NEAR_M).all(axis=1))
    for item, points, whole in zip(items, pixels.reshape(-1, 8, 2), before, strict=True):
        outline = None
        if whole and (box := clipped(points, sight.size)) is not None:
            # The hull of a box's corners is a little more than a bottle or a bag fills.
            inside = np.clip(points, 0.0, sight.size).astype(np.float32)
            outline = Outline(box, max(round(float(cv2.contourArea(cv2.convexHull(inside)))), 1))
        found = _whole(outline, seen["item", item.id])
        if found is not None:
            box, share = found
            scored = share >= PRODUCT_VISIBLE_MIN and min(box[2:]) >= PRODUCT_SIDE_MIN_PX
            yield ProductLabel(item.id, box, share, scored, item.sku, item.place == "hand")


def _whole(outline: Outline | None, shown: Visible | None) -> tuple[Box, float] | None:
    """The box of the whole, which holds at least what shows, and the share that shows."""
    if outline is None and shown is None:
        return None
    if shown is None:
        assert outline is not None, "one of the two is there"
        return outline.box, 0.0
    x, y, width, height = shown.box
    box = (float(x), float(y), float(width), float(height))
    if outline is None:
        return box, 1.0
    return around(outline.box, box), min(shown.pixels / outline.pixels, 1.0)


def _corners(items: Sequence[Item], forms: Mapping[str, Form]) -> Doubles:
    """The corners (n, 8, 3) of the boxes around pieces, metres in the store's frame."""
    at = np.array([item.at for item in items])
    size = np.array([(forms[item.sku].depth_m, forms[item.sku].width_m, forms[item.sku].height_m) for item in items])
    # What stands is given by its base, what is held by its middle.
    at[:, 2] -= np.where([item.place == "hand" for item in items], size[:, 2] / 2, 0.0)
    yaw = np.array([item.yaw for item in items])[:, None]
    out, across = (size[:, axis : axis + 1] * CORNERS[:, axis] for axis in (0, 1))
    x, y = out * np.cos(yaw) - across * np.sin(yaw), out * np.sin(yaw) + across * np.cos(yaw)
    return np.asarray(at[:, None] + np.stack([x, y, size[:, 2:] * CORNERS[:, 2]], axis=2))
