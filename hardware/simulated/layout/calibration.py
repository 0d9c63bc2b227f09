"""What an installer measures once cameras hang: where each sees marks on the floor, and the things in its slots.

Measured in the picture that the camera really gives, bent as its lens bends it: the store file is true for that one.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout, Room, Viewpoint, on_floor
from hardware.simulated.layout.standing import EDGE_M, clearance_m
from hardware.simulated.sensor.lens import Lens, Size
from protocol.store import Box, Camera, Gondola, MarkedPoint, Shelf, Slot, SlotView

VIEW_MIN_PX = 6.0
SHOWN_MIN = 0.7
"""Share of a slot's front that must be in the picture for a shelf camera to be given the slot."""
POINTS_MIN, POINTS_MAX = 6, 12
SHELF_POINTS_MIN = 8
"""As many tell where a camera hangs (edge/perception/wrist_place.py)."""
MARKS_SHARES = (0.08, 0.3, 0.5, 0.7, 0.92)
MARKS_SHARES_CLOSE = tuple(np.linspace(0.04, 0.96, 15).round(3).tolist())
"""Where over the room's width and depth marks are for area cameras; close ones for those that see little of it."""
MARKS_APART_M, MARKS_BESIDE_M, MARKS_OUT_M = 0.3, 0.6, (0.1, 1.9)
"""Marks before a gondola: this far apart, as far beyond its ends, and from so far to so far before its front."""
SHARED_MAX = 0.4
"""Share of the smaller of two views that may lie under the other; steep cameras see one row behind another."""
NEAR_M = 0.12
"""What is nearer to the lens than this is no view of anything."""
FACING_MIN = 0.2
"""Cosine between a slot's front and the look at it: what is seen more from the side than this is no view either."""
FREE_OFF_M = 0.15
"""A camera that watches a free shelf looks at that board, and not at one that much higher or lower."""
USUAL_HEIGHT_M = 0.3
"""Of what stands in a slot for which the planogram names nothing."""


STRAIGHT = Lens()
"""A pinhole's."""


def calibrated(layout: Layout, lenses: Mapping[str, Lens] | None = None, *, shared: bool | None = None) -> Layout:
    """The layout with floor points for its area cameras and views for its shelf cameras, in pixels of their `size`.

    Shelf cameras that had floor points have them again.
    `lenses` are by camera; without one it is a pinhole. A slot belongs to the first camera that sees it, or to each
    that does where slots are `shared` (by default: where they are in the layout as it is).
    """
    if shared is None:
        slots = [view.slot for camera in layout.store.cameras for view in camera.views]
        shared = len(set(slots)) < len(slots)
    lenses = lenses or {}
    cameras: list[Camera] = []
    taken: set[str] = set()
    for camera in layout.store.cameras:
        viewpoint, lens = layout.viewpoint(camera.id), lenses.get(camera.id, STRAIGHT)
        points: tuple[MarkedPoint, ...] = ()
        views: tuple[SlotView, ...] = ()
        if camera.role == "area":
            points = _marks(viewpoint, camera.size, lens, layout.room)
        elif camera.role == "shelf":
            points = marks_before(layout, viewpoint, camera.size, lens) if camera.floor_points else ()
            views = _views(layout, viewpoint, camera.size, lens, taken)
            taken |= set() if shared else {view.slot for view in views}
        cameras.append(camera.model_copy(update={"floor_points": points, "views": views}))
    return replace(layout, store=layout.store.model_copy(update={"cameras": tuple(cameras)}))


def _marks(viewpoint: Viewpoint, size: Size, lens: Lens, room: Room) -> tuple[MarkedPoint, ...]:
    """Marks on the floor that the camera sees, spread over its picture; close ones where it sees little of it."""
    floor: list[tuple[float, float]] = []
    pixels, seen = np.empty((0, 2)), np.empty(0, np.intp)
    for shares in (MARKS_SHARES, MARKS_SHARES_CLOSE):
        floor = [
            (round(room.x + a * room.width_m, 3), round(room.y + b * room.depth_m, 3))
            for a, b in itertools.product(shares, shares)
        ]
        pixels, depth = lens.project(viewpoint, size, np.array([(x, y, 0.0) for x, y in floor]))
        inside = (depth > NEAR_M) & (pixels >= 0.0).all(axis=1) & (pixels <= np.array(size)).all(axis=1)
        seen = np.flatnonzero(inside)
        if len(seen) >= SHELF_POINTS_MIN:
            break
    return _spread(floor, pixels, seen, POINTS_MIN)


def marks_before(layout: Layout, viewpoint: Viewpoint, size: Size, lens: Lens = STRAIGHT) -> tuple[MarkedPoint, ...]:
    """Marks on the floor before the gondola that a shelf camera looks at; none where it sees too little of it."""
    gondola = min(layout.store.gondolas, key=lambda each: _from_front_m(each, viewpoint.target[:2]))
    alongs = np.arange(-MARKS_BESIDE_M, gondola.width + MARKS_BESIDE_M + 0.01, MARKS_APART_M)
    outs = gondola.depth + np.arange(MARKS_OUT_M[0], MARKS_OUT_M[1] + 0.01, MARKS_APART_M)
    every = [on_floor(gondola, float(along), float(out)) for along, out in itertools.product(alongs, outs)]
    floor = [(round(x, 3), round(y, 3)) for x, y in every if _inside(layout.room, x, y)]
    if not floor:
        return ()
    pixels, depth = lens.project(viewpoint, size, np.array([(x, y, 0.0) for x, y in floor]))
    inside = (depth > NEAR_M) & (pixels >= 0.0).all(axis=1) & (pixels <= np.array(size)).all(axis=1)
    return _spread(floor, pixels, np.flatnonzero(inside), SHELF_POINTS_MIN)


