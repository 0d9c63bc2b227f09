"""Visits from entry to exit, and the events that say what happened in them.

    state     on                              to       and
    (none)    enter with a token              open     an Entered event
    open      enter with the same token       open     nothing: the reader read the code twice
    open      exit with its token             ended    an Exited event
    open      its people left by a door       ended    the same, where no gate tells of exits
    ended     all until then has been told    closed   what was said of it is said finally
    closed    KEPT_S have passed              (none)

A closed visit is kept for a while because an interaction is understood only after the hand has gone: it may belong to
whoever was in the store while it lasted. What happened at the shelves is told as stories (stories/telling.py); whenever
they come to say something else of an earlier interaction, that is said as its next revision.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from edge.events import NewEvent
from edge.shelves.place import Spot
from edge.shelves.reading import Reading
from edge.tracking.joining.joining import Person
from edge.visits.encounters import QUEUE_S, Encounter, Encounters
from edge.visits.people import People, over_all
from edge.visits.positions import Times
from edge.visits.saying import CHANGED_P, Reach, Saying, differ, nothing, revised, sayings
from edge.visits.stories.happening import Happening, Load
from edge.visits.stories.lines import Lines
from edge.visits.stories.options import Shop
from edge.visits.stories.telling import Telling
from protocol import events as said
from protocol.ids import uuid7
from protocol.store import Store

KEPT_S = 600.0
"""What they handed over may be put back that much later."""
UNBOUND_S, UNBOUND, UNBOUND_MAX = 6.0, 0.3, 5
"""Nobody was bound to a visit so long after its scan: how probably another visit has its shopper, of the so many that
began last."""
FOLLOWERS_MAX = 1_000
MET_MAX = 100
LEARN_P = 0.1
"""What is less probable teaches nothing of where people stand."""
GONE_S = 2.0
"""Somebody whom cameras lose at the door may come back into view."""
FINAL_P = 0.001
"""Before a visit ends, a probability that has moved by more is said once more."""


Spots = tuple[tuple[str | None, Spot, float], ...]
"""Where a hand may have been: the slot where it is one, the place, the probability; these add up to 1."""


@dataclass(slots=True)
class _Visit:
    visit: UUID
    token: str
    entered_s: float
    exited_s: float | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand at a shelf: in which slot, when (seconds), seen by which cameras.

    `spots` are where it may have reached to: slot, place, probability; `there` is when it was surely at the shelf.
    """

    slot: str | None
    from_s: float
    to_s: float
    cameras: tuple[str, ...]
    spots: Spots
    there: Times
    moment_s: float | None = None
    """When something was taken or put down, where that is known."""


