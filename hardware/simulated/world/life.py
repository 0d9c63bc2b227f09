"""A person's fixed way and turns as arrays: where they are and how they look, tick by tick."""

import math

import numpy as np
import numpy.typing as npt

from hardware.simulated.world.actor import Actor
from hardware.simulated.world.timeline import Life
from hardware.simulated.world.traffic import TICK_S, Way

TURN_RAD_S = 4.5
"""How fast people turn about."""
WALKS_MS = 0.15
STILL_M = 1e-9
"""A tick that brings somebody less far is one in which they stand."""

Doubles = npt.NDArray[np.float64]


def life_of(actor: Actor, way: Way) -> Life:
    """The life of `actor` along `way`."""
    until = way.until if way.until is not None else way.first + len(way.points) - 1
    last = max([until, way.first, *(round(reach.home_s / TICK_S) for reach in actor.reaches)])
    last = until if way.until is not None else last
    xy = way.at(way.first, last - way.first + 1)
    actor.end(last * TICK_S)
    steps = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    return Life(
        name=actor.name,
        body=actor.body,
        height_m=actor.height_m,
        from_s=round(way.first * TICK_S, 3),
        to_s=round(last * TICK_S, 3),
        xy=xy,
        yaw=_turned(_wanted(actor, way.first, xy)),
        walked_m=np.concatenate([[0.0], np.cumsum(steps)]),
        walks=_walks(steps),
        reaches=tuple(sorted(actor.reaches, key=lambda reach: (reach.out_s, reach.side))),
        holdings=tuple(sorted(actor.holdings, key=lambda holding: (holding.side, holding.from_s))),
    )


def _walks(steps: Doubles) -> tuple[tuple[int, int], ...]:
    """The runs of ticks (first, last) between which they move, of the way that each tick brings them (n,)."""
    moves = np.concatenate([[False], steps > STILL_M, [False]])
    edges = np.flatnonzero(moves[1:] != moves[:-1]).tolist()
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _wanted(actor: Actor, first: int, xy: Doubles) -> Doubles:
    """Which way they would look at each tick: where they walk, else where they turned last."""
    count = len(xy)
    ahead = np.zeros_like(xy)
    ahead[:-1] = np.diff(xy, axis=0)
    faces = sorted(actor.faces)
    wanted = np.empty(count)
    now, following = math.pi / 2.0, 0
    for tick in range(count):
        while following < len(faces) and faces[following][0] - first <= tick:
            now = faces[following][1]
            following += 1
        if math.hypot(*ahead[tick]) > WALKS_MS * TICK_S:
            now = math.atan2(ahead[tick, 1], ahead[tick, 0])
        wanted[tick] = now
    return wanted


def _turned(wanted: Doubles) -> Doubles:
    """`wanted` as a body follows it: by the shorter way round, and not faster than people turn."""
    most = TURN_RAD_S * TICK_S
    yaw = np.empty_like(wanted)
    now = float(wanted[0])
    for tick, to in enumerate(wanted.tolist()):
        now += min(max(math.remainder(to - now, math.tau), -most), most)
        yaw[tick] = now
    return yaw
