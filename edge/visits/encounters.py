"""Close encounters: after which two people may each go on under the other's number.

Where two stand so close that places cannot tell them apart, whoever follows them may leave with the wrong one. So every
two people who came within `CLOSE_M` of each other and are more than `PARTED_M` apart again are told, with how near they
came, how alike they look, and how much places stir in this store: how far somebody is in the middle of two seconds from
halfway between where they were at the beginning and at the end. (Who walks evenly, or stands, is there; so it is what
cameras are wrong by, mostly, whatever they say themselves.) How probable an exchange is then, the stories weigh with
everything that is known of both (stories/telling.py).

    state     on                                        to
    apart     both seen within CLOSE_M                  close
    close     seen nearer than before                   close, and that near
    close     both seen more than PARTED_M apart        apart, and told
    close     one of them not seen for LOST_S           apart, and told
    close     one of them not seen for RENEWED_S, and   apart, and told: which of the two has the new number, and which
              somebody new is seen near by              the old one, places hardly tell
"""

import math
import statistics
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from edge.tracking.appearance import Appearance, look_odds
from edge.tracking.joining.joining import Person

CLOSE_M, PARTED_M = 0.9, 1.2
FRESH_S = 0.5
"""Two are compared who were seen within this time of each other."""
LOST_S = 30.0
RENEWED_S, RENEWED_M = 0.3, 3.0
RENEWED = 0.3
"""How often, where cameras lose one of two and find somebody with a new number, the old one is now the other's."""
PAIRS_MAX = 500
"""So many encounters are followed at once; beyond it the ones that began first are told."""
STEP_S, STEP_MAX_S = 1.0, 1.5
STIRS_MAX, STIRS_MIN = 300, 10
STIR_M = 0.08
"""How much places stir until enough is known of it."""
EXCHANGED_M2, EXCHANGED_MAX, EXCHANGED_NEVER = 1.5, 0.12, 0.002
"""How often two who stood in one place are exchanged, for each square metre that places stir (their square), and at
most; and however far. In simulated stores whose places stir by 7 cm none of 109 were, by 15 cm one number in 20 is
another's after an encounter, by 25 cm one in six."""
STIRS_APART = 3.0
"""How many stirs they may be apart, standard deviation, until that hardly happens."""

QUEUE_S = 10.0
"""Who scans within as long of another may have been taken for them at the gate."""
MIXED_UP_M3, MIXED_UP_MAX, MIXED_UP_MIN = 12.0, 0.2, 1e-4
"""How often that happens, for each cubic metre that places stir (their cube), at most and at least: in simulated stores
to one of 288 where places stir by 7 cm, and to one in seven where they stir by 20 cm and people stand at the door."""
CLEAR_STIRS = 3.0
"""How many stirs worse an exchange must fit the scans to be e times less probable. Of 98 such pairs in ten simulated
films three quarters would fit worse by more than a metre, exchanged; the one that was mixed up fits 0.8 m better."""


@dataclass(frozen=True, slots=True)
class Encounter:
    """Two people (numbers of the store) who came as near to each other as `closest_m`; places stir by `stir_m`."""

    one: int
    other: int
    closest_m: float
    stir_m: float
    renewed: bool = False
    """One of them was lost there, and somebody with a new number found."""
    alike: float = 1.0
    """0 to 1: how much less probable it is than of two who look the same, because these look otherwise."""

    @property
    def exchanged(self) -> float:
        """How probably both go on under each other's number."""
        if self.renewed:
            return RENEWED
        near = self.closest_m / (self.stir_m * STIRS_APART)
        at_most = min(EXCHANGED_M2 * self.stir_m**2, EXCHANGED_MAX) * self.alike
        return EXCHANGED_NEVER + at_most * math.exp(-0.5 * near * near)


