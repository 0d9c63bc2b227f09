"""Simulated cameras where shops have them: high oblique, end of aisle, straight above, shelf-facing, at the gate.

A shelf camera's views are the fronts of its slots, projected; an area camera's floor points are marks on the floor,
projected. So the store file is calibrated exactly as far as the picture is a pinhole's.
"""

import itertools
import math
from dataclasses import replace

import numpy as np

from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout, Room, Viewpoint, on_floor
from hardware.simulated.layout.projection import in_picture, project
from hardware.simulated.layout.standing import clearance_m
from hardware.simulated.streams import stream
from protocol.store import Box, Camera, Gondola, MarkedPoint, Shelf, Slot, SlotView

AREA_SIZE = (640, 360)
SHELF_SIZE = (640, 480)
AREA_FPS, SHELF_FPS = 10.0, 10.0
VIEW_MIN_PX = 6.0
SHOWN_MIN = 0.7
"""Share of a slot's front that must be in the picture for a shelf camera to be given the slot."""
POINTS_MAX = 12
SHARED_MAX = 0.15
"""Share of the smaller of two views that may lie under the other; steep cameras see one row behind another."""


def with_cameras(layout: Layout) -> Layout:
    """The layout with area cameras, shelf cameras for every gondola that one can face, and one at the gate."""
    viewpoints: list[Viewpoint] = []
    cameras: list[Camera] = []
    for viewpoint in _area(layout):
        cameras.append(
            Camera(
                id=viewpoint.camera,
                role="area",
                size=AREA_SIZE,
                fps_max=AREA_FPS,
                floor_points=_marks(viewpoint, layout.room),
            )
        )
        viewpoints.append(viewpoint)
    for gondola in layout.store.gondolas:
        for viewpoint in _facing(layout, gondola):
            views = _views(layout, viewpoint, gondola, {v.slot for c in cameras for v in c.views})
            if views:
                cameras.append(
                    Camera(id=viewpoint.camera, role="shelf", size=SHELF_SIZE, fps_max=SHELF_FPS, views=views)
                )
                viewpoints.append(viewpoint)
    gate = _gate(layout)
    cameras.append(Camera(id=gate.camera, role="gate", size=AREA_SIZE, fps_max=AREA_FPS))
    store = layout.store.model_copy(update={"cameras": tuple(cameras)})
    return replace(layout, store=store, viewpoints=(*viewpoints, gate))


def _area(layout: Layout) -> list[Viewpoint]:
    room = layout.room
    rng = stream(layout.seed, "area cameras")
    up = room.height_m - float(rng.uniform(0.1, 0.35))
    left, right, near, far = room.x + 0.25, room.x + room.width_m - 0.25, room.y + 0.25, room.y + room.depth_m - 0.25
    middle = (room.x + room.width_m / 2.0, room.y + room.depth_m / 2.0)
    corners = [(left, near), (right, far), (right, near), (left, far)]
    if rng.random() < 0.5:
        corners = [corners[2], corners[3], corners[0], corners[1]]
    target = (middle[0], middle[1], 0.6)
    found = [
        _look(f"corner{number}", (x, y, up), target, float(rng.uniform(72, 92)))
        for number, (x, y) in enumerate(corners[: int(rng.integers(2, 4))], start=1)
    ]
    if rng.random() < 0.5:
        end = (middle[0], near, min(2.3, up))
        found.append(_look("aisle", end, (middle[0], far, 0.9), float(rng.uniform(65, 85))))
    if rng.random() < 0.5:
        found.append(_look("above", (*middle, room.height_m - 0.05), (*middle, 0.0), float(rng.uniform(85, 105))))
    return found


