"""The node: readings of devices in, events out. Everything between them is wired here, and reads like the drawing.

    area camera ─▶ persons ─▶ tracker ─▶ floor ─┐
    from above ──▶ heads ───────────────────────┤
    other nodes ─▶ observations ────────────────┴▶ joining ─▶ people ┐
    shelf camera ─▶ shelf view ─▶ shelves ─▶ reading ─┤              ├─▶ visits ─▶ events
                  └▶ things and hands ─▶ free shelves ┤              │
    plates ──────▶ weighings ─────────────────────────┴▶ pairing ────┤
    gate ────────────────────────────────────────────────────────────┘

A store small enough for one process has one node that is also its hub. The node keeps no clock: what it says depends
on the readings alone, and `observed_until_s` tells up to when it has said everything.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from edge.area_cameras import Followed, following
from edge.errors import PerceptionError
from edge.events import NewEvent
from edge.hands import Hands, load_of
from edge.memory.memory import Memory
from edge.memory.resuming import HAND_S
from edge.perception.comparison import Comparison
from edge.perception.free_shelves import FreeShelves, known_products
from edge.perception.networks import Networks
from edge.perception.reach_watch import Near, ReachWatch, nearest
from edge.perception.shelf_view import ShelfView
from edge.shelves.evidence import Evidence
from edge.shelves.interaction import Interaction
from edge.shelves.pairing import HIDDEN_S, Meeting, Pairing, Seen
from edge.shelves.place import over
from edge.shelves.plates import Plates
from edge.shelves.reading import unseen
from edge.shelves.shelves import Shelves
from edge.shelves.stay import Stay
from edge.tracking.floor import PersonOnFloor
from edge.tracking.joining.doors import Doors, Uncounted
from edge.tracking.joining.joining import Joining, Person
from edge.tracking.joining.pictures import Pictures
from edge.visits.followers import Crowd, Followers
from edge.visits.visits import Visits
from edge.window.now import Now
from hardware.ports import Asked, Fault, Frame, Image, Look, Notice, Observation, Pass, Reading, Restored, Weight
from protocol import events as said
from protocol.store import Store

BLIND_S = 5.0
"""A camera that shows nothing for as long is covered or dead; shorter, a lamp went off and on."""


Witness = Callable[[UUID, Image, Image], None]
"""Told of an interaction that a camera saw: its id, and its slot's picture before and after."""


