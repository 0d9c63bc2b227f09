"""Where people can come into the store and leave it: nobody appears in the middle of a shop, and nobody vanishes there.

A place where people may appear has a density: how many new people one expects to see there for the first time, in one
picture, on one square metre. It is what the joining weighs against the likelihood of someone it knows.
"""

import math
from collections.abc import Sequence

from protocol.store import FloorPoint, Store

AT_M, FADES_M = 0.5, 1.0
"""Zones are drawn at the door, and cameras see people a little before or behind it: as far as the one distance it is as
likely as in the zone itself, and beyond it fades like a normal distribution with the other as deviation (times √2)."""
LOG_AT_DOOR = math.log(0.1)
LOG_ANYWHERE = math.log(0.01)
"""Where no entry is drawn, people may appear wherever a camera begins to see."""
LOG_INSIDE = math.log(1e-5)
"""Missed at the door by every camera, and then seen: it happens, rarely."""
ENTRY_FADED, DOOR_FADED = 4.0, 1.0
GONE_S = 1.5
"""Unseen for as long in an exit, a person has left."""
FORGOTTEN_S = 1800.0
OPEN_FORGOTTEN_S = 30.0


class Doors:
    """The entries and exits of a store; without any, it is open on all sides."""

    def __init__(self, store: Store) -> None:
        self._entries = [zone.polygon for zone in store.zones if zone.kind == "entry"]
        self._exits = [zone.polygon for zone in store.zones if zone.kind == "exit"]

    @property
    def closed(self) -> bool:
        """Whether people appear at an entry only, and vanish at an exit only."""
        return bool(self._entries and self._exits)

    def log_birth(self, x_m: float, y_m: float) -> float:
        """The log of the density of new people at a place."""
        if not self._entries:
            return LOG_ANYWHERE
        return max(LOG_AT_DOOR - _fading(self._entries, x_m, y_m), LOG_INSIDE)

    def is_entry(self, x_m: float, y_m: float) -> bool:
        """Whether somebody new here may well have come in by a door."""
        return not self._entries or _fading(self._entries, x_m, y_m) < ENTRY_FADED

    def is_door(self, x_m: float, y_m: float) -> bool:
        """Whether this is right where people come in."""
        return not self._entries or _fading(self._entries, x_m, y_m) < DOOR_FADED

    def gone_after_s(self, x_m: float, y_m: float) -> float:
        """How long a person last seen here must be unseen to have left."""
        if not self.closed:
            return OPEN_FORGOTTEN_S
        return min(GONE_S * math.exp(min(_fading(self._exits, x_m, y_m), 20.0)), FORGOTTEN_S)


class Uncounted:
    """Where somebody without a visit means nothing: at doors, with staff; everywhere, where no entry is drawn."""

    def __init__(self, store: Store) -> None:
        self._doors = Doors(store)
        self._zones = [zone.polygon for zone in store.zones if zone.kind in ("exit", "staff")]

    def at(self, place: FloorPoint) -> bool:
        """Whether `place` is such a one."""
        return self._doors.is_entry(*place) or any(distance_m(zone, *place) <= AT_M for zone in self._zones)


def _fading(zones: Sequence[Sequence[FloorPoint]], x_m: float, y_m: float) -> float:
    away_m = min(distance_m(zone, x_m, y_m) for zone in zones)
    return (max(away_m - AT_M, 0.0) / FADES_M) ** 2


def distance_m(polygon: Sequence[FloorPoint], x_m: float, y_m: float) -> float:
    """From a place to a polygon, 0 inside it (even-odd rule)."""
    inside, nearest = False, math.inf
    for (ax, ay), (bx, by) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (ay > y_m) != (by > y_m) and x_m < ax + (y_m - ay) / (by - ay) * (bx - ax):
            inside = not inside
        length = (bx - ax) ** 2 + (by - ay) ** 2
        share = 0.0 if length == 0.0 else min(max(((x_m - ax) * (bx - ax) + (y_m - ay) * (by - ay)) / length, 0.0), 1.0)
        nearest = min(nearest, math.hypot(ax + share * (bx - ax) - x_m, ay + share * (by - ay) - y_m))
    return 0.0 if inside else nearest
