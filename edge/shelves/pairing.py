"""What a camera sees of a hand and what a plate weighs of it, brought together: it is one thing that happened.

    what is there                                  waits for                           then it is
    a weighing                                     a hand that is still in the slot    both together
    a weighing, no hand seen within LOOKS_BACK_S   nothing                             the weighing alone
    a hand seen over plates that still move        the plates                          both together
    a hand seen, its plates at rest                QUIET_S                             the hand, and a load of nothing
    a hand seen where nothing weighs               nothing                             the hand alone

A body before a shelf hides several slots, and may do so for long: of what was seen over plates whose load changed
meanwhile, that which shows the most of a change goes with the weighing, and the rest has been told by it. Nothing waits
longer than `WAITS_S`.
"""

from collections import deque
from dataclasses import dataclass

from edge.shelves.place import over
from edge.shelves.plates import Weighing
from edge.shelves.reading import Reading
from edge.shelves.stay import Stay
from protocol.store import Store

APART_S = 0.7
"""A hand and a change of load overlap, give or take."""
LOOKS_BACK_S = 0.3
QUIET_S = 1.6
"""A plate that has not moved by then after the hand has gone will not move."""
WAITS_S = 8.0
TOLD_MAX = 200


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A stay that cameras saw, and what their pictures say."""

    stay: Stay
    reading: Reading
    reasons: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """At least one of the two. `quiet`: what was seen lies over plates, and they weighed nothing."""

    weighing: Weighing | None
    seen: Seen | None
    quiet: bool = False


class Pairing:
    """Brings together the cameras and the plates of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._weighed = frozenset(
            slot
            for path, (_, plate) in store.plates().items()
            for slot, _ in over(store, path.rpartition(".")[0], plate.span)
        )
        self._weighings: list[Weighing] = []
        self._seen: list[Seen] = []
        self._told: deque[Weighing] = deque(maxlen=TOLD_MAX)
        self._plates_speak = False

    @property
    def waiting(self) -> bool:
        """Whether anything is waiting to be met."""
        return bool(self._weighings or self._seen)

    @property
    def undecided_since_s(self) -> float | None:
        """Since when something waits; None where nothing does."""
        begun = [weighing.from_s for weighing in self._weighings]
        return min([*begun, *(seen.stay.entered_s for seen in self._seen)], default=None)

    def weighed(self, weighing: Weighing) -> None:
        """A load has changed."""
        self._weighings.append(weighing)

    def saw(self, seen: Seen) -> None:
        """A camera's interaction has ended."""
        self._seen.append(seen)

    def speak(self) -> None:
        """The plates work: what they do not say did not happen."""
        self._plates_speak = True

    def _over(self, slot: str, weighing: Weighing) -> bool:
        return any(path == slot for path, _ in over(self._store, weighing.board, weighing.span))

    def due(self, t_s: float, reached: frozenset[str], moving: frozenset[str]) -> list[Meeting]:
        """What is known whole at `t_s`, while hands are in slots (`reached`) and loads of boards change (`moving`)."""
        meetings = []
        for weighing in list(self._weighings):
            slots = [slot for slot, _ in over(self._store, weighing.board, weighing.span)]
            fitting = [seen for seen in self._seen if seen.stay.slot in slots and _together(weighing, seen)]
            waited_s = t_s - weighing.to_s
            if fitting:
                best = max(fitting, key=lambda seen: (_changed(seen), -slots.index(seen.stay.slot)))
                self._seen = [seen for seen in self._seen if seen not in fitting]
                meetings.append(Meeting(weighing, best))
            elif waited_s < LOOKS_BACK_S or (reached.intersection(slots) and waited_s < WAITS_S):
                continue
            else:
                meetings.append(Meeting(weighing, None))
            self._weighings.remove(weighing)
            self._told.append(weighing)
        for seen in list(self._seen):
            slot, waited_s = seen.stay.slot, t_s - seen.stay.left_s
            on_plates = self._plates_speak and slot in self._weighed
            still = any(slot.startswith(f"{board}.") for board in moving) and waited_s < WAITS_S
            if on_plates and (waited_s < QUIET_S or still):
                continue
            self._seen.remove(seen)
            if not (on_plates and any(self._over(slot, told) and _together(told, seen) for told in self._told)):
                meetings.append(Meeting(None, seen, quiet=on_plates))
        return meetings


def _changed(seen: Seen) -> float:
    """How probable the pictures make it that something changed."""
    readings = (seen.reading.best, *seen.reading.alternatives)
    return sum(hypothesis.p for hypothesis in readings if hypothesis.changes)


def _together(weighing: Weighing, seen: Seen) -> bool:
    hand = seen.stay
    return hand.entered_s - APART_S <= weighing.to_s and weighing.from_s <= hand.left_s + APART_S
