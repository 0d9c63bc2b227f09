"""Who is in the store and came in with nobody's token, and whether more people are in than it allows.

    a person    seen for `FOLLOWED_S` and at least `SEEN_MIN` times, away from the doors and from where staff are,
                belonging to no visit, while no visit waits for its shopper          → told once, with a visit of theirs
    the crowd   more than the store allows for `CROWDED_S`                           → told
    crowded     not more than it allows for `THINNED_S`                              → told once more

Somebody whom cameras lost and found again looks like a follower: the operator is told of somebody to look at, and
nobody is charged by it. What they are told of a person ends when that person turns out to belong to a visit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edge.tracking.joining.joining import Person

FOLLOWED_S = 10.0
SEEN_MIN = 10
HERE_S = 5.0
"""Unseen for longer, somebody is not counted: cameras see everybody now and then, and doors let people out."""
CROWDED_S, THINNED_S = 2.0, 10.0
PEOPLE_MAX = 10_000
"""So many are remembered; beyond it the ones seen longest ago are forgotten."""

Place = tuple[float, float]


@dataclass(slots=True)
class _Stranger:
    since_s: float
    seen_s: float
    seen_times: int = 0
    told: bool = False


@dataclass(frozen=True, slots=True)
class Follower:
    """A person (the store's number for them) who belongs to no visit, and since when they were seen, in seconds."""

    person: int
    since_s: float


class Followers:
    """Finds those who followed. `at_door` says of a place on the floor whether it does not count."""

    def __init__(self, at_door: Callable[[Place], bool]) -> None:
        self._at_door = at_door
        self._strangers: dict[int, _Stranger] = {}

    def saw(self, t_s: float, strangers: Iterable[Person], *, anybody_awaited: bool) -> tuple[Follower, ...]:
        """Those of the people seen now who belong to no visit; who of them is to be told. In the order of time."""
        found: list[Follower] = []
        for person in strangers:
            if self._at_door((person.x_m, person.y_m)):
                continue
            known = self._strangers.setdefault(person.person, _Stranger(t_s, t_s))
            known.seen_s = t_s
            known.seen_times += 1
            long_enough = t_s - known.since_s >= FOLLOWED_S and known.seen_times >= SEEN_MIN
            if long_enough and not known.told and not anybody_awaited:
                known.told = True
                found.append(Follower(person.person, known.since_s))
        while len(self._strangers) > PEOPLE_MAX:
            del self._strangers[min(self._strangers, key=lambda number: self._strangers[number].seen_s)]
        return tuple(found)

    def belongs(self, person: int) -> None:
        """The person turned out to belong to a visit, or to be another person."""
        self._strangers.pop(person, None)


class Crowd:
    """Counts who is in the store. `people_max`: as many are allowed; None: any number."""

    def __init__(self, people_max: int | None) -> None:
        self._people_max = people_max
        self._seen_s: dict[int, float] = {}
        self._since_s: float | None = None
        """Since when it has been otherwise than what was told."""
        self._told_crowded = False

    @property
    def people(self) -> int:
        """How many are in the store."""
        return len(self._seen_s)

    def saw(self, t_s: float, people: Sequence[Person]) -> int | None:
        """People seen now; how many there are where that is to be told (again)."""
        self._seen_s |= {person.person: t_s for person in people}
        gone = [person for person, seen_s in self._seen_s.items() if t_s - seen_s > HERE_S]
        for person in gone:
            del self._seen_s[person]
        if self._people_max is None or (self.people > self._people_max) is self._told_crowded:
            self._since_s = None
            return None
        if self._since_s is None:
            self._since_s = t_s
        if t_s - self._since_s < (THINNED_S if self._told_crowded else CROWDED_S):
            return None
        self._told_crowded = not self._told_crowded
        return self.people

    def same(self, given_up: int) -> None:
        """That number was another person's."""
        self._seen_s.pop(given_up, None)
