"""Who walks where and when, so that nobody walks through anybody.

Theory of operation. Every person's way is fixed, tick by tick, up to the end of what they have decided; there they
stand until they decide again. A new way is accepted only when it keeps `APART_M` from every fixed way and from every
place where somebody stands at its end, for good. So standing still is always safe (all accepted ways avoid who
stands), and whatever is accepted is safe: by induction over the decisions, in the order in which they are made, no two
people are ever nearer than `APART_M`. Between ticks everybody moves straight, and the distance of two that do is
computed exactly, so this holds at every moment and not only at the ticks.

A way is first sought straight (the shortest, its corners cut, walked at the person's own pace); where somebody is in
it, by a search over cells and ticks (cooperative A*: Silver, AIIDE 2005). Where that finds nothing, the caller waits.
"""

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.walkable import CELL_M, Cell, Walkable

TICK_S = 0.1
APART_M = 0.44
"""Between the middles of two people: shoulder to shoulder."""
ACCELERATION_MS2 = 1.8
SEARCH_TICKS = 2
"""One step of the search: a cell is `CELL_M` away, so that is a walking pace."""
SEARCH_S_MAX = 40.0
EXPANDED_MAX = 800
"""Where that many looks find no way, waiting a moment is better than to look on."""
MOMENTS_MAX = 5
"""Moments at which the search comes to the same cell: one who waits need not try every tenth of a second."""
GREED = 1.3
"""How much more what is left of a way counts than the time that has gone: ways need not be the very shortest."""

FAR_M = 2.0
"""Nobody comes from as far within one step of the search."""

Doubles = npt.NDArray[np.float64]
Ways = list[list[list[float]]]
"""By person and tick: x and y."""


@dataclass(slots=True)
class Way:
    """Where one person is from tick `first` on: `points` (n, 2), then at the last of them until `until`."""

    first: int
    points: list[tuple[float, float]] = field(default_factory=list)
    until: int | None = None

    def at(self, first: int, count: int) -> Doubles:
        """The positions (count, 2) from tick `first` on; NaN where the person is not there."""
        begin = min(max(first - self.first, 0), len(self.points) - 1)
        points = np.array(self.points[begin : max(first - self.first + count, begin + 1)])
        index = np.arange(first, first + count) - self.first
        found = points[np.clip(index - begin, 0, len(points) - 1)]
        gone = index < 0
        if self.until is not None:
            gone |= index + self.first > self.until
        found[gone] = np.nan
        return found


