"""Which of the standing pieces a camera can see past one another, so that it need not draw the rest.

A shop stands full of rows behind rows, and of racks seen from behind. Each camera draws all of it once, in ids, at
twice its size, and from then on only what showed; where a piece is taken or put down, everything in that slot is drawn
again. When many slots have changed it looks anew. A piece of which less than a quarter of a pixel shows may be missed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hardware.simulated.render.ids import FIRST_ITEM, IdImage
from hardware.simulated.render.products import Mask, Pieces

CHANGED_SLOTS_MAX = 12


@dataclass(slots=True, eq=False)
class Sight:
    """What one camera saw of the stock when it last looked."""

    _pieces: Pieces | None = None
    _seen: Mask | None = None

    def chosen(self, pieces: Pieces, look: Callable[[], IdImage]) -> Mask:
        """Which pieces (n,) to draw. `look` draws the ids of all that stand, and nobody before them."""
        if self._pieces is None or self._seen is None or len(self._pieces.rows) != len(pieces.rows):
            return self._look(pieces, look)
        before = self._pieces
        moved = (before.rows[:, :12] != pieces.rows[:, :12]).any(axis=1) | (before.slots != pieces.slots)
        slots = np.unique(np.concatenate([before.slots[moved], pieces.slots[moved]]))
        slots = slots[slots >= 0]
        if len(slots) > CHANGED_SLOTS_MAX:
            return self._look(pieces, look)
        return np.asarray(self._seen | moved | np.isin(pieces.slots, slots))

    def _look(self, pieces: Pieces, look: Callable[[], IdImage]) -> Mask:
        numbers = np.unique(look()).astype(np.int64) - FIRST_ITEM
        seen = pieces.slots < 0
        seen[numbers[numbers >= 0]] = True
        self._pieces, self._seen = pieces, seen
        return seen
