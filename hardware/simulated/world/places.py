"""Where people stand for what they do: before a slot, beside somebody, by a door, anywhere."""

import math

import numpy as np

from hardware.simulated.layout.layout import Door, Layout, on_floor
from hardware.simulated.layout.walkable import CELL_M, Cell, Walkable
from hardware.simulated.scene.scene import At
from protocol.store import FloorPoint

STAND_M = 0.4
"""Before a gondola's front, where one reaches best from."""
REACH_M, EASY_M = 0.8, 0.6
"""From where somebody stands to the front of the slot that they reach into: at most, and what needs no stretching. From
farther away a hand does not come to what stands behind, however far its owner leans."""
MEET_M = (0.5, 0.95)
"""How far apart two stand who hand something over."""


class Places:
    """The places of one layout, the best first."""

    def __init__(self, layout: Layout, walkable: Walkable) -> None:
        self._layout = layout
        self._walkable = walkable
        self._slots = layout.store.slots()
        self._before: dict[tuple[str, float], list[Cell]] = {}
        self._all: list[Cell] | None = None

    def before(self, at: At) -> list[Cell]:
        """Where to stand to reach into a slot."""
        path = at.standing_at or at.slot
        gondola, _, slot = self._slots[path]
        along = sum(slot.span) / 2.0 if at.along_m is None or at.standing_at is not None else at.along_m
        key = (gondola.id, round(along, 2))
        if key not in self._before:
            front = on_floor(gondola, along, gondola.depth)
            ranked = []
            for cell in self._around(front, REACH_M):
                x, y = self._walkable.at(cell)
                out_x, out_y = on_floor(gondola, along, gondola.depth + 1.0)
                out = (x - front[0]) * (out_x - front[0]) + (y - front[1]) * (out_y - front[1])
                beside = math.sqrt(max(math.dist((x, y), front) ** 2 - out**2, 0.0))
                if out > 0.0:
                    stretch = max(math.dist((x, y), front) - EASY_M, 0.0)
                    ranked.append((round(beside + 0.7 * abs(out - STAND_M) + 3.0 * stretch, 6), cell))
            self._before[key] = [cell for _, cell in sorted(ranked)]
        return self._before[key]

    def beside(self, point: FloorPoint) -> list[Cell]:
        """Where to stand to hand something to somebody at `point`."""
        cells = [(math.dist(self._walkable.at(cell), point), cell) for cell in self._around(point, MEET_M[1])]
        return [cell for distance, cell in sorted((abs(d - 0.7), cell) for d, cell in cells if d >= MEET_M[0])]

    def outside(self, door: Door) -> list[Cell]:
        """Where people appear before, or vanish behind, a door."""
        return self._by(door.outside)

    def inside(self, door: Door) -> list[Cell]:
        """Where they stand who have just come through a door."""
        return self._by(door.inside)

    def _by(self, point: FloorPoint) -> list[Cell]:
        cells = self._around(point, 0.5)
        return sorted(cells, key=lambda cell: (round(math.dist(self._walkable.at(cell), point), 6), cell))

    def anywhere(self, rng: np.random.Generator, near: FloorPoint | None = None) -> Cell:
        """Some cell of the room, or one a few metres from `near`."""
        if self._all is None:
            room = self._layout.room
            self._all = [
                (int(column), int(row))
                for column, row in np.argwhere(self._walkable.free)
                if self._walkable.at((int(column), int(row)))[1] > room.y + 0.5
            ]
        choice = self._all
        if near is not None:
            choice = [cell for cell in self._all if 0.8 < math.dist(self._walkable.at(cell), near) < 3.0] or self._all
        return choice[int(rng.integers(len(choice)))]

    def _around(self, point: FloorPoint, within_m: float) -> list[Cell]:
        middle = self._walkable.nearest(point, within_m=within_m)
        if middle is None:
            return []
        reach = int(2 * within_m / CELL_M) + 1
        cells = [
            (middle[0] + dc, middle[1] + dr)
            for dc in range(-reach, reach + 1)
            for dr in range(-reach, reach + 1)
            if self._walkable.is_free((middle[0] + dc, middle[1] + dr))
        ]
        return [cell for cell in cells if math.dist(self._walkable.at(cell), point) <= within_m]
