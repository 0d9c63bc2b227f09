"""A small shop's equipment, the same for every gondola: two shelf cameras on its top, and one scale under all of it.

The cameras hang at either end, an arm's length before the front, and look along it and down: whoever stands there hides
the slots from one of them, seldom from both. Each watches every slot that it sees, so most slots are watched by two.
Marks on the floor before the gondola say where each hangs, so that it tells whose hands it sees. A gondola of free
shelves keeps the cameras that look into it and its plates.
"""

from dataclasses import replace

from hardware.simulated.layout.calibration import calibrated, marks_before
from hardware.simulated.layout.layout import Layout, Viewpoint, on_floor
from protocol.store import Camera, Gondola, Plate

ARM_M = 0.8
"""How far before the gondola's front edge the cameras hang."""
OVER_M, OVER_FLOOR_M, BENEATH_CEILING_M = 0.45, 2.1, 0.1
"""How far over the highest board, at least over the floor, and at least beneath the ceiling."""
FOV_DEG = 80.0
SHELF_SIZE, AREA_SIZE = (640, 480), (480, 270)
FPS = 5.0
AREAS_MAX = 3
SCALE = "scale"
CAPACITY_G = 300_000.0


def two_cameras_and_a_scale(layout: Layout) -> Layout:
    """The layout with that instead of its own shelf cameras and plates, and with `AREAS_MAX` area cameras at most."""
    store, free = layout.store, layout.store.free()
    own = [camera for camera in store.cameras if camera.role == "area"][:AREAS_MAX]
    areas = [camera.model_copy(update={"size": AREA_SIZE, "fps_max": FPS}) for camera in own]
    viewpoints = [layout.viewpoint(camera.id) for camera in areas]
    shelves = [camera for camera in store.cameras if any(view.slot in free for view in camera.views)]
    viewpoints += [layout.viewpoint(camera.id) for camera in shelves]
    for gondola in store.gondolas:
        if _is_free(gondola):
            continue
        for viewpoint in _pair(layout, gondola):
            viewpoints.append(viewpoint)
            marks = marks_before(layout, viewpoint, SHELF_SIZE)
            shelves.append(Camera(id=viewpoint.camera, role="shelf", size=SHELF_SIZE, fps_max=FPS, floor_points=marks))
    update = {"cameras": (*areas, *shelves), "gondolas": tuple(map(_on_a_scale, store.gondolas))}
    return calibrated(replace(layout, store=store.model_copy(update=update), viewpoints=tuple(viewpoints)), shared=True)


def _is_free(gondola: Gondola) -> bool:
    return all(shelf.free for shelf in gondola.shelves)


def _on_a_scale(gondola: Gondola) -> Gondola:
    if _is_free(gondola):
        return gondola
    bare = tuple(shelf.model_copy(update={"plates": ()}) for shelf in gondola.shelves)
    scale = Plate(id=SCALE, span=(0.0, gondola.width), capacity_g=CAPACITY_G)
    return gondola.model_copy(update={"shelves": bare, "plates": (scale,)})


def _pair(layout: Layout, gondola: Gondola) -> list[Viewpoint]:
    boards = [shelf.height for shelf in gondola.shelves]
    up = min(max(max(boards) + OVER_M, OVER_FLOOR_M), layout.room.height_m - BENEATH_CEILING_M)
    middle = (*on_floor(gondola, gondola.width / 2.0, gondola.depth), (min(boards) + max(boards)) / 2.0 + 0.1)
    found = []
    for name, along in (("left", 0.0), ("right", gondola.width)):
        eye = (*on_floor(gondola, along, gondola.depth + ARM_M), up)
        found.append(
            Viewpoint(
                f"{name}-{gondola.id}",
                (round(eye[0], 3), round(eye[1], 3), round(eye[2], 3)),
                (round(middle[0], 3), round(middle[1], 3), round(middle[2], 3)),
                FOV_DEG,
            )
        )
    return found