class Traffic:
    """Everybody's ways in one store."""

    def __init__(self, walkable: Walkable) -> None:
        self.walkable = walkable
        self.ways: dict[str, Way] = {}
        self._present: dict[str, Way] = {}

    def can_stand(self, who: str, cell: Cell, tick: int) -> bool:
        """Whether nobody is at, or will come to, `cell` from `tick` on."""
        return self._is_apart(who, np.array([self.walkable.at(cell)]), tick)

    def appear(self, who: str, cell: Cell, tick: int) -> None:
        """`who` stands on `cell` from `tick` on; the caller has asked `can_stand`."""
        assert who not in self.ways, who
        self.ways[who] = self._present[who] = Way(tick, [self.walkable.at(cell)])

    def vanish(self, who: str, tick: int) -> None:
        """`who` is gone after `tick`."""
        self.ways[who].until = tick

    def forget_before(self, tick: int) -> None:
        """No way will be sought any more that begins before `tick`."""
        self._present = {who: way for who, way in self._present.items() if way.until is None or way.until >= tick - 1}

    def walk(self, who: str, to: Cell, tick: int, pace_ms: float, *, around: bool = True) -> int | None:
        """Fix the way of `who` to `to`, beginning at `tick`; the tick of arrival, or None where there is no way now.

        Where somebody is in the straight way, one `around` them is sought only when asked for: it takes longer.
        """
        way = self.ways[who]
        start = way.points[-1]
        points = self._straight(who, start, to, tick, pace_ms)
        if points is None and around:
            points = self._search(who, start, to, tick)
        if points is None:
            return None
        assert way.first + len(way.points) <= tick + 1, "one decision after the other"
        way.points += [start] * (tick + 1 - way.first - len(way.points))
        way.points += [(float(x), float(y)) for x, y in points[1:]]
        return tick + len(points) - 1

    def _straight(self, who: str, start: tuple[float, float], to: Cell, tick: int, pace_ms: float) -> Doubles | None:
        corners = self._corners(start, to)
        if corners is None:
            return None
        points = _paced(corners, pace_ms)
        return points if self._is_apart(who, points, tick) else None

    def _corners(self, start: tuple[float, float], to: Cell) -> list[tuple[float, float]] | None:
        """The shortest way over the cells with every corner cut that can be seen past."""
        cell = self.walkable.nearest(start)
        distance = self.walkable.distances_m(to)
        if cell is None or not math.isfinite(distance[cell]):
            return None
        cells = [cell]
        while cells[-1] != to:
            cells.append(
                min(self.walkable.steps(cells[-1]), key=lambda step: (distance[step[0]] + step[1], step[0]))[0]
            )
        points = [start, *(self.walkable.at(cell) for cell in cells[1:])]
        kept, index = [points[0]], 0
        while index < len(points) - 1:
            step = 8
            further = min(index + step, len(points) - 1)
            while further > index + 1 and not self.walkable.sees(points[index], points[further]):
                further -= 1
            while further < len(points) - 1 and self.walkable.sees(points[index], points[further + 1]):
                further += 1
            kept.append(points[further])
            index = further
        return kept

    def _search(self, who: str, start: tuple[float, float], to: Cell, tick: int) -> Doubles | None:
        """Ways over cells and ticks, with waiting, the most promising first."""
        walkable = self.walkable
        begin = walkable.nearest(start)
        distance = walkable.distances_m(to)
        if begin is None or not math.isfinite(distance[begin]) or not self.can_stand(who, to, tick + 10_000):
            return None
        horizon = int(SEARCH_S_MAX / TICK_S) + 2 * SEARCH_TICKS
        others: Ways = [way.tolist() for way in self._others(who, tick, horizon)]
        queue: list[tuple[float, int, Cell]] = [(float(distance[begin]), 0, begin)]
        came: dict[tuple[Cell, int], tuple[Cell, int] | None] = {(begin, 0): None}
        moments: dict[Cell, int] = {}
        for _ in range(EXPANDED_MAX):
            if not queue:
                return None
            _, step, cell = heapq.heappop(queue)
            if moments.get(cell, 0) >= MOMENTS_MAX and cell != begin:
                continue
            moments[cell] = moments.get(cell, 0) + 1
            here = start if step == 0 else walkable.at(cell)
            if cell == to and self.can_stand(who, to, tick + step * SEARCH_TICKS):
                return self._traced(came, (cell, step), start)
            if (step + 1) * SEARCH_TICKS * TICK_S > SEARCH_S_MAX:
                continue
            for onward, _ in [*walkable.steps(cell), (cell, 0.0)]:
                key = (onward, step + 1)
                there = walkable.at(onward) if onward != cell or step else start
                if key in came or not _passes(others, step * SEARCH_TICKS, here, there):
                    continue
                came[key] = (cell, step)
                cost = GREED * float(distance[onward]) + (step + 1) * CELL_M * 0.9
                heapq.heappush(queue, (cost, step + 1, onward))
        return None

    def _traced(
        self, came: dict[tuple[Cell, int], tuple[Cell, int] | None], end: tuple[Cell, int], start: tuple[float, float]
    ) -> Doubles:
        cells: list[Cell] = []
        node: tuple[Cell, int] | None = end
        while node is not None:
            cells.append(node[0])
            node = came[node]
        cells.reverse()
        points = [start]
        for index in range(1, len(cells)):
            there = points[-1] if cells[index] == cells[index - 1] else self.walkable.at(cells[index])
            here = points[-1]
            points += [
                (here[0] + (there[0] - here[0]) * n / SEARCH_TICKS, here[1] + (there[1] - here[1]) * n / SEARCH_TICKS)
                for n in range(1, SEARCH_TICKS + 1)
            ]
        return np.array(points)

    def _others(self, who: str, tick: int, count: int) -> Doubles:
        """The positions (people, count, 2) of everybody else from `tick` on; NaN where they are not there."""
        found = [way.at(tick, count) for name, way in self._present.items() if name != who]
        return np.array(found) if found else np.zeros((0, count, 2))

    def _is_apart(self, who: str, points: Doubles, tick: int) -> bool:
        """Whether walking `points` from `tick` on, and standing at the last for good, keeps away from everybody."""
        last = max((way.first + len(way.points) for name, way in self._present.items() if name != who), default=tick)
        count = max(len(points), last - tick + 1) + 1
        mine = np.concatenate([points, np.repeat(points[-1:], count - len(points), axis=0)])
        return bool((_nearest_m(mine[None], self._others(who, tick, count)) >= APART_M).all())


