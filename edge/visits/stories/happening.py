"""A happening: something that a hand did at a shelf, as cameras and plates tell it; what it was, nobody has decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from edge.shelves.reading import Reading
from edge.visits.stories.story import Actor

DOUBTFUL = 0.7
"""How far a load is trusted that never settled."""


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
