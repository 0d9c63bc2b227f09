"""Whether a layout closes: everything stands inside the walls, nothing across anything, every shelf can be reached."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.layout import Layout, on_floor
from hardware.simulated.layout.walkable import Walkable, corners
from protocol.document import Problem
from protocol.store import FloorPoint, Gondola

AISLE_M = 0.9
"""The narrowest way before a shelf that shops may have."""
SLACK_M = 0.001


class DoesNotClose(SimulationError):
    """A layout that is no store. `problems` have the keys of the store file where they lie."""

    def __init__(self, message: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(message)
        self.problems = problems


def layout_problems(layout: Layout) -> Iterator[str]:
    """What keeps the layout from being a store, in words that name the parts; nothing where it closes."""
    return (problem.message for problem in problems_in(layout))


def problems_in(layout: Layout) -> Iterator[Problem]:
    """The same, each with the key of the store file where it lies."""
    room = layout.room
    gondolas = list(enumerate(layout.store.gondolas))
    for number, gondola in gondolas:
        for x, y in corners(gondola):
            inside_x = room.x - SLACK_M <= x <= room.x + room.width_m + SLACK_M
            if not (inside_x and room.y - SLACK_M <= y <= room.y + room.depth_m + SLACK_M):
                words = f"gondola {gondola.id!r} reaches through a wall at ({x:.2f}, {y:.2f})"
                yield Problem(("gondolas", number, "origin"), words)
                break
    for (_, a), (number, b) in combinations(gondolas, 2):
        if _cross(corners(a), corners(b)):
            yield Problem(
                ("gondolas", number, "origin"),
                f"gondolas {a.id!r} and {b.id!r} stand across each other",
            )
        for one, other in ((a, b), (b, a)):
            if _cross(_aisle(one), corners(other)):
                yield Problem(
                    ("gondolas", number, "origin"),
                    f"less than {AISLE_M} m before gondola {one.id!r}: {other.id!r} stands in its aisle",
                )
    yield from _doors(layout)
    yield from _unreachable(layout)
    yield from _cameras(layout)


def _doors(layout: Layout) -> Iterator[Problem]:
    """A door leads from outside the walls to inside them."""
    room = layout.room
    zones: dict[str, int] = {zone.kind: number for number, zone in enumerate(layout.store.zones)}
    for kind, door in (("entry", layout.door_in), ("exit", layout.door_out)):
        (ox, oy), (ix, iy) = door.outside, door.inside
        inside = room.x < ix < room.x + room.width_m and room.y < iy < room.y + room.depth_m
        outside = not (room.x < ox < room.x + room.width_m and room.y < oy < room.y + room.depth_m)
        if not inside or not outside:
            at = f"from ({ox:.2f}, {oy:.2f}) to ({ix:.2f}, {iy:.2f})"
            yield Problem(
                ("zones", zones.get(kind, 0), "polygon"),
                f"the door of the {kind} leads nowhere: {at} there is no wall to pass; "
                "put the zone inside the room, and the door's other side outside it",
            )


def _cameras(layout: Layout) -> Iterator[Problem]:
    """A camera hangs in the room's air; one that faces a shelf may hang in a cabinet."""
    room = layout.room
    numbers = {camera.id: (number, camera.role) for number, camera in enumerate(layout.store.cameras)}
    for viewpoint in layout.viewpoints:
        x, y, z = viewpoint.eye
        number, role = numbers.get(viewpoint.camera, (0, "area"))
        where = ("cameras", number, "id")
        within = room.x <= x <= room.x + room.width_m and room.y <= y <= room.y + room.depth_m
        if not (within and 0.0 < z <= room.height_m):
            yield Problem(where, f"camera {viewpoint.camera!r} hangs inside a wall, at ({x:.2f}, {y:.2f}, {z:.2f})")
        for gondola in layout.store.gondolas:
            top_m = max((shelf.height for shelf in gondola.shelves), default=0.0)
            if role == "area" and z < top_m and _holds(corners(gondola), (x, y)):
                words = (
                    f"camera {viewpoint.camera!r} hangs inside gondola {gondola.id!r}, at ({x:.2f}, {y:.2f}, {z:.2f})"
                )
                yield Problem(where, words)
        for fixture in layout.fixtures:
            aside, deep = abs(x - fixture.at[0]), abs(y - fixture.at[1])
            if z < fixture.height_m and aside < fixture.width_m / 2.0 and deep < fixture.depth_m / 2.0:
                words = f"camera {viewpoint.camera!r} hangs inside a {fixture.kind}, at ({x:.2f}, {y:.2f}, {z:.2f})"
                yield Problem(where, words)


def _unreachable(layout: Layout) -> Iterator[Problem]:
    walkable = Walkable(layout)
    start = walkable.nearest(layout.door_in.outside)
    zones = {zone.kind: number for number, zone in enumerate(layout.store.zones)}
    if start is None:
        yield Problem(("zones", zones.get("entry", 0)), "nobody can stand at the entry")
        return
    way_m = walkable.distances_m(start)
    out = walkable.nearest(layout.door_out.outside)
    if out is None or not np.isfinite(way_m[out]):
        yield Problem(("zones", zones.get("exit", 0)), "there is no way from the entry to the exit")
    for number, gondola in enumerate(layout.store.gondolas):
        slots = [
            (row, column, shelf, slot)
            for row, shelf in enumerate(gondola.shelves)
            for column, slot in enumerate(shelf.slots)
        ]
        away = []
        for row, column, shelf, slot in slots:
            point = on_floor(gondola, sum(slot.span) / 2.0, gondola.depth + 0.35)
            cell = walkable.nearest(point, within_m=0.4)
            if cell is None or not np.isfinite(way_m[cell]):
                away.append((row, column, f"{gondola.id}.{shelf.id}.{slot.id}"))
        if slots and len(away) == len(slots):
            yield Problem(
                ("gondolas", number), f"nobody can get to gondola {gondola.id!r}, to none of its {len(slots)} slots"
            )
            continue
        for row, column, path in away:
            where = ("gondolas", number, "shelves", row, "slots", column)
            yield Problem(where, f"nobody can get to slot {path!r}")


def _aisle(gondola: Gondola) -> list[FloorPoint]:
    """The strip before the gondola that must stay clear, without its outermost tenths: corners may meet."""
    near, far = gondola.depth + SLACK_M, gondola.depth + AISLE_M
    ends = ((0.1, near), (0.9, near), (0.9, far), (0.1, far))
    return [on_floor(gondola, share * gondola.width, out) for share, out in ends]


def _holds(polygon: list[FloorPoint], point: FloorPoint) -> bool:
    """Whether the point lies in a convex polygon: on one side of all its edges."""
    sides = [
        (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
        for start, end in zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    ]
    return all(side > 0.0 for side in sides) or all(side < 0.0 for side in sides)


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
