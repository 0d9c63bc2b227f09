"""A happening: something that a hand did at a shelf, as cameras and plates tell it; what it was, nobody has decided."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from edge.shelves.reading import Reading
from edge.visits.stories.grasps import Stairs, grasped
from edge.visits.stories.story import Actor

DOUBTFUL = 0.7
"""How far a load is trusted that never settled."""

AGAIN = 0.3
"""What is left of a slot's ratio above 1 once the pictures are explained: hands come twice."""


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

    def shares(self, told: frozenset[int]) -> tuple[tuple[str, float], ...]:
        """`over` in a story that has explained the pictures `told` already: they speak for no other change."""
        if not self.looks:
            return self.over
        return tuple((slot, share * self._again(slot, told)) for slot, share in self.over)

    def ratios_left(self, told: frozenset[int]) -> dict[str, float]:
        """`ratios` in a story that has explained the pictures `told` already."""
        return {slot: ratio * self._again(slot, told) for slot, ratio in self.ratios.items()}

    def _again(self, slot: str, told: frozenset[int]) -> float:
        return min(AGAIN / self.ratios[slot], 1.0) if self.looks.get(slot) in told else 1.0

    def looks_of(self, slots: Collection[str | None]) -> frozenset[int]:
        """The pictures that a change in these slots explains."""
        return frozenset(number for slot, number in self.looks.items() if slot in slots)

    def by_grasps(self, pieces_g: Sequence[float]) -> float:
        """The likelihood of the stairs for pieces of so many grams, given that they add up to the load."""
        return grasped(pieces_g, self.stairs)


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