def _facing(layout: Layout, gondola: Gondola) -> list[Viewpoint]:
    """Cameras that face a gondola from beyond its aisle: one, or two beside each other for a wide one."""
    rng = stream(layout.seed, "shelf cameras", gondola.id)
    count = 2 if gondola.width > 1.6 else 1
    top = max(shelf.height for shelf in gondola.shelves) + 0.25
    up = min(layout.room.height_m - 0.1, float(rng.uniform(1.7, 2.5)))
    found = []
    for number in range(count):
        along = gondola.width * (number + 0.5) / count
        away = gondola.depth + float(rng.uniform(1.1, 1.6))
        while away > gondola.depth + 0.3 and not _within(layout.room, on_floor(gondola, along, away)):
            away -= 0.05
        eye = (*on_floor(gondola, along, away), up)
        target = (*on_floor(gondola, along, gondola.depth), top / 2.0)
        distance = math.dist(eye, target)
        across = 2.0 * math.degrees(math.atan((gondola.width / count / 2.0 + 0.15) / distance))
        high = 2.0 * math.degrees(math.atan((top / 2.0 + 0.1) * SHELF_SIZE[0] / SHELF_SIZE[1] / distance))
        found.append(_look(f"shelf-{gondola.id}-{'ab'[number]}", eye, target, min(max(across, high), 100.0)))
    return found


def _gate(layout: Layout) -> Viewpoint:
    x, y = layout.door_in.inside
    eye = (x + 0.35, y + 0.3, 1.45)
    return _look("gate", eye, (x, y, 1.15), 60.0)


def _look(camera: str, eye: tuple[float, float, float], target: tuple[float, float, float], fov: float) -> Viewpoint:
    return Viewpoint(camera, _rounded(eye), _rounded(target), round(fov, 1))


def _rounded(point: tuple[float, float, float]) -> tuple[float, float, float]:
    return round(point[0], 3), round(point[1], 3), round(point[2], 3)


def _within(room: Room, point: tuple[float, float]) -> bool:
    across = room.x + 0.05 <= point[0] <= room.x + room.width_m - 0.05
    return across and room.y + 0.05 <= point[1] <= room.y + room.depth_m - 0.05


def _marks(viewpoint: Viewpoint, room: Room) -> tuple[MarkedPoint, ...]:
    """Marks on the floor that the camera sees, spread over its picture."""
    shares = (0.08, 0.3, 0.5, 0.7, 0.92)
    floor = [
        (round(room.x + a * room.width_m, 3), round(room.y + b * room.depth_m, 3))
        for a, b in itertools.product(shares, shares)
    ]
    points = np.array([(x, y, 0.0) for x, y in floor])
    pixels, _ = project(viewpoint, AREA_SIZE, points)
    seen = np.flatnonzero(in_picture(viewpoint, AREA_SIZE, points))
    chosen = seen[np.linspace(0, len(seen) - 1, min(len(seen), POINTS_MAX)).round().astype(int)] if len(seen) else seen
    marks = [
        MarkedPoint(pixel=(round(float(pixels[n, 0]), 2), round(float(pixels[n, 1]), 2)), floor=floor[n])
        for n in chosen.tolist()
    ]
    return tuple(marks) if len(marks) >= 6 else ()


def _views(layout: Layout, viewpoint: Viewpoint, gondola: Gondola, taken: set[str]) -> tuple[SlotView, ...]:
    forms = {facing.slot: layout.forms[facing.sku] for facing in layout.store.planogram}
    views: list[SlotView] = []
    for shelf in gondola.shelves:
        for slot in shelf.slots:
            path = f"{gondola.id}.{shelf.id}.{slot.id}"
            if path in taken:
                continue
            box = _front(viewpoint, gondola, shelf, slot, forms.get(path))
            if box is not None and all(_shared(box, view.box) <= SHARED_MAX for view in views):
                views.append(SlotView(slot=path, box=box))
    return tuple(views)


def _front(viewpoint: Viewpoint, gondola: Gondola, shelf: Shelf, slot: Slot, form: Form | None) -> Box | None:
    """The box (x, y, width, height; pixels) of a slot's front in the picture, or None where too little is in it."""
    high = min(clearance_m(gondola, shelf), 0.3 if form is None else form.height_m)
    points = np.array(
        [(*on_floor(gondola, along, gondola.depth), shelf.height + up) for along in slot.span for up in (0.0, high)]
    )
    pixels, depth = project(viewpoint, SHELF_SIZE, points)
    if bool((depth < 0.2).any()):
        return None
    low, top = pixels.min(axis=0), pixels.max(axis=0)
    inner_low, inner_top = np.maximum(low, 0.0), np.minimum(top, np.array(SHELF_SIZE, np.float64))
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