def _nearest_m(mine: Doubles, others: Doubles) -> Doubles:
    """How near two people come between one tick and the next, exactly: (people, ticks - 1); infinite for the absent."""
    between = others - mine
    start, move = between[:, :-1], between[:, 1:] - between[:, :-1]
    square = (move**2).sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip(np.where(square > 0.0, -(start * move).sum(axis=2) / square, 0.0), 0.0, 1.0)
    distance = np.linalg.norm(start + move * share[..., None], axis=2)
    # Somebody who appears or goes between two ticks is there at the one of them.
    edges = np.fmin(np.linalg.norm(between[:, :-1], axis=2), np.linalg.norm(between[:, 1:], axis=2))
    distance = np.where(np.isnan(distance), edges, distance)
    return np.where(np.isnan(distance), np.inf, distance)


def _passes(others: Ways, index: int, here: tuple[float, float], there: tuple[float, float]) -> bool:
    """Whether a step of the search keeps away from everybody; the same reckoning as `_nearest_m`, for one step."""
    step_x, step_y = (there[0] - here[0]) / SEARCH_TICKS, (there[1] - here[1]) / SEARCH_TICKS
    for way in others:
        for tick in range(SEARCH_TICKS):
            (ax, ay), (bx, by) = way[index + tick], way[index + tick + 1]
            x, y = ax - here[0] - step_x * tick, ay - here[1] - step_y * tick
            if abs(x) > FAR_M or abs(y) > FAR_M:
                break
            move_x, move_y = bx - ax - step_x, by - ay - step_y
            square = move_x * move_x + move_y * move_y
            share = min(max(-(x * move_x + y * move_y) / square, 0.0), 1.0) if square > 0.0 else 0.0
            if math.hypot(x + share * move_x, y + share * move_y) < APART_M:
                return False
    return True


def _paced(corners: list[tuple[float, float]], pace_ms: float) -> Doubles:
    """Positions tick by tick along `corners`, speeding up and slowing down, slower in short ways."""
    points = np.array(corners)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    total = float(lengths[-1])
    if total < 1e-6:
        return points[:1]
    pace = min(pace_ms, math.sqrt(total * ACCELERATION_MS2))
    ramp_s, ramp_m = pace / ACCELERATION_MS2, pace**2 / (2.0 * ACCELERATION_MS2)
    cruise_s = (total - 2.0 * ramp_m) / pace
    t_s = TICK_S * np.arange(math.ceil((2.0 * ramp_s + cruise_s) / TICK_S) + 1)
    up = np.minimum(t_s, ramp_s)
    down = np.clip(t_s - ramp_s - cruise_s, 0.0, ramp_s)
    gone = (
        0.5 * ACCELERATION_MS2 * up**2
        + pace * np.clip(t_s - ramp_s, 0.0, cruise_s)
        + pace * down
        - 0.5 * ACCELERATION_MS2 * down**2
    )
    gone[-1] = total
    return np.column_stack([np.interp(gone, lengths, points[:, axis]) for axis in (0, 1)])
