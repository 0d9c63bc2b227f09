"""Which person of the store belongs to which visit, and where everybody was when.

A visit that opens at the gate is bound to who was by the entry just then: all visits and people that wait are matched
together, `BIND_AFTER_S` later, because who comes in may be seen a moment after the scan. Places and wrists are kept for
`KEPT_S`, so that an interaction can be given to whoever stood there while it lasted, though it is understood only after
the hand has gone.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from edge.shelves.place import Spot
from edge.tracking.joining.doors import distance_m
from edge.tracking.joining.joining import Person
from edge.tracking.joining.pairs import best_pairs
from edge.visits.attribution import COMES_S, NOBODY, log_at_door, log_came, log_hand, log_lost, log_reach, nearest
from edge.visits.stories.story import Actor

Place = tuple[float, float]
"""On the floor, metres."""
SeenHands = tuple[float, str, int | None, Mapping[str, float]]
"""What one picture of a shelf camera shows: when (seconds), which camera, whose hands (None: nobody known), and how
near they are to which slot (edge/perception/reach_watch.py, Near)."""
Times = tuple[float, float]
"""From when until when, in seconds."""

KEPT_S = 30.0
STANDING_S = 0.7
WRIST_SURE = 0.5
BIND_AFTER_S = 1.0
BIND_WITHIN_S = 4.0
WAITING_S = 600.0
"""As long a visit to whom nobody could be bound waits for somebody who belongs to none."""
BIND_WITHIN_M = 2.5
AROUND_S = 2.0
"""Whom no camera has seen for longer is not there."""
HIDDEN_S = 4.0
"""Whom no camera has seen for longer nobody is bound to; behind another at the gate one is hidden for a while."""
CLEAR_M = 1.5
"""Whoever fits a scan less well waits until `BIND_WITHIN_S` for somebody who fits better."""
GHOST_MAX = 5
"""Somebody who was seen less often, and is gone, was somebody else seen double."""
PARTY_APART_S = 1.2
"""Who comes in together on one token comes one after the other."""
LATE_GAIN_M = 0.5
"""Whoever is found in the store without a visit, while a visit has nobody, is its shopper: cameras missed the door."""
EARLY_S = 8.0
"""Where no entry is drawn, they may have been seen so long before the scan."""
PASSED_M_S2 = 0.12
"""How many metres away from the entry weigh as much as a second, squared, between scan and passing there."""
LINGERS_M = 0.35
"""Who stands at the entry is there all the time; places are wrong by as much."""
GONE = 0.7
"""Who has passed the entry already and is farther in when somebody scans, scans hardly: times that much of the way."""
TURN_M = 0.3
"""How much it costs to have come in out of turn."""
FORGOTTEN_S = 3600.0
"""Somebody whom no camera sees may still be in the store; numbers are never used again."""
STRANGER_M = 2.0
"""Somebody without a visit counts where they were seen as near to the shelf as this."""
LOG_STRANGER = math.log(0.05)
"""And is rare: somebody of a visit whom cameras lost and found again looks like one."""
LOST_S = 4.0
"""Somebody whom no camera sees just then is still about where they were seen so long before or after."""
CLOCKS_S = 0.2
"""By how much cameras' and plates' clocks differ, beside how long a hand is where it takes something."""
POSITIONS_MAX = 50_000


class People:
    """The people on the floor, as far as cameras follow them. `entry` is where the gate lets people in, in metres."""

    def __init__(self, entry: tuple[float, float] | None) -> None:
        self._entry = entry
        self._seen: deque[Person] = deque(maxlen=POSITIONS_MAX)
        self._hands: deque[SeenHands] = deque(maxlen=POSITIONS_MAX)
        self._last: dict[int, Person] = {}
        self._first_s: dict[int, float] = {}
        self._visit_of: dict[int, UUID] = {}
        self._waiting: list[tuple[UUID, float]] = []
        self._scanned_s: dict[UUID, float] = {}
        """When each open visit began."""
        self._sightings: dict[int, int] = {}

    def __getstate__(self) -> dict[str, object]:
        """What is worth keeping: where people were is asked of the last seconds only."""
        forgotten: dict[str, object] = {"_seen": deque(maxlen=POSITIONS_MAX), "_hands": deque(maxlen=POSITIONS_MAX)}
        return {**self.__dict__, **forgotten}

    def actor(self, person: int) -> Actor:
        """Whose hand a person's is: their visit's, or their own."""
        return self._visit_of.get(person, person)

    def same(self, given_up: int, person: int) -> None:
        """One person had two numbers."""
        self._seen = deque(
            (replace(seen, person=person) if seen.person == given_up else seen for seen in self._seen),
            maxlen=POSITIONS_MAX,
        )
        self._hands = deque(
            ((t_s, camera, person if whose == given_up else whose, near) for t_s, camera, whose, near in self._hands),
            maxlen=POSITIONS_MAX,
        )
        self._last.pop(given_up, None)
        self._first_s.pop(given_up, None)
        self._sightings.pop(given_up, None)
        visit = self._visit_of.pop(given_up, None)
        if visit is None:
            return
        other = self._visit_of.setdefault(person, visit) != visit
        if other and visit in self._scanned_s and not self.of(visit):
            # It was bound to another's second number: its own shopper is still to be found.
            self._waiting.append((visit, self._scanned_s[visit]))

    def saw(self, people: Iterable[Person]) -> list[tuple[int, UUID]]:
        """Take in where people stand now; call in the order of time. Who is found to belong to a visit by that."""
        t_s = None
        for person in people:
            self._last[person.person] = person
            self._first_s.setdefault(person.person, person.t_s)
            self._sightings[person.person] = self._sightings.get(person.person, 0) + 1
            self._seen.append(person)
            t_s = person.t_s
        return [] if t_s is None else self._bind(t_s)

    def reached(self, t_s: float, camera: str, person: int | None, near: Mapping[str, float]) -> None:
        """A shelf camera sees the person's hands, or somebody's (None); call in the order of time, near enough."""
        self._hands.append((t_s, camera, person, near))

    def entered(self, visit: UUID, t_s: float, party: int = 1) -> None:
        """A visit opened at the gate: bind it to whoever stands there, in a moment, and to `party` people in all."""
        self._scanned_s[visit] = t_s
        self._waiting += [(visit, t_s + PARTY_APART_S * number) for number in range(party)]

    def left(self, visit: UUID) -> None:
        """The visit is over: nobody else will be bound to it."""
        self._waiting = [waiting for waiting in self._waiting if waiting[0] != visit]
        self._scanned_s.pop(visit, None)

    def release(self, visit: UUID) -> None:
        """Nobody belongs to the visit: who stood there may come in on another."""
        self._visit_of = {person: theirs for person, theirs in self._visit_of.items() if theirs != visit}

    def are(self, whose: Mapping[UUID, UUID]) -> None:
        """The people of one visit are those of another, and so on round."""
        self._visit_of = {person: whose.get(visit, visit) for person, visit in self._visit_of.items()}
        waiting = [(whose.get(visit, visit), since_s) for visit, since_s in self._waiting]
        self._waiting = [(visit, self._scanned_s.get(visit, since_s)) for visit, since_s in waiting]

    def at_door(self, visits: Iterable[UUID], doors: Sequence[Sequence[Place]], t_s: float) -> dict[UUID, float]:
        """How well it fits of each visit that one of its people is at a door now: log likelihoods, 0 at most.

        Of a visit to which nobody is bound, it may be anybody who belongs to none.
        """
        near: dict[UUID | None, list[float]] = {None: [], **{visit: [] for visit in visits}}
        for number, person in self._last.items():
            visit = self._visit_of.get(number)
            if visit in near:
                away_m = min(distance_m(door, person.x_m, person.y_m) for door in doors)
                near[visit].append(log_at_door(away_m, max(t_s - person.t_s, 0.0)))
        unbound = max((*near.pop(None), log_at_door(None, 0.0)))
        return {visit: max(logs, default=unbound) for visit, logs in near.items() if visit is not None}

    def awaited(self, t_s: float, for_s: float) -> tuple[UUID, ...]:
        """Visits to whom nobody has been bound, `for_s` after they began."""
        return tuple(dict.fromkeys(visit for visit, since_s in self._waiting if t_s - since_s > for_s))

    @property
    def anybody_awaited(self) -> bool:
        """Whether a visit waits for its shopper to be seen."""
        return bool(self._waiting)

    def of(self, visit: UUID) -> tuple[int, ...]:
        """The people who belong to the visit."""
        return tuple(person for person, theirs in self._visit_of.items() if theirs == visit)

    def standing(self, t_s: float) -> tuple[tuple[Person, UUID | None], ...]:
        """Who was seen within `STANDING_S` before `t_s`, and whose visit each belongs to."""
        return tuple(
            (person, self._visit_of.get(number))
            for number, person in self._last.items()
            if t_s - person.t_s <= STANDING_S
        )

    def reaching(self, visits: Iterable[UUID], spot: Spot, times: Times) -> dict[Actor, float]:
        """How well everybody fits who may have reached to `spot` then: log likelihoods, 0 at most.

        Of the visits given, and of whoever was seen near by and belongs to none. Nobody fits a little, always.
        """
        among = tuple(visits)
        feet: dict[int, list[float]] = {}
        wrists: dict[int, list[float]] = {}
        around: dict[int, tuple[list[float], list[float]]] = {}
        """How far wrists were shortly before, and shortly after."""
        lost: dict[int, tuple[float, float]] = {}
        place = spot.before
        from_s, to_s = times[0] - CLOCKS_S, times[1] + CLOCKS_S
        for person in self.between((from_s - LOST_S, to_s + LOST_S)):
            apart_m = math.hypot(person.x_m - place[0], person.y_m - place[1])
            visit = self._visit_of.get(person.person)
            if visit not in among if visit is not None else apart_m > STRANGER_M:
                continue
            away_s = max(from_s - person.t_s, person.t_s - to_s, 0.0)
            reached_m = [spot.away_m(*wrist[:3]) for wrist in person.wrists if wrist[3] >= WRIST_SURE]
            if away_s > 0.0:
                if reached_m and COMES_S[0] <= away_s <= COMES_S[1]:
                    around.setdefault(person.person, ([], []))[person.t_s > to_s].append(min(reached_m))
                # Seen shortly before or after, and hidden meanwhile: they cannot be far from there.
                lost[person.person] = min(lost.get(person.person, (away_s, apart_m)), (away_s, apart_m))
                continue
            feet.setdefault(person.person, []).append(apart_m)
            if reached_m:
                wrists.setdefault(person.person, []).append(min(reached_m))
        hands = self._near(spot, (from_s, to_s))

        def log_hands(number: int | None) -> float:
            """Of a camera that saw nobody's hands, they tell nothing of anybody."""
            return sum(log_hand(None if number is None else near.get(number), near.get(None)) for near in hands)

        logs: dict[Actor, float] = {visit: log_reach(None, None) + log_hands(None) for visit in among}
        seen: dict[Actor, float] = {}
        for number, apart in feet.items():
            actor: Actor = self._visit_of.get(number, number)
            log = log_reach(nearest(wrists.get(number, ())), nearest(apart)) + log_hands(number)
            log += log_came(*around.get(number, ((), ()))) if number in wrists else 0.0
            log += LOG_STRANGER if actor == number else 0.0
            # Of several people on one visit, the one whose hand it may have been.
            seen[actor] = max(seen.get(actor, log), log)
        for number, (away_s, apart_m) in lost.items():
            visit = self._visit_of.get(number)
            if visit is not None and number not in feet:
                log = log_lost(apart_m, away_s) + log_hands(number)
                seen[visit] = max(seen.get(visit, log), log)
        logs |= seen
        unseen = [visit for visit in among if visit not in seen]
        strangers = [actor for actor in seen if isinstance(actor, int)]
        if strangers and len(strangers) <= len(unseen):
            # As many are missing as there are too many: they are the same, lost by the cameras and found again.
            best = max(seen[actor] for actor in strangers) - LOG_STRANGER
            logs |= dict.fromkeys(unseen, best)
            logs |= {actor: seen[actor] + LOG_STRANGER for actor in strangers}
        return {**logs, None: max(logs.values(), default=0.0) + math.log(NOBODY)}

    def hands_seen(self, times: Times) -> frozenset[Actor]:
        """Whose wrists cameras saw then, wherever they were."""
        return frozenset(
            self.actor(person.person)
            for person in self.between((times[0] - CLOCKS_S, times[1] + CLOCKS_S))
            if any(wrist[3] >= WRIST_SURE for wrist in person.wrists)
        )

    def _near(self, spot: Spot, times: Times) -> list[dict[int | None, float]]:
        """How near everybody's hands came to the spot, by shelf cameras that saw any then."""
        near: dict[str, dict[int | None, float]] = {}
        for t_s, camera, person, away in reversed(self._hands):
            if t_s < times[0] - LOST_S:
                break
            if times[0] <= t_s <= times[1]:
                here = min((away[slot] for slot in spot.slots if slot in away), default=None)
                seen = near.setdefault(camera, {})
                if here is not None:
                    seen[person] = min(seen.get(person, here), here)
        return list(near.values())

    def between(self, times: Times) -> Iterator[Person]:
        """Everybody who was seen between two times, the latest first."""
        # From the newest back: what is asked about has just happened.
        for person in reversed(self._seen):
            if person.t_s < times[0]:
                return
            if person.t_s <= times[1]:
                yield person

    def _bind(self, t_s: float) -> list[tuple[int, UUID]]:
        self._look_again(t_s)
        ready = [waiting for waiting in self._waiting if t_s - waiting[1] >= BIND_AFTER_S]
        if not ready:
            return []
        free = [
            number
            for number, last in self._last.items()
            if number not in self._visit_of
            and t_s - last.t_s <= (AROUND_S if self._sightings[number] < GHOST_MAX else HIDDEN_S)
        ]
        fits = {number: [self._gain(number, since_s, t_s) for _, since_s in self._waiting] for number in free}
        free = sorted((n for n in free if max(fits[n]) > 0.0), key=lambda number: (self._first_s[number], number))
        # People scan in the order in which they come, where nothing else tells.
        gains = [
            [fits[number][rank] - TURN_M * abs(order - rank) for order, number in enumerate(free)]
            for rank in range(len(self._waiting))
        ]
        bound: dict[int, tuple[int, UUID]] = {}
        for row, column in best_pairs(gains):
            # Who scanned just now takes part in the matching, so that nobody else is given their person, and waits.
            hurries = gains[row][column] < CLEAR_M and t_s - self._waiting[row][1] < BIND_WITHIN_S
            if self._waiting[row] in ready and not hurries:
                bound[row] = (free[column], self._waiting[row][0])
        self._visit_of.update(bound.values())
        self._waiting = [
            waiting for row, waiting in enumerate(self._waiting) if row not in bound and t_s - waiting[1] <= WAITING_S
        ]
        return list(bound.values())

    def _look_again(self, t_s: float) -> None:
        """A visit whose person was hardly ever seen and is gone belongs to nobody: its shopper is still to be found."""
        ghosts = [
            (number, visit)
            for number, visit in self._visit_of.items()
            if self._sightings[number] < GHOST_MAX and t_s - self._last[number].t_s > AROUND_S
        ]
        for number, visit in ghosts:
            if visit in self._scanned_s:
                del self._visit_of[number]
                self._waiting.append((visit, self._scanned_s[visit]))

    def _gain(self, number: int, since_s: float, t_s: float) -> float:
        """How well a person fits a visit that scanned at `since_s`; those above 0 may be matched."""
        if t_s - since_s <= BIND_WITHIN_S:
            return BIND_WITHIN_M - self._passing_m(number, since_s)
        late_s = self._first_s[number] - since_s
        early_s = 0.0 if self._entry is not None else EARLY_S
        return LATE_GAIN_M + LATE_GAIN_M / (1.0 + abs(late_s)) if late_s > -early_s else -math.inf

    def _passing_m(self, number: int, since_s: float) -> float:
        """How badly it fits that a person scanned then: how far from the entry they passed, and how long before.

        Seconds are squared: who comes second is not the first, however long after the scan one is in.
        """
        if self._entry is None:
            return PASSED_M_S2 * (self._first_s[number] - since_s) ** 2
        places = [
            (math.hypot(person.x_m - self._entry[0], person.y_m - self._entry[1]), person.t_s)
            for person in self.between((since_s - BIND_WITHIN_S, math.inf))
            if person.person == number
        ]
        if not places:
            return math.inf
        nearest_m = min(places)[0]
        times = [at_s for apart_m, at_s in places if apart_m <= nearest_m + LINGERS_M]
        apart_s = max(times[-1] - since_s, since_s - times[0], 0.0)
        gone_m = 0.0
        if times[0] < since_s:
            then_m = min(places, key=lambda place: abs(place[1] - since_s))[0]
            gone_m = max(then_m - nearest_m - LINGERS_M, 0.0)
        return nearest_m + PASSED_M_S2 * apart_s * apart_s + GONE * gone_m

    def forget(self, t_s: float) -> tuple[int, ...]:
        """Let go of what is too old to be asked about; the people who have been unseen for too long."""
        while self._seen and t_s - self._seen[0].t_s > KEPT_S:
            self._seen.popleft()
        while self._hands and t_s - self._hands[0][0] > KEPT_S:
            self._hands.popleft()
        gone = [number for number, person in self._last.items() if t_s - person.t_s > FORGOTTEN_S]
        for number in gone:
            del self._last[number], self._first_s[number]
            self._sightings.pop(number, None)
            self._visit_of.pop(number, None)
        return tuple(gone)


def over_all(spots: Sequence[tuple[Mapping[Actor, float], float]]) -> dict[Actor, float]:
    """How well everybody fits over several places, each with its share: log likelihoods."""
    actors = dict.fromkeys(actor for logs, _ in spots for actor in logs)

    def fits(actor: Actor) -> float:
        # Who was not near one spot at all is not named there: nobody's likelihood stands for theirs.
        return math.log(max(sum(share * math.exp(logs.get(actor, logs[None])) for logs, share in spots), 1e-300))

    return {actor: fits(actor) for actor in actors}