def _inside(room: Room, x_m: float, y_m: float) -> bool:
    return room.x <= x_m <= room.x + room.width_m and room.y <= y_m <= room.y + room.depth_m


def _spread(
    floor: Sequence[tuple[float, float]],
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    seen: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    points_min: int,
) -> tuple[MarkedPoint, ...]:
    """At most `POINTS_MAX` of the marks that are seen; none where they are fewer than `points_min`."""
    chosen = seen[np.linspace(0, len(seen) - 1, min(len(seen), POINTS_MAX)).round().astype(int)] if len(seen) else seen
    marks = [
        MarkedPoint(pixel=(round(float(pixels[n, 0]), 2), round(float(pixels[n, 1]), 2)), floor=floor[n])
        for n in chosen.tolist()
    ]
    return tuple(marks) if len(marks) >= points_min else ()


def _views(layout: Layout, viewpoint: Viewpoint, size: Size, lens: Lens, taken: set[str]) -> tuple[SlotView, ...]:
    """The slots of the gondola that the camera looks at, as far as it sees them and nobody has them."""
    forms: dict[str, Form] = {}
    for facing in layout.store.planogram:
        form = layout.forms[facing.sku]
        # Of several on a free shelf, the highest.
        forms[facing.slot] = max(form, forms.get(facing.slot, form), key=lambda each: each.height_m)
    gondola = min(layout.store.gondolas, key=lambda each: _from_front_m(each, viewpoint.target[:2]))
    views: list[SlotView] = []
    slots = ((path, shelf, slot) for path, (own, shelf, slot) in layout.store.slots().items() if own is gondola)
    for path, shelf, slot in slots:
        if shelf.free and abs(shelf.height - viewpoint.target[2]) > FREE_OFF_M:
            continue
        space = _whole(gondola, shelf, forms.get(path)) if shelf.free else None
        if space is None:
            if path in taken or _facing(viewpoint, gondola, shelf, slot) < FACING_MIN:
                continue
            space = _front_row(gondola, shelf, slot, forms.get(path))
        elif path in taken:
            continue
        pixels, depth = lens.project(viewpoint, size, space)
        box = _box(pixels, depth, size)
        if box is not None and all(_shared(box, view.box) <= SHARED_MAX for view in views):
            views.append(SlotView(slot=path, box=box))
    return tuple(views)


def _from_front_m(gondola: Gondola, point: tuple[float, float]) -> float:
    """How far a point of the floor is from the gondola's front edge."""
    start, end = (np.array(on_floor(gondola, along, gondola.depth)) for along in (0.0, gondola.width))
    share = float(np.clip((np.array(point) - start) @ (end - start) / ((end - start) @ (end - start)), 0.0, 1.0))
    return float(np.linalg.norm(start + share * (end - start) - np.array(point)))


def _facing(viewpoint: Viewpoint, gondola: Gondola, shelf: Shelf, slot: Slot) -> float:
    """How squarely the camera looks at the slot's front: 1 from right before it, 0 and less from its side or behind."""
    middle = np.array((*on_floor(gondola, sum(slot.span) / 2.0, gondola.depth), shelf.height))
    out = np.array((*on_floor(gondola, sum(slot.span) / 2.0, gondola.depth + 1.0), shelf.height)) - middle
    look = np.array(viewpoint.eye) - middle
    return float(look @ out / max(float(np.linalg.norm(look)), 1e-6))


def _front_row(
    gondola: Gondola, shelf: Shelf, slot: Slot, form: Form | None
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The corners (8, 3) of the space that the slot's front row fills."""
    high = min(clearance_m(gondola, shelf), USUAL_HEIGHT_M if form is None else form.height_m)
    front = gondola.depth - EDGE_M
    back = max(front - (0.1 if form is None else form.depth_m), 0.0)
    return np.array(
        [
            (*on_floor(gondola, along, out), shelf.height + up)
            for along in slot.span
            for out in (back, front)
            for up in (0.0, high)
        ]
    )


def _whole(gondola: Gondola, shelf: Shelf, form: Form | None) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The corners (8, 3) of the space over a free shelf in which the middles of things may be."""
    high = min(clearance_m(gondola, shelf), USUAL_HEIGHT_M if form is None else form.height_m) / 2.0
    return np.array(
        [
            (*on_floor(gondola, along, out), shelf.height + up)
            for along in (0.0, gondola.width)
            for out in (0.0, gondola.depth)
            for up in (0.0, high)
        ]
    )


def _box(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    depth: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    size: Size,
) -> Box | None:
    """The box (x, y, width, height; pixels) about points, within the picture; None where too little is in it."""
    if bool((depth < NEAR_M).any()):
        return None
    low, top = pixels.min(axis=0), pixels.max(axis=0)
    inner_low, inner_top = np.maximum(low, 0.0), np.minimum(top, np.array(size, np.float64))
    shown = np.maximum(inner_top - inner_low, 0.0)
    if float(shown.prod()) < SHOWN_MIN * float((top - low).prod()) or float(shown.min()) < VIEW_MIN_PX:
        return None
    x, y = (math.ceil(float(value) * 10.0) / 10.0 for value in inner_low)
    right, bottom = (math.floor(float(value) * 10.0) / 10.0 for value in inner_top)
    return x, y, round(right - x, 1), round(bottom - y, 1)


def _shared(a: Box, b: Box) -> float:
    """The share of the smaller box that lies under the other."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(across, 0.0) * max(down, 0.0) / min(a[2] * a[3], b[2] * b[3])
