"""What a camera sees of a hand and what a plate weighs of it, brought together: it is one thing that happened.

    what is there                                  waits for                           then it is
    a weighing                                     a hand that is still in the slot    both together
    a weighing, no hand seen within LOOKS_BACK_S   nothing                             the weighing alone
    a hand seen over plates that still move        the plates                          both together
    a hand seen, its plates at rest                QUIET_S                             the hand, and a load of nothing
    a hand seen where nothing weighs               nothing                             the hand alone

A body before a shelf hides several slots, and may do so for long: of what was seen over plates whose load changed
meanwhile, that which shows the most of a change goes with the weighing, and the rest has been told by it. Where nothing
weighs, what was seen of each is believed less, for few of the slots that a body hides have changed. Nothing waits
longer than `WAITS_S`.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from edge.shelves.place import around, over
from edge.shelves.plates import SETTLES_S, Weighing
from edge.shelves.reading import Reading
from edge.shelves.stay import Stay
from protocol.store import Store

APART_S = 0.7
"""A hand and a change of load overlap, give or take."""
BEGINS_S, TAKES_S = 0.2, 0.5
"""A plate dates a step by the window in which it lies: the load changes as much later, and the hand stays as long."""
BLINK_S = 0.3
"""Pictures come at intervals, and a camera's clock is a little off the scale's."""
LOOKS_BACK_S = 0.3
QUIET_S = 1.6
"""A plate that has not moved by then after the hand has gone will not move."""
WAITS_S = 8.0
SEES_AGAIN_S, HIDDEN_S = 0.8, 20.0
"""After a gondola's load has changed: until its slots are seen again at the earliest, and waited for at the longest."""
TOLD_MAX, SPANS_MAX = 200, 256


