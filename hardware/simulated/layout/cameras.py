"""Simulated cameras where shops have them.

High oblique in corners, at the end of the aisle, straight above; facing shelves from across the aisle; inside fridges;
close up at the gate, where a phone is held. What each of them sees of floor and slots, calibration.py measures.
"""

import math
from dataclasses import replace

from hardware.simulated.layout.calibration import calibrated
from hardware.simulated.layout.layout import Layout, Room, Viewpoint, on_floor
from hardware.simulated.streams import stream
from protocol.store import Camera, Gondola

AREA_SIZE = (640, 360)
SHELF_SIZE = (640, 480)
AREA_FPS, SHELF_FPS, INSIDE_FPS = 10.0, 10.0, 1.0
INSIDE_UP_M, INSIDE_OUT_M = 0.65, 0.05
"""A camera that watches a free shelf hangs that far over its board and before its front edge."""
CABINET_SHARE = 0.5
"""Of fridges, how many have a camera inside."""


def with_cameras(layout: Layout) -> Layout:
    """The layout with area cameras, shelf cameras for every gondola that one can face, and one at the gate."""
    gate = _gate(layout)
    areas = _area(layout)
    # What a camera inside sees, it sees best: it comes before the one that faces the fridge from outside.
    inside = [v for gondola in layout.store.gondolas for v in _inside(gondola)]
    faced = (gondola for gondola in layout.store.gondolas if not all(shelf.free for shelf in gondola.shelves))
    shelves = [*_cabinets(layout), *(v for gondola in faced for v in _facing(layout, gondola))]
    cameras = (
        *(Camera(id=v.camera, role="area", size=AREA_SIZE, fps_max=AREA_FPS) for v in areas),
        *(Camera(id=v.camera, role="shelf", size=SHELF_SIZE, fps_max=INSIDE_FPS) for v in inside),
        *(Camera(id=v.camera, role="shelf", size=SHELF_SIZE, fps_max=SHELF_FPS) for v in shelves),
        Camera(id=gate.camera, role="gate", size=AREA_SIZE, fps_max=AREA_FPS),
    )
    hung = replace(
        layout,
        store=layout.store.model_copy(update={"cameras": cameras}),
        viewpoints=(*areas, *inside, *shelves, gate),
    )
    return _without_idle(calibrated(hung))


def _without_idle(layout: Layout) -> Layout:
    """Without the shelf cameras that no slot is left for."""
    cameras = tuple(camera for camera in layout.store.cameras if camera.role != "shelf" or camera.views)
    kept = {camera.id for camera in cameras}
    viewpoints = tuple(viewpoint for viewpoint in layout.viewpoints if viewpoint.camera in kept)
    return replace(layout, store=layout.store.model_copy(update={"cameras": cameras}), viewpoints=viewpoints)


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


def _cabinets(layout: Layout) -> list[Viewpoint]:
    """Cameras in fridges, on the inner edge of the roof: down and in on what stands, and on hands that come in."""
    found = []
    for gondola in layout.store.gondolas:
        rng = stream(layout.seed, "cabinet camera", gondola.id)
        if layout.kinds[gondola.id] != "fridge" or rng.random() >= CABINET_SHARE:
            continue
        top = max(shelf.height for shelf in gondola.shelves)
        along = gondola.width * float(rng.uniform(0.4, 0.6))
        eye = (*on_floor(gondola, along, gondola.depth + 0.22), min(top + 0.26, layout.room.height_m - 0.1))
        target = (*on_floor(gondola, along, gondola.depth * 0.55), top - 0.2)
        found.append(_look(f"cabinet-{gondola.id}", eye, target, float(rng.uniform(90, 105))))
    return found


def _inside(gondola: Gondola) -> list[Viewpoint]:
    """A camera for each free shelf, in the middle above its front edge: down on what stands, and on hands."""
    found = []
    for shelf in gondola.shelves:
        if shelf.free:
            eye = (*on_floor(gondola, gondola.width / 2.0, gondola.depth + INSIDE_OUT_M), shelf.height + INSIDE_UP_M)
            target = (*on_floor(gondola, gondola.width / 2.0, gondola.depth * 0.6), shelf.height + 0.05)
            away_m = math.dist(eye, target)
            across = 2.0 * math.degrees(math.atan((gondola.width / 2.0 + 0.12) / (away_m - gondola.depth * 0.3)))
            found.append(_look(f"inside-{gondola.id}-{shelf.id}", eye, target, min(across, 110.0)))
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
