"""Where people stand who reach into a slot."""

import math

from protocol.store import Gondola, Store

BEFORE_M = 0.35
"""People stand this far before a gondola's front."""


REACHED_M = 0.12
"""A hand over a plate is about this far behind the board's edge and above it."""


def along(store: Store, board: str, at_m: float) -> tuple[tuple[float, float, float], tuple[float, float]]:
    """Where a hand is that reaches `at_m` along a board (x, y, z), and where on the floor its owner stands."""
    gondola = next(gondola for gondola in store.gondolas if gondola.id == board.partition(".")[0])
    shelf = next(shelf for shelf in gondola.shelves if shelf.id == board.rpartition(".")[2])
    reached = _on_floor(gondola, at_m, gondola.depth - REACHED_M)
    return (*reached, shelf.height + REACHED_M), _on_floor(gondola, at_m, gondola.depth + BEFORE_M)


def fronts(store: Store) -> dict[str, tuple[float, float]]:
    """For every slot by path, the point on the floor (metres) where someone stands before the middle of its span."""
    places = {}
    for path, (gondola, _, slot) in store.slots().items():
        middle = (slot.span[0] + slot.span[1]) / 2.0
        places[path] = _on_floor(gondola, middle, gondola.depth + BEFORE_M)
    return places


def _on_floor(gondola: Gondola, along_m: float, out_m: float) -> tuple[float, float]:
    """The point `along_m` along a gondola's shelves and `out_m` out from its back."""
    turn = math.radians(gondola.yaw_deg)
    return (
        gondola.origin[0] + along_m * math.cos(turn) + out_m * math.sin(turn),
        gondola.origin[1] + along_m * math.sin(turn) - out_m * math.cos(turn),
    )
