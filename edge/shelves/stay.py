"""A hand's stay in a slot, as all the cameras that watch the slot saw it.

Each camera tells by itself when something covered its view of the slot and what it showed before and after
(interaction.py). What overlaps in time is one stay. Where one camera sees the slot again and another is still hidden
from it, the other gets `WAITS_S` more; what it tells later of the same time adds nothing, for it has been told.

    a camera's interaction   began before the last stay of the slot was told    dropped
                             otherwise                                          part of the stay that is open
    the open stay            no other camera is covered, or WAITS_S have passed told
"""

from collections.abc import Collection
from dataclasses import dataclass

from edge.shelves.interaction import Interaction

WAITS_S = 2.0
SLACK_S = 0.4
"""Cameras see the same hand come and go at times that differ by this: other pictures, other angles."""


@dataclass(frozen=True, slots=True, eq=False)
class Stay:
    """Something was in `slot` from `entered_s` to `left_s`; `looks` are what each camera saw of it, at least one."""

    slot: str
    entered_s: float
    left_s: float
    looks: tuple[Interaction, ...]

    @property
    def doubtful(self) -> bool:
        """No camera saw its end."""
        return all(look.doubtful for look in self.looks)

    @staticmethod
    def of(looks: tuple[Interaction, ...]) -> "Stay":
        """The stay that these interactions of one slot are."""
        return Stay(
            slot=looks[0].slot,
            entered_s=min(look.entered_s for look in looks),
            left_s=max(look.left_s for look in looks),
            looks=looks,
        )


class SlotStays:
    """Brings together what the cameras of one slot saw."""

    def __init__(self) -> None:
        self._looks: list[Interaction] = []
        self._told_until_s = float("-inf")

    @property
    def undecided_since_s(self) -> float | None:
        """Since when something is open that a camera has told already; None where nothing is."""
        return min((look.entered_s for look in self._looks), default=None)

    def add(self, look: Interaction) -> None:
        """A camera's interaction has ended."""
        if look.entered_s >= self._told_until_s - SLACK_S:
            self._looks.append(look)

    def due(self, t_s: float, covered: Collection[str]) -> Stay | None:
        """The stay, once it is whole at `t_s`, while the slot is covered in some cameras' views."""
        if not self._looks:
            return None
        others = set(covered) - {look.camera for look in self._looks}
        if others and t_s - max(look.settled_s for look in self._looks) < WAITS_S:
            return None
        stay = Stay.of(tuple(self._looks))
        self._told_until_s, self._looks = stay.left_s, []
        return stay