class Visits:
    """The visits of one store. `identity` names this run of the hub: ids made from it are the same in every replay.

    `start` is the moment of t_s = 0; `entry` the middle of the entry zone in metres, None where none is drawn.
    """

    def __init__(self, identity: str, start: datetime, entry: tuple[float, float] | None, store: Store) -> None:
        self._identity = identity
        self._start = start
        self._visits: list[_Visit] = []
        self._people = People(entry)
        self._telling = Telling(Shop.of(store))
        self._entries = 0
        self._happenings = 0
        self._reaches: dict[int, Reach] = {}
        self._said: dict[int, list[Saying]] = {}
        self._doubted: set[int] = set()
        self._followers: dict[int, UUID] = {}
        self._ways_out = tuple(zone.polygon for zone in store.zones if zone.kind == "exit")
        self._encounters = Encounters()
        self._met: list[Encounter] = []
        """Close encounters of people of whom not both belong to a visit yet."""
        self._bound_s: dict[UUID, float] = {}
        """When somebody was bound to open visits, of late."""
        self._unbound: set[UUID] = set()
        """Open visits of which it has been told that another may have their shopper."""
        self._gone_s: dict[UUID, float] = {}
        """Since when nobody of an open visit has been in the store."""
        self._undecided: list[_Visit] = []
        """Visits that have ended, and of whose last seconds not everything has been told yet."""

    def entered(
        self, token: str, lane: str, t_s: float, party: int = 1, *, staff: bool = False, waits: bool = False
    ) -> tuple[NewEvent, ...]:
        """Someone scanned in with `token` at `lane`, and `party` people come in on it; where it `waits`, perhaps."""
        self._forget(t_s)
        if any(visit.token == token and visit.exited_s is None for visit in self._visits):
            return ()
        self._entries += 1
        visit = uuid7(self._at(t_s), self._identity, "visit", self._entries, lane, token)
        self._visits.append(_Visit(visit, token, t_s))
        self._people.binding.entered(visit, t_s, party)
        return (NewEvent(self._at(t_s), visit, said.Entered(lane=lane, token=token, staff=staff, waits=waits)),)

    def exited(self, token: str, lane: str, t_s: float) -> tuple[NewEvent, ...]:
        """The visit that entered with `token` left; nothing where there is none."""
        for visit in self._visits:
            if visit.token == token and visit.exited_s is None:
                return self._exit(visit, lane, t_s)
        return ()

    def _exit(self, visit: _Visit, lane: str | None, t_s: float) -> tuple[NewEvent, ...]:
        visit.exited_s = t_s
        self._people.binding.left(visit.visit)
        self._telling.gone(visit.visit)
        self._undecided.append(visit)
        return (NewEvent(self._at(t_s), visit.visit, said.Exited(lane=lane)),)

    def decide(self, observed_until_s: float) -> Iterator[NewEvent]:
        """What is said finally of the visits that ended before, for everything that happened until then has been told.

        What somebody puts back just before they leave is understood a moment after it, and tells of what they took.
        """
        while self._undecided and (ended_s := self._undecided[0].exited_s) is not None and ended_s < observed_until_s:
            visit = self._undecided.pop(0)
            yield from self._say_anew(ended_s, self._telling.lines(), by=FINAL_P)
            self._telling.decide(visit.visit)
            self._let_go()

    def left_by_door(self, inside: AbstractSet[int], t_s: float) -> tuple[NewEvent, ...]:
        """Visits whose people have all been gone for `GONE_S`, by an exit that no gate tells of."""
        said_now: list[NewEvent] = []
        for visit in self._visits:
            people = self._people.binding.of(visit.visit)
            if visit.exited_s is not None or not people:
                continue
            if not inside.isdisjoint(people):
                self._gone_s.pop(visit.visit, None)
            elif t_s - self._gone_s.setdefault(visit.visit, t_s) >= GONE_S:
                del self._gone_s[visit.visit]
                said_now += self._exit(visit, None, t_s)
        return tuple(said_now)

    def turned_away(self, token: str, lane: str, t_s: float) -> tuple[NewEvent, ...]:
        """Whoever showed `token` was not let in after all: the visit is over, and nobody belongs to it."""
        for visit in self._visits:
            if visit.token == token and visit.exited_s is None:
                self._people.binding.release(visit.visit)
        return self.exited(token, lane, t_s)

    @property
    def anybody_open(self) -> bool:
        """Whether a visit has not ended."""
        return any(visit.exited_s is None for visit in self._visits)

    def learned_by(self, other: "Visits") -> None:
        """What `other` learnt of products, and of where people stand, holds here, too."""
        self._telling.learned_by(other._telling)
        self._people.learned_by(other._people)

    def belongs(self, person: int) -> bool:
        """Whether the person is of a visit."""
        return isinstance(self._people.actor(person), UUID)

    @property
    def anybody_awaited(self) -> bool:
        """Whether a visit waits for its shopper to be seen."""
        return self._people.binding.anybody_awaited

    def followed(self, person: int, t_s: float) -> UUID:
        """The visit of somebody without a token, so that what they take can be seen; it is never charged."""
        if len(self._followers) >= FOLLOWERS_MAX:
            del self._followers[next(iter(self._followers))]
        return self._followers.setdefault(person, uuid7(self._at(t_s), self._identity, "followed", person))

    def leaving(self, token: str, t_s: float) -> tuple[int, ...]:
        """The people of the visit that entered with `token` and leaves now: call before `exited`.

        A gate that tells who leaves tells who that is at the door, and so who it was all the time.
        """
        visit = next((each.visit for each in self._visits if each.token == token and each.exited_s is None), None)
        if visit is None:
            return ()
        if self._ways_out:
            open_ones = [each.visit for each in self._visits if each.exited_s is None]
            self._telling.seen_leaving(visit, self._people.at_door(open_ones, self._ways_out, t_s))
            self._straighten()
        return self._people.binding.of(visit)

    def same(self, given_up: int, person: int) -> None:
        """One person had two numbers; what the one did, the other did."""
        self._telling.rename(self._people.actor(given_up), self._people.actor(person))
        self._people.same(given_up, person)
        self._encounters.same(given_up, person)

    def saw(self, people: Sequence[Person]) -> None:
        """Where people stand now whom a camera has just seen."""
        for person, visit in self._people.saw(people):
            self._telling.rename(person, visit)
            self._doubt_queue(visit, people[0].t_s)
        # While a visit waits for its shopper, that is who is new.
        awaited = self._people.binding.anybody_awaited
        met = [replace(one, renewed=one.renewed and not awaited) for one in self._encounters.saw(people)]
        self._met = [*self._met, *met][-MET_MAX:]
        self._met = [encounter for encounter in self._met if not self._exchange(encounter)]
        if people:
            self._doubt_unbound(people[0].t_s)
            for gone in self._people.forget(people[0].t_s):
                self._telling.forget(gone)

    def _doubt_queue(self, visit: UUID, t_s: float) -> None:
        """Tell the stories that whoever was bound to `visit` may be of another that was bound just before."""
        open_ones = {each.visit for each in self._visits if each.exited_s is None}
        self._bound_s = {
            each: at_s for each, at_s in self._bound_s.items() if t_s - at_s <= QUEUE_S and each in open_ones
        }
        for other in self._bound_s:
            if other != visit:
                swapped_m = self._people.binding.swapped_m(visit, other)
                self._telling.exchange(visit, other, self._encounters.mixed_up(swapped_m))
        self._bound_s[visit] = t_s

    def _doubt_unbound(self, t_s: float) -> None:
        """Tell the stories, once, that another visit may have the shopper of one to whom nobody could be bound."""
        open_ones = [each.visit for each in self._visits if each.exited_s is None]
        self._unbound &= set(open_ones)
        for visit in self._people.binding.awaited(t_s, UNBOUND_S):
            others = [other for other in open_ones if other != visit][-UNBOUND_MAX:]
            if visit in self._unbound or visit not in open_ones or self._people.binding.of(visit):
                continue
            self._unbound.add(visit)
            for other in others:
                self._telling.exchange(visit, other, UNBOUND / len(others))

    def _exchange(self, encounter: Encounter) -> bool:
        """Tell the stories of an encounter of two visits' people; False while it is not known whose they are."""
        one, other = (self._people.actor(person) for person in (encounter.one, encounter.other))
        if not (isinstance(one, UUID) and isinstance(other, UUID)):
            return False
        open_ones = {visit.visit for visit in self._visits if visit.exited_s is None}
        if one != other and {one, other} <= open_ones:
            self._telling.exchange(one, other, encounter.exchanged)
        return True

    def _straighten(self) -> None:
        """Cameras follow people under others' numbers, the stories say: from now on they are who they are."""
        self._people.binding.are(self._telling.straighten())

    def reached(self, t_s: float, camera: str, person: int | None, near: Mapping[str, float]) -> None:
        """A shelf camera sees hands of somebody of the store, or of nobody known: how near to which slot."""
        self._people.reached(t_s, camera, person, near)

    def standing(self, t_s: float) -> tuple[tuple[Person, UUID | None], ...]:
        """Where people stand at `t_s`, as far as cameras see them, and whose visits they belong to."""
        return self._people.standing(t_s)

    def happened(
        self, hand: Hand, reasons: Mapping[str, float], *, load: Load | None = None, sight: Reading | None = None
    ) -> tuple[NewEvent, ...]:
        """What is said of what a hand did, by a load that changed and by pictures.

        And of earlier ones, where the stories say something else of them by now.
        """
        self._happenings += 1
        number = self._happenings
        present = [
            visit.visit
            for visit in self._visits
            if visit.entered_s <= hand.to_s and (visit.exited_s is None or visit.exited_s >= hand.from_s)
        ]
        by_slot = [(slot, self._people.reaching(present, spot, hand.there), share) for slot, spot, share in hand.spots]
        reaching = over_all([(logs, share) for _, logs, share in by_slot])
        reach_at = {slot: logs for slot, logs, _ in by_slot if slot is not None} if len(by_slot) > 1 else {}
        likeliest = max(reaching, key=lambda actor: (reaching[actor], str(actor)))
        self._reaches[number] = Reach(
            number,
            hand.slot,
            hand.cameras,
            self._at(hand.from_s),
            self._at(hand.to_s),
            reasons,
            likeliest,
        )
        seen = self._people.hands_seen(hand.there)
        idle = self._people.idle(hand.there)
        self._telling.tell(Happening(number, hand.moment_s, hand.slot, reaching, load, sight, reach_at, seen, idle))
        self._learn_stance(number, hand)
        self._straighten()
        lines = self._telling.lines()
        events = list(self._say(number, self._reaches[number].left, lines, by=CHANGED_P))
        events += self._say_anew(hand.to_s, lines, by=CHANGED_P)
        self._let_go()
        return tuple(events)

    def _learn_stance(self, number: int, hand: Hand) -> None:
        """Where those stood whose hand it was: each as much as it is probable that it was theirs."""
        spots = {slot: spot for slot, spot, _ in hand.spots if len(spot.slots) == 1}
        for act, p in self._telling.verdict(number):
            for part in act:
                spot = spots.get(part.slot)
                if p >= LEARN_P and spot is not None and part.actor is not None:
                    self._people.stood(part.actor, spot, hand.there, p)

    def unwatched(self, slots: AbstractSet[str], t_s: float) -> tuple[NewEvent, ...]:
        """From `t_s` on nobody watches `slots`: say anew, and doubtful, what the open visits took from them.

        What is taken there may from now on be put back unseen, and nobody is charged on doubt.
        """
        revised_now: list[NewEvent] = []
        lines = self._telling.lines()
        gone = {visit.visit for visit in self._undecided}
        for number in self._telling.open:
            picked = any(
                change.type == "pick" and change.slot in slots
                for saying in self._said.get(number, ())
                if saying.visit not in gone
                for change in saying.event.changes
            )
            if picked and number not in self._doubted:
                self._doubted.add(number)
                revised_now += self._say(number, self._at(t_s), lines, by=FINAL_P)
        return tuple(revised_now)

    def _say_anew(self, t_s: float, lines: Lines, *, by: float) -> Iterator[NewEvent]:
        for number in self._telling.open:
            yield from self._say(number, self._at(t_s), lines, by=by)

    def _say(self, number: int, at: datetime, lines: Lines, *, by: float) -> Iterator[NewEvent]:
        """What the stories say of a happening, if that is new or other than what was said last."""
        verdict = self._telling.verdict(number)
        now = sayings(
            self._identity,
            self._reaches[number],
            verdict,
            lines,
            doubted=number in self._doubted,
            followers=self._followers,
        )
        known = self._said.setdefault(number, [])
        for order, saying in enumerate(now):
            if order >= len(known):
                known.append(saying)
                yield NewEvent(at, saying.visit, saying.event)
            elif differ(known[order], saying, by=by):
                known[order] = revised(known[order], saying)
                yield NewEvent(at, known[order].visit, known[order].event)
        for order in range(len(now), len(known)):
            none = nothing(known[order])
            if differ(known[order], none, by=1.0):
                known[order] = revised(known[order], none)
                yield NewEvent(at, known[order].visit, known[order].event)

    def _let_go(self) -> None:
        """What is settled is not said again."""
        still = set(self._telling.open)
        for number in [number for number in self._reaches if number not in still]:
            del self._reaches[number], self._said[number]
            self._doubted.discard(number)

    def _at(self, t_s: float) -> datetime:
        return self._start + timedelta(seconds=t_s)

    def _forget(self, t_s: float) -> None:
        old = [visit for visit in self._visits if visit.exited_s is not None and t_s - visit.exited_s > KEPT_S]
        for visit in old:
            self._visits.remove(visit)
            self._telling.forget(visit.visit)
