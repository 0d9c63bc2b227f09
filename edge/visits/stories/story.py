"""A story: one account of everything that hands did, from the first interaction to the last.

It says of each happening who changed what, and so knows what everybody carries and what stands where. Stories are never
changed; what happens next makes new ones of them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

Actor = UUID | int | None
"""Whose hand it was: a visit, a person without one (by number), or nobody that any camera follows."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A thing that somebody carries or that was put down: what it weighed then (grams), None where no plate told.

    `whole`: all of it stood on one plate; a bag that stands on several leans on what is beside it, and weighs less.
    """

    sku: str
    grams: float | None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """`qty` pieces of a product (None: one that nobody knows) that an actor's cart gained or lost."""

    actor: Actor
    type: Literal["pick", "put_back"]
    sku: str | None
    qty: int
    slot: str | None


SHOWN_MAX = 256
"""Pictures of which the last so many may still be asked about."""

Act = tuple[Part, ...]
"""What one happening changed in carts; nothing is a touch."""
Cart = tuple[Piece, ...]
Stock = Mapping[str, Mapping[str, int]]
Exchanges = tuple[tuple[UUID, UUID], ...]
"""Visits whose people cameras follow under each other's numbers: whom they say, and who that is."""


@dataclass(frozen=True, slots=True)
class Story:
    """`log_p` is the log of its weight among the stories that are told."""

    log_p: float = 0.0
    carts: Mapping[Actor, Cart] = field(default_factory=dict)
    stock: Stock = field(default_factory=dict)
    """How many pieces more (or fewer) than the planogram says stand in each slot, by product."""
    strange: tuple[tuple[str, float], ...] = ()
    """What stands on boards and is nobody's to sell, or only leans there: board, grams."""
    shown: frozenset[int] = frozenset()
    """Pictures, by number, that a change which this story tells explains; of late ones."""
    acts: Mapping[int, Act] = field(default_factory=dict)
    """By number of the happening."""
    whose: Mapping[UUID, UUID] = field(default_factory=dict)
    """Visits whose people cameras follow under each other's numbers: whom they say, and who that is. Others are
    themselves."""

    def who(self, visit: UUID) -> UUID:
        """Who it is whom cameras say to be of `visit`."""
        return self.whose.get(visit, visit)

    @property
    def exchanges(self) -> Exchanges:
        """`whose`, in order: equal where nothing differs."""
        return tuple(sorted(self.whose.items()))

    def exchanged(self, one: UUID, other: UUID) -> "Story":
        """The story in which cameras exchanged two visits' people just now."""
        return replace(self, whose=only_others({**self.whose, one: self.who(other), other: self.who(one)}))

    def said_anew(self, whose: Mapping[UUID, UUID]) -> "Story":
        """The same story, where those who were said to be of one visit are said from now on to be `whose` they are."""
        named = {whose.get(said, said): self.who(said) for said in dict.fromkeys((*whose, *self.whose))}
        return replace(self, whose=only_others(named))

    def cart(self, actor: Actor) -> Cart:
        """What the actor carries."""
        return self.carts.get(actor, ())

    def goes_on(
        self,
        log_p: float,
        number: int,
        act: Act,
        *,
        given: Mapping[Actor, Cart] | None = None,
        stock: Mapping[tuple[str, str], int] | None = None,
        strange: tuple[tuple[str, float], ...] | None = None,
        shown: frozenset[int] = frozenset(),
    ) -> "Story":
        """The story in which `act` happened next: carts that are other now, and pieces that came into or left slots."""
        return replace(
            self,
            log_p=self.log_p + log_p,
            carts=self.carts if given is None else {**self.carts, **given},
            stock=self.stock if not stock else _moved(self.stock, stock),
            strange=self.strange if strange is None else strange,
            acts={**self.acts, number: act},
            shown=self.shown if not shown else _late(self.shown | shown),
        )

    def renamed(self, actor: Actor, known: Actor) -> "Story":
        """The story in which `known` did what `actor` did."""
        carts = dict(self.carts)
        moved = carts.pop(actor, ())
        if moved:
            carts[known] = (*carts.get(known, ()), *moved)
        acts = {
            number: tuple(replace(part, actor=known) if part.actor == actor else part for part in act)
            for number, act in self.acts.items()
        }
        return replace(self, carts=carts, acts=acts)

    @property
    def state(self) -> tuple[object, ...]:
        """What the future depends on, and what is not settled of the past: equal stories are one."""
        carts = tuple(sorted(((str(actor), cart) for actor, cart in self.carts.items() if cart), key=str))
        stock = tuple(sorted((slot, *sorted(skus.items())) for slot, skus in self.stock.items() if any(skus.values())))
        acts = tuple(sorted(self.acts.items(), key=lambda item: item[0]))
        return carts, stock, self.strange, acts, self.exchanges, self.shown


def only_others(whose: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Without those who are themselves."""
    return {said: true for said, true in whose.items() if said != true}


def _late(shown: frozenset[int]) -> frozenset[int]:
    last = max(shown)
    return frozenset(number for number in shown if number > last - SHOWN_MAX)


def _moved(stock: Stock, moves: Mapping[tuple[str, str], int]) -> Stock:
    moved: dict[str, Mapping[str, int]] = dict(stock)
    for (slot, sku), qty in moves.items():
        here = dict(moved.get(slot, {}))
        here[sku] = here.get(sku, 0) + qty
        moved[slot] = here
    return moved


def log_sum(values: list[float]) -> float:
    """The log of the sum of what `values` are the logs of."""
    most = max(values, default=-math.inf)
    return most if most == -math.inf else most + math.log(sum(math.exp(value - most) for value in values))
