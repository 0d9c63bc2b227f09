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
BODY_M = 0.22
"""Half of how deep a person is, with a little air."""
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
        columns = int((room.width_m + 2 * OUTSIDE_M) / CELL_M) + 1
        rows = int((room.depth_m + 2 * OUTSIDE_M) / CELL_M) + 1
        x = self._origin[0] + CELL_M * np.arange(columns)[:, None]
        y = self._origin[1] + CELL_M * np.arange(rows)[None, :]
        self.free: Mask = _inside(layout, x, y)
        for gondola in layout.store.gondolas:
            self.free &= _distance_m(gondola, x, y) >= BODY_M
        for fixture in layout.fixtures:
            across = np.maximum(np.abs(x - fixture.at[0]) - fixture.width_m / 2.0, 0.0)
            deep = np.maximum(np.abs(y - fixture.at[1]) - fixture.depth_m / 2.0, 0.0)
            self.free &= np.hypot(across, deep) >= BODY_M
        self.distances_m = lru_cache(maxsize=512)(self._distances_m)

    def at(self, cell: Cell) -> FloorPoint:
        """Where the cell is, in metres."""
        return float(self._origin[0] + CELL_M * cell[0]), float(self._origin[1] + CELL_M * cell[1])

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
        found = []
        for dc, dr in NEIGHBOURS:
            to = (cell[0] + dc, cell[1] + dr)
            if not self.is_free(to):
                continue
            if dc and dr and not (self.is_free((cell[0] + dc, cell[1])) and self.is_free((cell[0], cell[1] + dr))):
                continue
            found.append((to, CELL_M * (DIAGONAL if dc and dr else 1.0)))
        return found

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
        """Whether one can walk straight from `a` to `b`: every cell within a cell's width of the line is free."""
        count = max(int(math.dist(a, b) / (CELL_M / 4.0)), 1)
        share = np.linspace(0.0, 1.0, count + 1)
        for axis_shift in ((0.0, 0.0), (0.45, 0.45), (-0.45, 0.45), (0.45, -0.45), (-0.45, -0.45)):
            columns = (a[0] + (b[0] - a[0]) * share - self._origin[0]) / CELL_M + axis_shift[0]
            rows = (a[1] + (b[1] - a[1]) * share - self._origin[1]) / CELL_M + axis_shift[1]
            if not bool(self.free[np.rint(columns).astype(int), np.rint(rows).astype(int)].all()):
                return False
        return True


def _inside(layout: Layout, x: Doubles, y: Doubles) -> Mask:
    """Inside the walls, or in a doorway and just beyond it."""
    room = layout.room
    across = np.minimum(x - room.x, room.x + room.width_m - x)
    deep = np.minimum(y - room.y, room.y + room.depth_m - y)
    inside: Mask = (across >= BODY_M) & (deep >= BODY_M)
    for door in (layout.door_in, layout.door_out):
        start, end = np.array(door.outside), np.array(door.inside)
        way = end - start
        length = float(np.hypot(*way))
        along = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / length
        beside = np.abs((x - start[0]) * way[1] - (y - start[1]) * way[0]) / length
        inside |= (along >= -0.3) & (along <= length) & (beside <= door.width_m / 2.0 - BODY_M)
    return inside


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
