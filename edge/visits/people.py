"""The people on the floor: whose visit each is of (binding.py), where they were when (positions.py), and their hands.

From these it tells how well it fits everybody that theirs was the hand at a shelf, or that it is they who leave now.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from edge.shelves.place import Spot
from edge.tracking.joining.doors import distance_m
from edge.tracking.joining.joining import Person
from edge.visits.attribution import (
    COMES_S,
    NOBODY,
    log_at_door,
    log_came,
    log_hand,
    log_idle,
    log_lost,
    log_reach,
    nearest,
    walked_m,
)
from edge.visits.binding import Binding
from edge.visits.positions import KEPT_S, POSITIONS_MAX, Positions, Times
from edge.visits.stance import Stance
from edge.visits.stories.story import Actor

Place = tuple[float, float]
"""On the floor, metres."""
SeenHands = tuple[float, str, int | None, Mapping[str, float]]
"""What one picture of a shelf camera shows: when (seconds), which camera, whose hands (None: nobody known), and how
near they are to which slot (edge/perception/reach_watch.py, Near)."""

STANDING_S = 0.7
WRIST_SURE = 0.5
STRANGER_M = 2.0
"""Somebody without a visit counts where they were seen as near to the shelf as this."""
LOG_STRANGER = math.log(0.05)
"""And is rare: somebody of a visit whom cameras lost and found again looks like one."""
LOST_S = 4.0
"""Somebody whom no camera sees just then is still about where they were seen so long before or after."""
CLOCKS_S = 0.2
"""By how much cameras' and plates' clocks differ, beside how long a hand is where it takes something."""


class People:
    """The people on the floor, as far as cameras follow them. `entry` is where the gate lets people in, in metres."""

    def __init__(self, entry: tuple[float, float] | None) -> None:
        self._positions = Positions()
        self.binding = Binding(entry, self._positions)
        """Who belongs to which visit."""
        self._hands: deque[SeenHands] = deque(maxlen=POSITIONS_MAX)
        self._stance = Stance()

    def __getstate__(self) -> dict[str, object]:
        """What is worth keeping: where hands were is asked of the last seconds only."""
        return {**self.__dict__, "_hands": deque(maxlen=POSITIONS_MAX)}

    def learned_by(self, other: "People") -> None:
        """Where people stand who reach into shelves, as `other` learnt it, holds here, too."""
        self._stance = other._stance

    def actor(self, person: int) -> Actor:
        """Whose hand a person's is: their visit's, or their own."""
        return self.binding.visit_of(person) or person

    def same(self, given_up: int, person: int) -> None:
        """One person had two numbers."""
        self._positions.same(given_up, person)
        self._hands = deque(
            ((t_s, camera, person if whose == given_up else whose, near) for t_s, camera, whose, near in self._hands),
            maxlen=POSITIONS_MAX,
        )
        self.binding.same(given_up, person)

    def saw(self, people: Iterable[Person]) -> list[tuple[int, UUID]]:
        """Take in where people stand now; call in the order of time. Who is found to belong to a visit by that."""
        t_s = None
        for person in people:
            self._positions.saw(person)
            self.binding.saw(person)
            t_s = person.t_s
        return [] if t_s is None else self.binding.bind(t_s)

    def reached(self, t_s: float, camera: str, person: int | None, near: Mapping[str, float]) -> None:
        """A shelf camera sees the person's hands, or somebody's (None); call in the order of time, near enough."""
        self._hands.append((t_s, camera, person, near))

    def at_door(self, visits: Iterable[UUID], doors: Sequence[Sequence[Place]], t_s: float) -> dict[UUID, float]:
        """How well it fits of each visit that one of its people is at a door now: log likelihoods, 0 at most.

        Of a visit to which nobody is bound, it may be anybody who belongs to none.
        """
        near: dict[UUID | None, list[float]] = {None: [], **{visit: [] for visit in visits}}
        for number, person in self.binding.last.items():
            visit = self.binding.visit_of(number)
            if visit in near:
                away_m = min(distance_m(door, person.x_m, person.y_m) for door in doors)
                near[visit].append(log_at_door(away_m, max(t_s - person.t_s, 0.0)))
        unbound = max((*near.pop(None), log_at_door(None, 0.0)))
        return {visit: max(logs, default=unbound) for visit, logs in near.items() if visit is not None}

    def standing(self, t_s: float) -> tuple[tuple[Person, UUID | None], ...]:
        """Who was seen within `STANDING_S` before `t_s`, and whose visit each belongs to."""
        return tuple(
            (person, self.binding.visit_of(number))
            for number, person in self.binding.last.items()
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
        lost: dict[int, tuple[float, Person]] = {}
        width_m = spot.span[1] - spot.span[0]
        from_s, to_s = times[0] - CLOCKS_S, times[1] + CLOCKS_S
        for person in self.between((from_s - LOST_S, to_s + LOST_S)):
            offset = spot.from_before(person.x_m, person.y_m)
            visit = self.binding.visit_of(person.person)
            if visit not in among if visit is not None else math.hypot(*offset) > STRANGER_M:
                continue
            away_s = max(from_s - person.t_s, person.t_s - to_s, 0.0)
            reached_m = [spot.away_m(*wrist[:3]) for wrist in person.wrists if wrist[3] >= WRIST_SURE]
            if away_s > 0.0:
                if reached_m and COMES_S[0] <= away_s <= COMES_S[1]:
                    around.setdefault(person.person, ([], []))[person.t_s > to_s].append(min(reached_m))
                # Seen shortly before or after, and hidden meanwhile: they cannot be far from there.
                if person.person not in lost or away_s < lost[person.person][0]:
                    lost[person.person] = away_s, person
                continue
            feet.setdefault(person.person, []).append(self._stance.deviations(offset, person.sigma_m, width_m))
            if reached_m:
                wrists.setdefault(person.person, []).append(min(reached_m))
        hands = self._near(spot, (from_s, to_s))

        def log_hands(number: int | None) -> float:
            """Of a camera that saw nobody's hands, they tell nothing of anybody."""
            return sum(log_hand(None if number is None else near.get(number), near.get(None)) for near in hands)

        logs: dict[Actor, float] = {visit: log_reach(None, None) + log_hands(None) for visit in among}
        seen: dict[Actor, float] = {}
        for number, apart in feet.items():
            actor = self.actor(number)
            log = log_reach(nearest(wrists.get(number, ())), nearest(apart)) + log_hands(number)
            log += log_came(*around.get(number, ((), ()))) if number in wrists else 0.0
            log += LOG_STRANGER if actor == number else 0.0
            # Of several people on one visit, the one whose hand it may have been.
            seen[actor] = max(seen.get(actor, log), log)
        for number, (away_s, person) in lost.items():
            visit = self.binding.visit_of(number)
            if visit is not None and number not in feet:
                sigma_m = math.hypot(person.sigma_m, walked_m(away_s))
                away = self._stance.deviations(spot.from_before(person.x_m, person.y_m), sigma_m, width_m)
                log = log_lost(away, self._stance.widened(person.sigma_m, walked_m(away_s))) + log_hands(number)
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

    def stood(self, actor: Actor, spot: Spot, times: Times, p: float) -> None:
        """The actor reached to `spot` then, with probability `p`: so people stand who do."""
        seen: dict[int, list[tuple[float, Person]]] = {}
        for person in self.between((times[0] - CLOCKS_S, times[1] + CLOCKS_S)):
            if self.actor(person.person) == actor:
                offset = spot.from_before(person.x_m, person.y_m)
                seen.setdefault(person.person, []).append((math.hypot(*offset), person))
        if seen:
            # Of several people on one visit, the one whose hand it may have been; of their places, the middle one.
            places = [sorted(each, key=lambda it: it[0])[len(each) // 2] for each in seen.values()]
            _, person = min(places, key=lambda it: it[0])
            self._stance.learn(spot.from_before(person.x_m, person.y_m), person.sigma_m, p)

    def idle(self, times: Times) -> float:
        """How well what was seen then fits somebody who is about and did nothing: a log likelihood, 0 at most.

        On the scale of `reaching`, so that what fits anybody may be weighed against their having been idle.
        """
        return log_idle(len({camera for camera, *_ in self._seen_hands((times[0] - CLOCKS_S, times[1] + CLOCKS_S))}))

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
        for camera, person, away in self._seen_hands(times):
            here = min((away[slot] for slot in spot.slots if slot in away), default=None)
            seen = near.setdefault(camera, {})
            if here is not None:
                seen[person] = min(seen.get(person, here), here)
        return list(near.values())

    def _seen_hands(self, times: Times) -> Iterator[tuple[str, int | None, Mapping[str, float]]]:
        """Which camera saw whose hands then, and how near to which slots; the latest first."""
        for t_s, camera, person, away in reversed(self._hands):
            if t_s < times[0] - LOST_S:
                break
            if times[0] <= t_s <= times[1]:
                yield camera, person, away

    def between(self, times: Times) -> Iterator[Person]:
        """Everybody who was seen between two times, the latest first."""
        return self._positions.between(times)

    def forget(self, t_s: float) -> tuple[int, ...]:
        """Let go of what is too old to be asked about; the people who have been unseen for too long."""
        self._positions.forget(t_s)
        while self._hands and t_s - self._hands[0][0] > KEPT_S:
            self._hands.popleft()
        return self.binding.forget(t_s)


def over_all(spots: Sequence[tuple[Mapping[Actor, float], float]]) -> dict[Actor, float]:
    """How well everybody fits over several places, each with its share: log likelihoods."""
    actors = dict.fromkeys(actor for logs, _ in spots for actor in logs)

    def fits(actor: Actor) -> float:
        # Who was not near one spot at all is not named there: nobody's likelihood stands for theirs.
        return math.log(max(sum(share * math.exp(logs.get(actor, logs[None])) for logs, share in spots), 1e-300))

    return {actor: fits(actor) for actor in actors}