class Node:
    """One store's devices, as one stream of events.

    `identity` names the run (equal runs make equal ids), `start` is the moment of t_s = 0, and product photos lie
    relative to `folder`. `witness`, where it is given, is shown what each interaction was concluded from; with a
    `memory` it goes on where that one was (and `start` is the memory's). Raises
    CalibrationError, PerceptionError or ModelNotPulled for a store that cannot be seen as it is.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        networks: Networks,
        identity: str,
        start: datetime,
        *,
        witness: Witness | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._witness = witness
        self._store = store
        self._start = start
        self._views = {camera.id: ShelfView(camera) for camera in store.cameras if camera.role == "shelf"}
        self._areas = following(store, networks)
        self._reaches = {
            camera.id: ReachWatch(camera, networks.arms) for camera in store.cameras if camera.role == "shelf"
        }
        self._unseeing: set[str] = set()
        look = networks.appearance
        self._joining = Joining(Doors(store))
        self._pictures = Pictures()
        known = known_products(store.products, folder, look)
        self._comparison = None if look is None else Comparison(known)
        self._shelves = Shelves(store)
        self._free = FreeShelves(store, networks.shelf, known, look)
        self._plates = Plates(store)
        self._pairing = Pairing(store)
        self._visits = Visits(identity, start, _entry(store), store)
        self._followers = Followers(Uncounted(store).at)
        self._crowd = Crowd(store.policies.people_max)
        self._doors = Doors(store)
        """A gate that has told one exit tells them all; until then people leave where the store file draws an exit."""
        self._unseen_since_s: dict[str, float] = {}
        self._told: list[NewEvent] = []
        """What is to be said beside what a reading says by itself."""
        self._away: set[str] = set()
        self._askew: set[str] = set()
        """Cameras that look elsewhere than where they were calibrated: what they see is not where it seems to be."""
        self._hands = Hands(store)
        self._t_s = 0.0
        if memory is not None:
            self._visits, self._joining, self._shelves.stock = memory.visits, memory.joining, memory.stock
            self._free.strangers |= memory.strangers
            self._joining.cameras_begin_anew()
            self._t_s = memory.t_s
            self._unseen_since_s = dict.fromkeys(self._views, memory.t_s)

    def remember(self) -> Memory:
        """What it knows now; to be sealed before it takes anything more."""
        return Memory(
            self._t_s,
            self._start,
            self._visits,
            self._joining,
            self._shelves.stock,
            self._undecided,
            self._free.strangers,
        )

    def learned_by(self, memory: Memory) -> None:
        """Of an older memory, only what was learnt: what products weigh, and where people stand."""
        self._visits.learned_by(memory.visits)

    def unwatched_until(self, t_s: float, *, cameras: bool) -> tuple[NewEvent, ...]:
        """Nobody watched until `t_s`: what open visits took before may have been put back, and is in doubt.

        With `cameras` what they watch, too; without, each says it itself when it shows something again.
        """
        self._t_s = max(self._t_s, t_s)
        watched = {view.slot for camera in self._store.cameras for view in camera.views}
        return self._visits.unwatched(self._store.slots().keys() - (set() if cameras else watched), t_s)

    def _back(self, frame: Frame) -> tuple[NewEvent, ...]:
        """The first picture of a shelf camera since the node before this one: what was not seen in between."""
        since_s = self._unseen_since_s.pop(frame.camera, frame.t_s)
        plan = self._store.camera(frame.camera)
        if frame.t_s - since_s <= HAND_S or plan is None:
            return ()
        return self._visits.unwatched({view.slot for view in plan.views}, frame.t_s)

    @property
    def observed_until_s(self) -> float:
        """Nothing that happened before this and changed what somebody carries will be said any more: it is said."""
        open_since_s = {**self._shelves.undecided_since_s, **self._free.undecided_since_s}
        waiting = (self._plates.undecided_since_s, self._pairing.undecided_since_s(open_since_s))
        return min([self._t_s, *(since for since in waiting if since is not None)])

    @property
    def _undecided(self) -> bool:
        """Whether a hand is at a shelf, or what it did is not decided: a restart would lose that."""
        return bool(
            self.observed_until_s < self._t_s or self._shelves.undecided_since_s or self._free.undecided_since_s
        )

    def now(self) -> Now:
        """Where people stand and what is thought to stand in the slots, for whoever looks."""
        standing = self._visits.standing(self._t_s)
        people = tuple((person.x_m, person.y_m, str(visit) if visit else None) for person, visit in standing)
        return Now(self._t_s, people, self._shelves.stock.everything())

    @property
    def people(self) -> int:
        """How many are in the store, as far as cameras see."""
        return self._crowd.people

    def followed(self, camera: str) -> Sequence[Followed]:
        """Who is followed in the area camera's latest picture; unconfirmed tracks are nobody yet."""
        area = self._areas.get(camera)
        return () if area is None else area.followed

    def standing(self, t_s: float) -> tuple[tuple[Person, UUID | None], ...]:
        """Where people of the store stand at `t_s`, and whose visits they belong to."""
        return self._visits.standing(t_s)

    def take(self, reading: Reading) -> tuple[NewEvent, ...]:
        """The events that follow from one reading; call in the order of time."""
        self._t_s = max(self._t_s, reading.t_s)
        self._join(self._pictures.until(reading.t_s))
        for stay in self._shelves.waited(reading.t_s):
            self._pairing.saw(self._understand(stay))
        before = tuple(self._meet())
        events = (*before, *self._take(reading), *self._meet(), *self._told)
        self._told.clear()
        return (*events, *self._visits.decide(self.observed_until_s))

    def _take(self, reading: Reading) -> tuple[NewEvent, ...]:
        match reading:
            case Pass():
                return self._pass(reading)
            case Frame():
                return self._see(reading)
            case Fault() | Restored():
                return tuple(self._lose(reading) if isinstance(reading, Fault) else self._regain(reading))
            case Notice(t_s, event):
                self._told.append(NewEvent(self._start + timedelta(seconds=t_s), None, event))
            case Weight():
                return tuple(self._weigh(reading))
            case Observation(t_s, camera, track, x_m, y_m, sigma_m, wrists):
                seen = PersonOnFloor(t_s, camera, track, x_m, y_m, sigma_m, wrists)
                self._join(self._pictures.add(seen))
            case Look():
                self._shelves.looked(reading)
            case Asked():
                pass
        return ()

    def _weigh(self, weight: Weight) -> Iterator[NewEvent]:
        self._pairing.speak()
        for weighing in self._plates.observe(weight):
            self._pairing.weighed(weighing)
        for trouble in self._plates.health.news(weight.t_s):
            part, at = f"plate {trouble.plate}"[:200], self._start + timedelta(seconds=weight.t_s)
            if trouble.reason is None:
                yield NewEvent(at, None, said.Recovered(part=part))
            else:
                yield NewEvent(at, None, said.Faulted(part=part, reason=trouble.reason))
                # What was taken there may be put back unfelt, as before a camera that was lost.
                yield from self._visits.unwatched(self._over_plate(trouble.plate), weight.t_s)
            broken = self._plates.health.broken
            self._pairing.distrust(frozenset(slot for plate in broken for slot in self._over_plate(plate)))

    def _over_plate(self, plate: str) -> set[str]:
        span = self._plates.span(plate)
        return set() if span is None else {slot for slot, _ in over(self._store, plate.rpartition(".")[0], span)}

    def finish(self, t_s: float) -> tuple[NewEvent, ...]:
        """The devices end at `t_s`: say what is still open, with its doubt."""
        self._t_s = max(self._t_s, t_s)
        self._join(self._pictures.close())
        for stay in self._shelves.finish(t_s):
            self._pairing.saw(self._understand(stay))
        for weighing in self._plates.finish():
            self._pairing.weighed(weighing)
        self._t_s += HIDDEN_S
        met = tuple(self._meet())
        self._t_s -= HIDDEN_S
        unseen = tuple(event for camera in self._views for event in self._unseen(camera, self._t_s))
        return (*met, *unseen, *self._visits.decide(math.inf))

    def _see(self, frame: Frame) -> tuple[NewEvent, ...]:
        if frame.camera in self._unseeing:
            return ()
        try:
            return self._look(frame)
        except PerceptionError as error:
            self._unseeing.add(frame.camera)
            return tuple(self._lose(Fault(frame.t_s, f"camera {frame.camera}", str(error))))

    def _look(self, frame: Frame) -> tuple[NewEvent, ...]:
        view = self._views.get(frame.camera)
        if view is not None:
            if frame.camera in self._askew:
                return ()
            if frame.camera in self._unseen_since_s:
                self._told += self._back(frame)
            if self._comparison is None:
                raise PerceptionError("no network compares its slots: it does not run here, and the log says why")
            sights = view.observe(frame)
            if self._joining.inside:
                self._whose_hands(frame)
            for stay in self._shelves.observe(sights):
                self._pairing.saw(self._understand(stay))
            for visit in self._free.observe(frame, sights):
                self._pairing.saw(self._free.understand(visit, self._shelves.stock))
            return tuple(self._blinded(frame, view.blind_s(frame.t_s)))
        if frame.camera in self._areas:
            self._join(self._people(frame), frame.t_s)
        return ()

    def _whose_hands(self, frame: Frame) -> None:
        """A shelf camera sees people, too, and their hands."""
        seen = self._reaches[frame.camera].of(frame)
        self._join(seen.people)
        numbers = self._joining.numbers(frame.camera, frame.t_s)
        people = {person.person: person for person, _ in self._visits.standing(frame.t_s)}
        hidden = [person for number, person in people.items() if number not in numbers.values()]
        owners = [(near, people.get(numbers.get(number, -1))) for number, near in seen.hands]
        owners += [(near, nearest(place, hidden)) for near, place in seen.others]
        hands: dict[int | None, list[Near]] = {}
        for near, owner in owners:
            hands.setdefault(None if owner is None else owner.person, []).append(near)
        for person, nears in hands.items():
            closest = {slot: min(near[slot] for near in nears) for slot in nears[0]}
            self._visits.reached(frame.t_s, frame.camera, person, closest)

    def _pass(self, reading: Pass) -> tuple[NewEvent, ...]:
        if reading.event == "enter":
            self._joining.expect(reading.t_s, reading.party)
            return self._visits.entered(
                reading.token, reading.lane, reading.t_s, reading.party, staff=reading.staff, waits=reading.waits
            )
        if reading.event == "turned_away":
            return self._visits.turned_away(reading.token, reading.lane, reading.t_s)
        for person in self._visits.leaving(reading.token, reading.t_s):
            self._joining.left(person)
        return self._visits.exited(reading.token, reading.lane, reading.t_s)

    def _join(self, picture: Sequence[PersonOnFloor], t_s: float | None = None) -> None:
        people = self._joining.saw(picture)
        if t_s is not None and not picture:
            self._joining.nobody_seen(t_s)
        for given_up, person in self._joining.renamed():
            self._visits.same(given_up, person)
            self._followers.belongs(given_up)
            self._crowd.same(given_up)
        self._visits.saw(people)
        if people:
            self._count(people[0].t_s, people)
        if self._store.gate.exits == "zone" and self._doors.closed:
            self._told += self._visits.left_by_door(frozenset(self._joining.inside), self._t_s)

    def _count(self, t_s: float, people: Sequence[Person]) -> None:
        """Tell of whoever belongs to no visit, and of more people than the store allows."""
        at = self._start + timedelta(seconds=t_s)
        strangers: list[Person] = []
        for person in people:
            if self._visits.belongs(person.person):
                self._followers.belongs(person.person)
            else:
                strangers.append(person)
        for follower in self._followers.saw(t_s, strangers, anybody_awaited=self._visits.anybody_awaited):
            since = self._start + timedelta(seconds=follower.since_s)
            visit = self._visits.followed(follower.person, follower.since_s)
            self._told.append(NewEvent(at, visit, said.FollowedIn(person=follower.person, since=since)))
        people_max = self._store.policies.people_max
        crowd = self._crowd.saw(t_s, people)
        if crowd is not None and people_max is not None:
            self._told.append(NewEvent(at, None, said.Crowded(people=crowd, people_max=people_max)))

    def _blinded(self, frame: Frame, blind_s: float) -> Iterator[NewEvent]:
        """Say once that a camera shows nothing, and once that it shows something again."""
        part = f"camera {frame.camera}"
        if blind_s == 0.0 and frame.camera in self._away:
            self._away.remove(frame.camera)
            yield NewEvent(self._start + timedelta(seconds=frame.t_s), None, said.Recovered(part=part))
        elif blind_s > BLIND_S and frame.camera not in self._away:
            reason = f"its pictures have shown nothing for {BLIND_S:.0f} s; is it covered, or is the light off?"
            yield from self._lose(Fault(frame.t_s, part, reason))

    def _people(self, frame: Frame) -> list[PersonOnFloor]:
        people = self._areas[frame.camera].people(frame)
        # Of a camera that was knocked askew nobody knows where it sees them.
        return [] if frame.camera in self._askew else people

    def _understand(self, stay: Stay) -> Seen:
        evidence = [self._compared(look) for look in stay.looks]
        reading = self._shelves.read(stay, evidence)
        clearest = max(evidence, key=lambda each: each.changed)
        reasons = {"changed": round(clearest.changed, 4), "edges": round(clearest.edges, 4)}
        for when, likeness in (("before", clearest.before), ("after", clearest.after)):
            best = max(likeness, key=lambda sku: (likeness[sku], sku), default=None)
            if best is not None:
                reasons[f"fits_{best}_{when}"] = round(likeness[best], 4)
        return Seen(stay, reading, reasons)

    def _compared(self, look: Interaction) -> Evidence:
        if look.evidence is not None:
            return look.evidence
        assert self._comparison is not None, "Networks.of opens the appearance network for every shelf camera"
        return self._comparison.evidence(look.before, look.after)

    def _meet(self) -> Iterator[NewEvent]:
        """Say what is known whole by now of what cameras saw and plates weighed."""
        if not self._pairing.waiting:
            return
        for meeting in self._pairing.due(self._t_s, self._shelves.reached | self._free.reached, self._plates.moving):
            yield from self._happened(meeting)

    def _happened(self, meeting: Meeting) -> Iterator[NewEvent]:
        seen = meeting.seen
        load = load_of(meeting, self._store, self._shelves.watched | self._free.watched)
        hand = self._hands.of(meeting, load)
        reasons = dict(seen.reasons) if seen else {}
        if meeting.weighing is not None:
            reasons["grams"] = round(meeting.weighing.grams, 1)
        events = self._visits.happened(hand, reasons, load=load, sight=seen.reading if seen else None)
        for number, event in enumerate(events):
            if isinstance(event.event, said.Interaction) and event.event.revision == 1:
                self._shelves.follow(event.event.changes)
                shown = next((look for look in seen.stay.looks if look.pictured), None) if seen else None
                if number == 0 and shown is not None and self._witness is not None:
                    self._witness(event.event.interaction, shown.before, shown.after)
        yield from events

    def _lose(self, fault: Fault) -> Iterator[NewEvent]:
        at = self._start + timedelta(seconds=fault.t_s)
        yield NewEvent(at, None, said.Faulted(part=fault.part, reason=fault.reason[:2000]))
        kind, _, camera = fault.part.partition(" ")
        if kind in {"camera", "view"}:
            (self._away if kind == "camera" else self._askew).add(camera)
            plan = self._store.camera(camera)
            slots = {view.slot for view in plan.views} if plan is not None else set()
            slots = {slot for slot in slots if not self._shelves.watched_by_others(slot, self._away | self._askew)}
            yield from self._visits.unwatched(slots, fault.t_s)
            yield from self._unseen(camera, fault.t_s)

    def _regain(self, restored: Restored) -> tuple[NewEvent, ...]:
        kind, _, camera = restored.part.partition(" ")
        (self._askew if kind == "view" else self._away).discard(camera)
        at = self._start + timedelta(seconds=restored.t_s)
        return (NewEvent(at, None, said.Recovered(part=restored.part)),)

    def _unseen(self, camera: str, t_s: float) -> Iterator[NewEvent]:
        for stay in self._shelves.lost(camera, t_s):
            reading = unseen(stay.slot, self._shelves.stock)
            yield from self._happened(Meeting(None, Seen(stay, reading, {"camera_lost": 1.0})))
        for visit in self._free.lost(camera, t_s):
            yield from self._happened(Meeting(None, self._free.understand(visit, self._shelves.stock)))


def _entry(store: Store) -> tuple[float, float] | None:
    """The middle of the entry zone, in metres; None where none is drawn."""
    for zone in store.zones:
        if zone.kind == "entry":
            xs, ys = zip(*zone.polygon, strict=True)
            return sum(xs) / len(xs), sum(ys) / len(ys)
    return None
