"""A happening: something that a hand did at a shelf, as cameras and plates tell it; what it was, nobody has decided."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from edge.shelves.reading import Reading
from edge.visits.stories.grasps import Stairs, grasped
from edge.visits.stories.story import Actor

DOUBTFUL = 0.7
"""How far a load is trusted that never settled."""

AGAIN = 1.0
"""What is left of a slot's ratio above 1 once the pictures are explained: they say nothing more, for or against it."""


@dataclass(frozen=True, slots=True)
class Load:
    """A board's load changed by `grams`. `over` says which slots lie over the plates, and with what share of them."""

    board: str
    grams: float
    over: tuple[tuple[str, float], ...]
    plates: int
    doubtful: bool = False
    ratios: Mapping[str, float] = field(default_factory=dict)
    """Of a whole gondola: how much likelier what cameras saw of each slot is if something changed there."""
    sigma_g: float = 5.0
    """How wrong `grams` may be, standard deviation."""
    stairs: Stairs = ()
    """What it is made of, where that is known: grasp by grasp, by time."""

    looks: Mapping[str, int] = field(default_factory=dict)
    """Of a whole gondola: of which pictures, by number, a slot's ratio above 1 is. They may show a change for long, for
    people stand before it, and are explained by one change of load."""

    echoes: Mapping[str, float] = field(default_factory=dict)
    """Of a whole gondola: how much likelier what pictures show of a slot is if something changed in one beside it."""
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a whole gondola: the slots beside each."""

    def shares(self, told: frozenset[int]) -> tuple[tuple[str, float], ...]:
        """`over` in a story that has explained the pictures `told` already: they speak for no other change."""
        if not self.looks:
            return self.over
        return tuple((slot, share * self._again(slot, told)) for slot, share in self.over)

    def echo(self, slots: Collection[str]) -> float:
        """How much of what pictures of all of `slots` show some of them show without the others: 1 or more.

        For of two slots beside each other the one that shows less may show no more than what changed in the other.
        """
        weaker = {
            min(slot, other, key=lambda it: (self.ratios.get(it, 0.0), it))
            for slot in slots
            for other in self.beside.get(slot, ())
            if other in slots
        }
        return math.prod(max(self.echoes.get(slot, 1.0), 1.0) for slot in weaker)

    def ratios_left(self, told: frozenset[int]) -> dict[str, float]:
        """`ratios` in a story that has explained the pictures `told` already."""
        return {slot: ratio * self._again(slot, told) for slot, ratio in self.ratios.items()}

    def _again(self, slot: str, told: frozenset[int]) -> float:
        return min(AGAIN / self.ratios[slot], 1.0) if self.looks.get(slot) in told else 1.0

    def looks_of(self, slots: Collection[str | None]) -> frozenset[int]:
        """The pictures that a change in these slots explains."""
        return frozenset(number for slot, number in self.looks.items() if slot in slots)

    def by_grasps(self, pieces_g: Sequence[float], slots: Sequence[str] = ()) -> float:
        """The likelihood of the stairs for pieces of so many grams, given that they add up to the load.

        `slots` says of each where it was, where they are not all of one.
        """
        return grasped(pieces_g, self.stairs, slots)


@dataclass(frozen=True, slots=True)
class Happening:
    """`reach` is the log likelihood of every actor who may have been the one.

    At least one of `load` and `sight` is there; both, where a camera watches a slot that stands on plates.
    """

    number: int
    at_s: float | None
    """When the hand took or put, where that is known."""
    slot: str | None
    reach: Mapping[Actor, float]
    load: Load | None = None
    sight: Reading | None = None
    reach_at: Mapping[str, Mapping[Actor, float]] = field(default_factory=dict)
    """The same by slot, where it is not known in which of them the hand was; `reach` is over all of them then."""

    seen_hands: frozenset[Actor] = frozenset()
    """Of whom cameras saw where their hands were."""

    idle: float = 0.0
    """The log likelihood, on the scale of `reach`, of somebody who is about and did nothing: 0 at most. At 0 nobody is
    weighed against it."""

    def reach_of(self, slot: str | None) -> Mapping[Actor, float]:
        """The log likelihood of every actor whose hand may have been in `slot`."""
        return self.reach_at.get(slot or "", self.reach)

    def by(self, whose: Mapping[UUID, UUID]) -> "Happening":
        """The same where those whom cameras say are `whose` they really are."""
        if not whose:
            return self

        def one(actor: Actor) -> Actor:
            return whose.get(actor, actor) if isinstance(actor, UUID) else actor

        def really(logs: Mapping[Actor, float]) -> dict[Actor, float]:
            return {one(actor): log for actor, log in logs.items()}

        return replace(
            self,
            reach=really(self.reach),
            reach_at={slot: really(logs) for slot, logs in self.reach_at.items()},
            seen_hands=frozenset(one(actor) for actor in self.seen_hands),
        )

    @property
    def trust(self) -> float:
        """How probable it is that any of what can be read from it is what happened."""
        if self.sight is not None:
            return min(self.sight.best.p + sum(lost.p for lost in self.sight.alternatives), 1.0)
        return DOUBTFUL if self.load is not None and self.load.doubtful else 1.0