class Encounters:
    """Follows who is close to whom."""

    def __init__(self) -> None:
        self._last: dict[int, Person] = {}
        self._closest_m: dict[tuple[int, int], float] = {}
        self._steps: dict[int, tuple[Person, ...]] = {}
        self._looks: dict[int, Appearance] = {}
        """Of those in `_last`, where cameras tell it."""
        self._stirs_m: deque[float] = deque(maxlen=STIRS_MAX)

    @property
    def stir_m(self) -> float:
        """How much places stir: the median."""
        return max(statistics.median(self._stirs_m), 0.01) if len(self._stirs_m) >= STIRS_MIN else STIR_M

    def mixed_up(self, swapped_m: float) -> float:
        """How probably two who scan one after the other were taken for each other at the gate.

        `swapped_m` is how much worse that fits their scans, in metres (binding.py).
        """
        fits = math.exp(-max(swapped_m, 0.0) / (CLEAR_STIRS * self.stir_m))
        return max(min(MIXED_UP_M3 * self.stir_m**3, MIXED_UP_MAX) * fits, MIXED_UP_MIN)

    def saw(self, people: Iterable[Person]) -> tuple[Encounter, ...]:
        """People seen now, in the order of time; the encounters that are over with it."""
        over: list[Encounter] = []
        for person in people:
            if person.person not in self._last:
                over += self._renewed(person)
            self._last[person.person] = person
            self._look(person)
            self._step(person)
            for other in self._last.values():
                if other.person == person.person or person.t_s - other.t_s > FRESH_S:
                    continue
                pair = (min(person.person, other.person), max(person.person, other.person))
                apart_m = math.hypot(person.x_m - other.x_m, person.y_m - other.y_m)
                if apart_m <= CLOSE_M:
                    self._closest_m[pair] = min(self._closest_m.get(pair, apart_m), apart_m)
                elif apart_m > PARTED_M and pair in self._closest_m:
                    over.append(self._told(pair))
            over += self._lost(person.t_s)
        return tuple(over)

    def same(self, given_up: int, person: int) -> None:
        """One person had two numbers: they did not meet themselves."""
        self._last.pop(given_up, None)
        self._steps.pop(given_up, None)
        self._looks.pop(given_up, None)
        renamed: dict[tuple[int, int], float] = {}
        for (one, other), closest_m in self._closest_m.items():
            a, b = (person if number == given_up else number for number in (one, other))
            if a != b:
                pair = (min(a, b), max(a, b))
                renamed[pair] = min(renamed.get(pair, closest_m), closest_m)
        self._closest_m = renamed

    def _look(self, person: Person) -> None:
        if person.look is not None:
            look, known = np.array(person.look, np.float32), self._looks.get(person.person)
            self._looks[person.person] = Appearance(look) if known is None else known.with_(look)

    def _step(self, person: Person) -> None:
        steps = self._steps.get(person.person, ())
        if steps and person.t_s - steps[-1].t_s < STEP_S:
            return
        if steps and person.t_s - steps[-1].t_s > STEP_MAX_S:
            steps = ()
        steps = (*steps[-2:], person)
        self._steps[person.person] = steps
        if len(steps) == 3:
            first, middle, last = steps
            self._stirs_m.append(
                math.hypot(middle.x_m - (first.x_m + last.x_m) / 2.0, middle.y_m - (first.y_m + last.y_m) / 2.0)
            )

    def _renewed(self, person: Person) -> list[Encounter]:
        """The encounters in which one was lost whom `person`, seen for the first time, may be."""
        pairs = []
        for pair in self._closest_m:
            lost = [self._last[number] for number in pair if person.t_s - self._last[number].t_s > RENEWED_S]
            if len(lost) == 1 and math.hypot(lost[0].x_m - person.x_m, lost[0].y_m - person.y_m) <= RENEWED_M:
                pairs.append(pair)
        return [replace(self._told(pair), renewed=True) for pair in pairs]

    def _told(self, pair: tuple[int, int]) -> Encounter:
        return Encounter(*pair, self._closest_m.pop(pair), self.stir_m, alike=self._alike(*pair))

    def _alike(self, one: int, other: int) -> float:
        """Twice the probability that the looks of two people are one person's, by the odds; 1 at most, and unseen."""
        known, look = self._looks.get(one), self._looks.get(other)
        if known is None or look is None:
            return 1.0
        odds = float(look_odds([known], look.mean[None])[0, 0])
        return min(2.0 / (1.0 + math.exp(-odds)), 1.0)

    def _lost(self, t_s: float) -> list[Encounter]:
        gone = [number for number, person in self._last.items() if t_s - person.t_s > LOST_S]
        if not gone and len(self._closest_m) <= PAIRS_MAX:
            return []
        for number in gone:
            del self._last[number]
            self._steps.pop(number, None)
            self._looks.pop(number, None)
        ended = [pair for pair in self._closest_m if pair[0] not in self._last or pair[1] not in self._last]
        ended = ended or list(self._closest_m)[: len(self._closest_m) - PAIRS_MAX]
        return [self._told(pair) for pair in ended]