@dataclass(slots=True, eq=False)
class Seen:
    """A stay that cameras saw, and what their pictures say."""

    stay: Stay
    reading: Reading
    reasons: dict[str, float]
    number: int = 0
    """Which it is of all that were seen, from 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """At least one of the two. `quiet`: what was seen lies over plates, and they weighed nothing."""

    weighing: Weighing | None
    seen: Seen | None
    quiet: bool = False
    among: tuple[Seen, ...] = ()
    """Under a whole gondola: everything that was seen in its slots while the load changed. It may be told again, of
    another change of load, for a body before a shelf hides more than one."""
    hidden: Mapping[str, int] = field(default_factory=dict)
    """Under a whole gondola: the slots that no camera has seen again yet, and the number of what will be seen of each:
    a change that is told of there explains it already."""
    rivals: Mapping[str, int] = field(default_factory=dict)
    """Under a whole gondola: of each slot in which something was seen, of how many more changes of load, of which
    nothing has been told yet, that may be."""


class Pairing:
    """Brings together the cameras and the plates of one store."""

    def __init__(self, store: Store) -> None:
        self._slots_over = lru_cache(SPANS_MAX)(partial(over, store))
        self._over_of = lru_cache(SPANS_MAX)(lambda *span: frozenset(slot for slot, _ in self._slots_over(*span)))
        self._around = around(store)
        self._weighed = frozenset(
            slot
            for path, (_, plate) in store.plates().items()
            for slot, _ in self._slots_over(path.rpartition(".")[0], plate.span)
        )
        self._weighings: list[Weighing] = []
        self._seen: list[Seen] = []
        self._told: deque[Weighing] = deque(maxlen=TOLD_MAX)
        self._before: deque[Seen] = deque(maxlen=TOLD_MAX)
        self._count = 0
        self._awaited: dict[str, tuple[int, float]] = {}
        """Of slots that were hidden when a load was told of: the number of what will be seen there; until when, at the
        latest, that began."""
        self._plates_speak = False
        self._unweighed: frozenset[str] = frozenset()

    @property
    def waiting(self) -> bool:
        """Whether anything is waiting to be met."""
        return bool(self._weighings or self._seen)

    def undecided_since_s(self, open_since_s: Mapping[str, float]) -> float | None:
        """Since when something waits that may have changed what somebody carries; None where nothing does.

        `open_since_s` says in which slots cameras still see something, and since when. Over plates that work nothing
        changes unless they weigh it: people stand before shelves for long, and what they hide is not waited for.
        """
        begun = [weighing.from_s for weighing in self._weighings]
        seen = [each.stay.entered_s for each in self._seen if not self._is_weighed(each.stay.slot)]
        still = [since_s for slot, since_s in open_since_s.items() if not self._is_weighed(slot)]
        return min([*begun, *seen, *still], default=None)

    def _is_weighed(self, slot: str) -> bool:
        """Whether plates that work would tell of a change there."""
        return self._plates_speak and slot in self._weighed and slot not in self._unweighed

    def weighed(self, weighing: Weighing) -> None:
        """A load has changed."""
        self._weighings.append(weighing)

    def saw(self, seen: Seen) -> None:
        """A camera's interaction has ended."""
        number, until_s = self._awaited.pop(seen.stay.slot, (0, 0.0))
        seen.number = number if number and seen.stay.entered_s <= until_s else self._next()
        self._seen.append(seen)

    def _next(self) -> int:
        self._count += 1
        return self._count

    def speak(self) -> None:
        """The plates work: what they do not say did not happen."""
        self._plates_speak = True

    def distrust(self, slots: frozenset[str]) -> None:
        """These slots lie over plates that cannot be believed now: that they say nothing says nothing."""
        self._unweighed = slots

    def _over(self, slot: str, weighing: Weighing) -> bool:
        return slot in self._over_of(weighing.board, weighing.span)

    def due(self, t_s: float, reached: frozenset[str], moving: frozenset[str]) -> list[Meeting]:
        """What is known whole at `t_s`, while hands are in slots (`reached`) and loads of boards change (`moving`)."""
        meetings = []
        for weighing in list(self._weighings):
            slots = [slot for slot, _ in self._slots_over(weighing.board, weighing.span)]
            meeting = (self._wide if is_wide(weighing.board) else self._narrow)(weighing, slots, t_s, reached)
            if meeting is not None:
                meetings.append(meeting)
                self._weighings.remove(weighing)
                self._told.append(weighing)
        for seen in list(self._seen):
            slot, waited_s = seen.stay.slot, t_s - seen.stay.left_s
            on_plates = self._is_weighed(slot)
            still = any(slot.startswith(f"{board}.") for board in moving) and waited_s < WAITS_S
            if on_plates and (waited_s < QUIET_S or still):
                continue
            if any(_together(open_one, seen) and self._over(slot, open_one) for open_one in self._weighings):
                continue
            self._seen.remove(seen)
            self._before.append(seen)
            if not (on_plates and any(_together(told, seen) and self._over(slot, told) for told in self._told)):
                meetings.append(Meeting(None, seen if on_plates else self._among(seen, reached), quiet=on_plates))
        return meetings

    def _among(self, seen: Seen, reached: frozenset[str]) -> Seen:
        """What was seen where nothing weighs, as far as what was in other slots of the gondola meanwhile leaves it.

        In the slots `reached` something is still.
        """
        stay, gondola = seen.stay, f"{seen.stay.slot.partition('.')[0]}."
        during = [
            other
            for other in (*self._seen, *self._before)
            if other.stay.entered_s <= stay.left_s and stay.entered_s <= other.stay.left_s
        ]
        slots = {other.stay.slot for other in during} | reached
        around_it, changed = self._around.get(stay.slot, frozenset()), _changed(seen)
        outshone = any(other.stay.slot in around_it and _changed(other) > changed for other in during)
        covered = sum(slot.startswith(gondola) for slot in slots - {stay.slot})
        return replace(seen, reading=seen.reading.among(covered, outshone=outshone))

    def _narrow(self, weighing: Weighing, slots: Sequence[str], t_s: float, reached: frozenset[str]) -> Meeting | None:
        """The meeting of what the plates of a board weighed; None while it is not known whole."""
        fitting = [seen for seen in self._seen if seen.stay.slot in slots and _together(weighing, seen)]
        waited_s = t_s - weighing.to_s
        if fitting:
            self._seen = [seen for seen in self._seen if seen not in fitting]
            return Meeting(weighing, max(fitting, key=lambda seen: (_changed(seen), -slots.index(seen.stay.slot))))
        if waited_s < LOOKS_BACK_S or (reached.intersection(slots) and waited_s < WAITS_S):
            return None
        return Meeting(weighing, None)

    def _wide(self, weighing: Weighing, slots: Sequence[str], t_s: float, reached: frozenset[str]) -> Meeting | None:
        """The same of a scale under a whole gondola, of which only cameras tell where on it something changed."""
        hidden = reached.intersection(slots)
        waited_s = t_s - weighing.to_s
        if waited_s < SEES_AGAIN_S or (hidden and waited_s < HIDDEN_S):
            return None
        seen = (*self._seen, *self._before)
        fitting = tuple(each for each in seen if each.stay.slot in slots and _at_once(weighing, each))
        until_s = changing(weighing)[1] + BLINK_S
        for slot in sorted(hidden):
            number = self._awaited[slot][0] if slot in self._awaited else self._next()
            self._awaited[slot] = (number, until_s)
        numbers = {slot: self._awaited[slot][0] for slot in sorted(hidden)}
        return Meeting(weighing, None, among=fitting, hidden=numbers, rivals=self._rivals(weighing, fitting))

    def _rivals(self, weighing: Weighing, seen: Sequence[Seen]) -> dict[str, int]:
        others = [other for other in self._weighings if other is not weighing and other.board == weighing.board]
        counts: dict[str, int] = {}
        for each in seen:
            count = sum(_at_once(other, each) for other in others)
            counts[each.stay.slot] = max(counts.get(each.stay.slot, 0), count)
        return counts


def changing(weighing: Weighing) -> tuple[float, float]:
    """When the load changed, seconds: without the time in which the plate noticed it and came to rest."""
    begun_s = weighing.from_s + BEGINS_S
    return begun_s, max(weighing.to_s - SETTLES_S, begun_s + TAKES_S)


def is_wide(board: str) -> bool:
    """Whether it is a whole gondola that is weighed, and not one of its boards."""
    return "." not in board


def _changed(seen: Seen) -> float:
    """How probable the pictures make it that something changed."""
    readings = (seen.reading.best, *seen.reading.alternatives)
    return sum(hypothesis.p for hypothesis in readings if hypothesis.changes)


def _together(weighing: Weighing, seen: Seen) -> bool:
    hand = seen.stay
    return hand.entered_s - APART_S <= weighing.to_s and weighing.from_s <= hand.left_s + APART_S


def _at_once(weighing: Weighing, seen: Seen) -> bool:
    """Whether something was in the slot when the load changed, and not only while the scale came to rest."""
    from_s, to_s = changing(weighing)
    return seen.stay.entered_s <= to_s + BLINK_S and from_s <= seen.stay.left_s + BLINK_S
