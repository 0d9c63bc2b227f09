"""Where people stand who reach into a slot."""

import math

from protocol.store import Store

BEFORE_M = 0.35
"""People stand this far before a gondola's front."""


def fronts(store: Store) -> dict[str, tuple[float, float]]:
    """For every slot by path, the point on the floor (metres) where someone stands before the middle of its span."""
    places = {}
    for path, (gondola, _, slot) in store.slots().items():
        along, towards = (slot.span[0] + slot.span[1]) / 2.0, -(gondola.depth + BEFORE_M)
        turn = math.radians(gondola.yaw_deg)
        places[path] = (
            gondola.origin[0] + along * math.cos(turn) - towards * math.sin(turn),
            gondola.origin[1] + along * math.sin(turn) + towards * math.cos(turn),
        )
    return places
