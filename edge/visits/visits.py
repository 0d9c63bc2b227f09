"""Visits from entry to exit, and the events that say what happened in them.

    state     on                          to       and
    (none)    enter with a token          open     an Entered event
    open      enter with the same token   open     nothing: the reader read the code twice
    open      exit with its token         closed   an Exited event
    closed    KEPT_S have passed          (none)

A closed visit is kept for a while because an interaction is understood only after the hand has gone: it belongs to
whoever was in the store while it lasted.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from edge.events import NewEvent
from edge.shelves.interaction import Interaction
from edge.shelves.plates import Weighing
from edge.shelves.reading import Hypothesis, Reading
from edge.tracking.joining.joining import Person
from edge.visits.attribution import attribute, attribute_reach
from edge.visits.people import People
from protocol import events as said
from protocol.ids import uuid7

KEPT_S = 60.0
UNSEEN_SURE_MAX = 0.5
"""How sure a pick can be whose slot nobody watched afterwards: it may have been put back there."""


@dataclass(slots=True)
class _Visit:
    visit: UUID
    token: str
    entered_s: float
    exited_s: float | None = None
    picks: list[said.Interaction] = field(default_factory=list)
    """The interactions in which it took something, as they were last said."""


BEFORE_STEP_S, AFTER_STEP_S = 0.4, 0.8
"""When the hand was at a plate, against when its load began to move and when it had settled."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """Where a hand was, and when; the cameras that saw it."""

    cameras: tuple[str, ...]
    slot: str | None
    from_s: float
    to_s: float


class Visits:
    """The visits of one store. `identity` names this run of the hub: ids made from it are the same in every replay.

    `start` is the moment of t_s = 0; `entry` the middle of the entry zone in metres, None where none is drawn.
    """

    def __init__(self, identity: str, start: datetime, entry: tuple[float, float] | None) -> None:
        self._identity = identity
        self._start = start
        self._visits: list[_Visit] = []
        self._people = People(entry)
        self._entries = 0
        self._interactions = 0

    def entered(self, token: str, lane: str, t_s: float) -> tuple[NewEvent, ...]:
        """Someone scanned in with `token` at `lane`."""
        self._forget(t_s)
        if any(visit.token == token and visit.exited_s is None for visit in self._visits):
            return ()
        self._entries += 1
        visit = uuid7(self._at(t_s), self._identity, "visit", self._entries, lane, token)
        self._visits.append(_Visit(visit, token, t_s))
        self._people.entered(visit, t_s)
        return (NewEvent(self._at(t_s), visit, said.Entered(lane=lane, token=token)),)

    def exited(self, token: str, lane: str, t_s: float) -> tuple[NewEvent, ...]:
        """The visit that entered with `token` left; nothing where there is none."""
        for visit in self._visits:
            if visit.token == token and visit.exited_s is None:
                visit.exited_s = t_s
                self._people.left(visit.visit)
                return (NewEvent(self._at(t_s), visit.visit, said.Exited(lane=lane)),)
        return ()

    def leaving(self, token: str) -> tuple[int, ...]:
        """The people of the visit that entered with `token`, who leave with it."""
        open_ones = (visit for visit in self._visits if visit.token == token and visit.exited_s is None)
        return tuple(person for visit in open_ones for person in self._people.of(visit.visit))

    def saw(self, people: Sequence[Person]) -> None:
        """Where people stand now whom a camera has just seen."""
        self._people.saw(people)

    def standing(self, t_s: float) -> tuple[tuple[Person, UUID | None], ...]:
        """Where people stand at `t_s`, as far as cameras see them, and whose visits they belong to."""
        return self._people.standing(t_s)

    def interacted(
        self, interaction: Interaction, reading: Reading, place: tuple[float, float] | None, reasons: dict[str, float]
    ) -> NewEvent:
        """The event for what a hand did in a slot whose front is at `place` on the floor (metres)."""
        reach = _Reach((interaction.camera,), interaction.slot, interaction.entered_s, interaction.left_s)
        shares = attribute(
            {
                visit: None if place is None else self._people.distance_m(visit, place, reach.from_s, reach.to_s)
                for visit in self._present(reach)
            }
        )
        return self._said(reach, shares, reading, reasons)

    def weighed(
        self,
        weighing: Weighing,
        slot: str | None,
        reading: Reading,
        over: tuple[tuple[float, float, float], tuple[float, float]],
    ) -> NewEvent:
        """The event for a weighing. `over`: where the hand was (x, y, z), and where on the floor its owner stood."""
        hand, place = over
        reach = _Reach((), slot, weighing.from_s, weighing.to_s)
        # A plate moves when the hand is at it already, and has settled when the hand has gone.
        from_s, to_s = weighing.from_s - BEFORE_STEP_S, weighing.to_s - AFTER_STEP_S
        present = self._present(reach)
        shares = attribute_reach(
            {visit: self._people.reach_m(visit, hand, from_s, to_s) for visit in present},
            {visit: self._people.distance_m(visit, place, from_s, to_s) for visit in present},
        )
        return self._said(reach, shares, reading, {"grams": round(weighing.grams, 1)})

    def _present(self, reach: "_Reach") -> list[UUID]:
        return [
            visit.visit
            for visit in self._visits
            if visit.entered_s <= reach.to_s and (visit.exited_s is None or visit.exited_s >= reach.from_s)
        ]

    def _said(
        self, reach: "_Reach", shares: Mapping[UUID, float], reading: Reading, reasons: dict[str, float]
    ) -> NewEvent:
        ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        who, p_who = ranked[0] if ranked else (None, 1.0)
        self._interactions += 1
        left = self._at(reach.to_s)
        event = said.Interaction(
            interaction=uuid7(left, self._identity, "interaction", self._interactions),
            revision=1,
            cameras=reach.cameras,
            slot=reach.slot,
            entered=self._at(reach.from_s),
            left=left,
            changes=_changes(reach.slot, reading.best, p_who),
            p=_rounded(reading.best.p * p_who),
            alternatives=(
                *(_alternative(reach.slot, lost, who, p_who) for lost in reading.alternatives),
                *(_alternative(reach.slot, reading.best, other, p) for other, p in ranked[1:4]),
            ),
            reasons={**reasons, "who": _rounded(p_who), "what": _rounded(reading.best.p)},
        )
        if any(change.type == "pick" for change in event.changes):
            for visit in self._visits:
                if visit.visit == who:
                    visit.picks.append(event)
        return NewEvent(left, who, event)

    def unwatched(self, slots: AbstractSet[str], t_s: float) -> tuple[NewEvent, ...]:
        """From `t_s` on nobody watches `slots`: say anew, and doubtful, what the open visits took from them.

        What is taken there may from now on be put back unseen, and nobody is charged on doubt.
        """
        revised = []
        for visit in self._visits:
            if visit.exited_s is not None:
                continue
            for number, interaction in enumerate(visit.picks):
                if interaction.slot in slots:
                    visit.picks[number] = doubted = _doubted(interaction)
                    revised.append(NewEvent(self._at(t_s), visit.visit, doubted))
        return tuple(revised)

    def _at(self, t_s: float) -> datetime:
        return self._start + timedelta(seconds=t_s)

    def _forget(self, t_s: float) -> None:
        self._visits = [v for v in self._visits if v.exited_s is None or t_s - v.exited_s <= KEPT_S]


def _doubted(interaction: said.Interaction) -> said.Interaction:
    """The same interaction, a revision later and no surer than `UNSEEN_SURE_MAX`."""
    return interaction.model_copy(
        update={
            "revision": interaction.revision + 1,
            "changes": tuple(
                change.model_copy(update={"p": min(change.p, UNSEEN_SURE_MAX)}) for change in interaction.changes
            ),
            "p": min(interaction.p, UNSEEN_SURE_MAX),
            "reasons": {**interaction.reasons, "unwatched": 1.0},
        }
    )


def _changes(slot: str | None, hypothesis: Hypothesis, p_who: float) -> tuple[said.Change, ...]:
    p = _rounded(hypothesis.p * p_who)
    return tuple(said.Change(type=change.type, sku=change.sku, qty=1, slot=slot, p=p) for change in hypothesis.changes)


def _alternative(slot: str | None, hypothesis: Hypothesis, visit: UUID | None, p_who: float) -> said.Alternative:
    changes = _changes(slot, hypothesis, p_who)
    return said.Alternative(visit=visit, changes=changes, p=_rounded(hypothesis.p * p_who))


def _rounded(p: float) -> float:
    """Six places: more would only say how this processor rounds, and differ on another."""
    return round(min(max(p, 0.0), 1.0), 6)
