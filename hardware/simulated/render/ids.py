"""Which number in an id image is who or what.

0 is nobody: floor, shelves, walls. A person's numbers are 4k for the body, 4k + 1 for the left hand, 4k + 2 for the
right, k from 1 in the order of the world's state; items follow from `FIRST_ITEM` in the order of the state.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hardware.simulated.errors import SimulationError
from hardware.simulated.world.state import WorldState

IdImage = npt.NDArray[np.uint16]
"""(height, width): the number of what each pixel shows."""

FIRST_ITEM = 1024
PEOPLE_MAX = FIRST_ITEM // 4 - 1
ITEMS_MAX = 65536 - FIRST_ITEM

Kind = Literal["person", "left hand", "right hand", "item"]


@dataclass(frozen=True, slots=True)
class Ids:
    """The numbers of one moment: `people` and `items` are ids of the world, in the order of its state."""

    people: tuple[str, ...]
    items: tuple[str, ...]

    @staticmethod
    def of(state: WorldState) -> "Ids":
        """The numbers of everybody and everything in `state`. SimulationError where there are too many."""
        if len(state.people) > PEOPLE_MAX or len(state.items) > ITEMS_MAX:
            raise SimulationError(
                f"an id image tells {PEOPLE_MAX} people and {ITEMS_MAX} items apart; "
                f"at {state.t_s} s there are {len(state.people)} and {len(state.items)}"
            )
        return Ids(tuple(person.id for person in state.people), tuple(item.id for item in state.items))

    def name(self, number: int) -> tuple[Kind, str] | None:
        """Who or what has this number: its kind and its id in the world. None for 0 and numbers without a bearer."""
        if FIRST_ITEM <= number < FIRST_ITEM + len(self.items):
            return "item", self.items[number - FIRST_ITEM]
        index, part = number // 4 - 1, number % 4
        if not 0 <= index < len(self.people) or part == 3:
            return None
        kinds: tuple[Kind, ...] = ("person", "left hand", "right hand")
        return kinds[part], self.people[index]
