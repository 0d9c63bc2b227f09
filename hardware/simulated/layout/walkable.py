"""Where a person can stand: a grid of the floor, cells `CELL_M` apart, none nearer than `BODY_M` to anything solid.

Cells are (column, row); everything that walks stands on a cell or moves between two that touch.
"""

import heapq
import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.layout import Layout, on_floor
from protocol.store import FloorPoint, Gondola

CELL_M = 0.2
BODY_M = 0.27
"""Nobody stands nearer to anything solid: half of how deep a person is, with a little air."""
GRAZE_M = 0.03
"""A straight way may come this much nearer: it is looked at every `LOOK_M` only."""
LOOK_M = 0.05
OUTSIDE_M = 1.4
"""How far the floor goes on beyond the door."""
DIAGONAL = math.sqrt(2.0)
NEIGHBOURS = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))

Cell = tuple[int, int]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Walkable:
    """The walkable grid of a layout. `free` is bool (columns, rows)."""

    def __init__(self, layout: Layout) -> None:
        room = layout.room
        self._origin = np.array([room.x - OUTSIDE_M, room.y - OUTSIDE_M])
        self._x0, self._y0 = float(self._origin[0]), float(self._origin[1])
        columns = int((room.width_m + 2 * OUTSIDE_M) / CELL_M) + 1
        rows = int((room.depth_m + 2 * OUTSIDE_M) / CELL_M) + 1
        self._layout = layout
        x, y = np.meshgrid(np.arange(columns), np.arange(rows), indexing="ij")
        points = self._origin + CELL_M * np.stack([x.ravel(), y.ravel()], axis=1)
        self.free: Mask = (self.room_m(points) >= BODY_M).reshape(columns, rows)
        self._steps: dict[Cell, list[tuple[Cell, float]]] = {}
        self.distances_m = lru_cache(maxsize=512)(self._distances_m)

    def at(self, cell: Cell) -> FloorPoint:
        """Where the cell is, in metres."""
        return self._x0 + CELL_M * cell[0], self._y0 + CELL_M * cell[1]

    def nearest(self, point: FloorPoint, within_m: float = 1.0) -> Cell | None:
        """The free cell nearest to `point`; None where there is none near."""
        column, row = (round((point[axis] - float(self._origin[axis])) / CELL_M) for axis in (0, 1))
        reach = int(within_m / CELL_M) + 1
        near = [
            (math.dist(self.at((c, r)), point), (c, r))
            for c in range(column - reach, column + reach + 1)
            for r in range(row - reach, row + reach + 1)
            if self.is_free((c, r))
        ]
        best = min(near, default=None)
        return best[1] if best is not None and best[0] <= within_m else None

    def is_free(self, cell: Cell) -> bool:
        """Whether a person can stand on the cell; none beyond the grid."""
        return (
            0 <= cell[0] < self.free.shape[0]
            and 0 <= cell[1] < self.free.shape[1]
            and bool(self.free[cell[0], cell[1]])
        )

    def steps(self, cell: Cell) -> list[tuple[Cell, float]]:
        """The cells one step away and how far they are in metres. A diagonal step cuts no corner."""
        found = self._steps.get(cell)
        if found is None:
            found = self._steps[cell] = [
                ((cell[0] + dc, cell[1] + dr), CELL_M * (DIAGONAL if dc and dr else 1.0))
                for dc, dr in NEIGHBOURS
                if self.is_free((cell[0] + dc, cell[1] + dr))
                and self.is_free((cell[0] + dc, cell[1]))
                and self.is_free((cell[0], cell[1] + dr))
            ]
        return found

    def room_m(self, points: Doubles) -> Doubles:
        """How far each of `points` (n, 2) is from the nearest solid thing; 0 or less where it is inside one."""
        x, y = points[:, 0], points[:, 1]
        room = _to_walls_m(self._layout, x, y)
        for gondola in self._layout.store.gondolas:
            room = np.minimum(room, _distance_m(gondola, x, y))
        for fixture in self._layout.fixtures:
            across = np.maximum(np.abs(x - fixture.at[0]) - fixture.width_m / 2.0, 0.0)
            deep = np.maximum(np.abs(y - fixture.at[1]) - fixture.depth_m / 2.0, 0.0)
            room = np.minimum(room, np.hypot(across, deep))
        return room

    def _distances_m(self, goal: Cell) -> Doubles:
        """How far it is to `goal` from every cell, (columns, rows), infinite where there is no way (Dijkstra)."""
        distance = np.full(self.free.shape, np.inf)
        distance[goal] = 0.0
        queue = [(0.0, goal)]
        while queue:
            here_m, cell = heapq.heappop(queue)
            if here_m > distance[cell]:
                continue
            for to, step_m in self.steps(cell):
                if here_m + step_m < distance[to] - 1e-12:
                    distance[to] = here_m + step_m
                    heapq.heappush(queue, (here_m + step_m, to))
        return distance

    def sees(self, a: FloorPoint, b: FloorPoint) -> bool:
        """Whether one can walk straight from `a` to `b` and graze nothing."""
        share = np.linspace(0.0, 1.0, int(math.dist(a, b) / LOOK_M) + 2)[:, None]
        return bool((self.room_m(np.array(a) + (np.array(b) - np.array(a)) * share) >= BODY_M - GRAZE_M).all())


def _to_walls_m(layout: Layout, x: Doubles, y: Doubles) -> Doubles:
    """How far points are from the nearest wall, negative beyond it; the doorways and the floor before them are open."""
    room = layout.room
    across = np.minimum(x - room.x, room.x + room.width_m - x)
    deep = np.minimum(y - room.y, room.y + room.depth_m - y)
    distance = np.minimum(across, deep)
    for door in (layout.door_in, layout.door_out):
        start, end = np.array(door.outside), np.array(door.inside)
        way = end - start
        length = float(np.hypot(*way))
        along = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / length
        beside = door.width_m / 2.0 - np.abs((x - start[0]) * way[1] - (y - start[1]) * way[0]) / length
        within = np.minimum(beside, np.minimum(along + 0.6, length + BODY_M - along))
        distance = np.maximum(distance, within)
    return np.asarray(distance, np.float64)


def _distance_m(gondola: Gondola, x: Doubles, y: Doubles) -> Doubles:
    """How far points are from the gondola's footprint, 0 within."""
    turn = math.radians(gondola.yaw_deg)
    dx, dy = x - gondola.origin[0], y - gondola.origin[1]
    along = dx * math.cos(turn) + dy * math.sin(turn)
    out = dx * math.sin(turn) - dy * math.cos(turn)
    beyond = np.maximum(np.maximum(-along, along - gondola.width), 0.0)
    before = np.maximum(np.maximum(-out, out - gondola.depth), 0.0)
    return np.asarray(np.hypot(beyond, before), np.float64)


def corners(gondola: Gondola) -> list[FloorPoint]:
    """The gondola's four corners on the floor, in order."""
    ends = ((0.0, 0.0), (gondola.width, 0.0), (gondola.width, gondola.depth), (0.0, gondola.depth))
    return [on_floor(gondola, along, out) for along, out in ends]
