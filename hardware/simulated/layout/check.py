"""Whether a layout closes: everything stands inside the walls, nothing across anything, every shelf can be reached."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from hardware.simulated.layout.layout import Layout, on_floor
from hardware.simulated.layout.walkable import Walkable, corners
from protocol.store import FloorPoint, Gondola

AISLE_M = 0.9
"""The narrowest way before a shelf that shops may have."""
SLACK_M = 0.001


def layout_problems(layout: Layout) -> Iterator[str]:
    """What keeps the layout from being a store, in words that name the parts; nothing where it closes."""
    room = layout.room
    for gondola in layout.store.gondolas:
        for x, y in corners(gondola):
            inside_x = room.x - SLACK_M <= x <= room.x + room.width_m + SLACK_M
            if not (inside_x and room.y - SLACK_M <= y <= room.y + room.depth_m + SLACK_M):
                yield f"gondola {gondola.id!r} reaches through a wall at ({x:.2f}, {y:.2f})"
                break
    for a, b in combinations(layout.store.gondolas, 2):
        if _cross(corners(a), corners(b)):
            yield f"gondolas {a.id!r} and {b.id!r} stand across each other"
        for one, other in ((a, b), (b, a)):
            if _cross(_aisle(one), corners(other)):
                yield f"less than {AISLE_M} m before gondola {one.id!r}: {other.id!r} stands in its aisle"
    yield from _unreachable(layout)
    for viewpoint in layout.viewpoints:
        x, y, z = viewpoint.eye
        within = room.x <= x <= room.x + room.width_m and room.y <= y <= room.y + room.depth_m
        if not (within and 0.0 < z <= room.height_m):
            yield f"camera {viewpoint.camera!r} hangs inside a wall, at ({x:.2f}, {y:.2f}, {z:.2f})"


def _unreachable(layout: Layout) -> Iterator[str]:
    walkable = Walkable(layout)
    start = walkable.nearest(layout.door_in.outside)
    if start is None:
        yield "nobody can stand at the entry"
        return
    way_m = walkable.distances_m(start)
    out = walkable.nearest(layout.door_out.outside)
    if out is None or not np.isfinite(way_m[out]):
        yield "there is no way from the entry to the exit"
    for gondola in layout.store.gondolas:
        for shelf in gondola.shelves:
            for slot in shelf.slots:
                point = on_floor(gondola, sum(slot.span) / 2.0, gondola.depth + 0.35)
                cell = walkable.nearest(point, within_m=0.4)
                if cell is None or not np.isfinite(way_m[cell]):
                    yield f"nobody can get to slot '{gondola.id}.{shelf.id}.{slot.id}'"


def _aisle(gondola: Gondola) -> list[FloorPoint]:
    """The strip before the gondola that must stay clear, without its outermost tenths: corners may meet."""
    near, far = gondola.depth + SLACK_M, gondola.depth + AISLE_M
    ends = ((0.1, near), (0.9, near), (0.9, far), (0.1, far))
    return [on_floor(gondola, share * gondola.width, out) for share, out in ends]


def _cross(a: list[FloorPoint], b: list[FloorPoint]) -> bool:
    """Whether two convex polygons overlap: no edge of either parts them (separating axis theorem)."""
    for polygon in (a, b):
        for start, end in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
            normal = np.array([end[1] - start[1], start[0] - end[0]])
            of_a, of_b = np.array(a) @ normal, np.array(b) @ normal
            length = float(np.hypot(*normal))
            if min(of_a.max(), of_b.max()) - max(of_a.min(), of_b.min()) <= SLACK_M * length:
                return False
    return True
