"""What may have happened next, in a story: every way to read a happening, with its weight."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from edge.visits.stories.happening import Happening
from edge.visits.stories.story import Act, Actor, Cart, Part, Piece, Story
from edge.visits.stories.weights import Weights
from protocol.store import Store

COUNT_PRIOR = (0.8, 0.14, 0.04, 0.02)
"""How often people take one piece, two, three, four in one reach."""
EACH_ONE = 25.0
"""Two equal pieces go while two hands are in the slot: how much likelier each has one than that one hand has both.

A hand takes one piece far more often than two, and hardly ever lies in a slot for nothing.
"""
WHATS_MAX = 10
NEGLIGIBLE = 1e-6
IMPOSSIBLE = 1e-200
"""Smaller weights are as good as none, and priors times them would be none in floating point."""

Given = Mapping[Actor, Cart]
Moves = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on with a story: see `Story.goes_on`."""

    log_p: float
    act: Act
    given: Given = field(default_factory=dict)
    moves: Moves = field(default_factory=dict)
    strange: tuple[tuple[str, float], ...] | None = None

    def follow(self, story: Story, number: int) -> Story:
        """The story that goes on like this."""
        return story.goes_on(
            self.log_p, number, self.act, given=self.given or None, stock=self.moves or None, strange=self.strange
        )


@dataclass(frozen=True, slots=True)
class Shop:
    """What every story begins with: which product belongs where, how many of it stand there, and what one weighs."""

    homes: Mapping[str, str]
    counts: Mapping[str, int]
    weights: Weights

    @staticmethod
    def of(store: Store) -> "Shop":
        """As the store file says it."""
        homes = {facing.slot: facing.sku for facing in store.planogram}
        return Shop(homes, {facing.slot: facing.stock for facing in store.planogram}, Weights(store.products))

    def stands(self, story: Story, slot: str) -> dict[str, int]:
        """What a story says stands in a slot: SKU → how many, none left out that belongs there."""
        here = dict(story.stock.get(slot, {}))
        home = self.homes.get(slot)
        if home is not None:
            here[home] = here.get(home, 0) + self.counts[slot]
        return here


@dataclass(frozen=True, slots=True)
class What:
    """What left a board or came onto it, whoever did it: SKU (None: nobody knows it), how many, slot."""

    weight: float
    goods: tuple[tuple[str | None, int, str | None], ...]
    grams: float | None
    whole: bool = True
    strange: tuple[tuple[str, float], ...] | None = None


def best_of(whats: Iterable[What]) -> list[What]:
    """Those worth telling."""
    ranked = sorted(
        (what for what in whats if what.weight > IMPOSSIBLE), key=lambda what: (-what.weight, str(what.goods))
    )
    return [what for what in ranked[:WHATS_MAX] if what.weight >= NEGLIGIBLE * ranked[0].weight]


def taken_by(story: Story, happening: Happening, whats: Iterable[What]) -> Iterator[Option]:
    """Every actor, and where two pieces went every two actors, for everything that may have been taken."""
    reach = happening.reach
    for what in whats:
        log_what = math.log(what.weight)
        if not what.goods:
            yield Option(log_what + max(reach.values()), (), strange=what.strange)
            continue
        moves = {(slot, sku): -qty for sku, qty, slot in what.goods if sku is not None and slot is not None}
        for actor, log_reach in happening.reach_of(what.goods[0][2]).items():
            act = tuple(Part(actor, "pick", sku, qty, slot) for sku, qty, slot in what.goods)
            given = {actor: (*story.cart(actor), *_pieces(what))}
            yield Option(log_what + log_reach, act, given, moves)
        yield from _shared(story, reach, what, moves)


def _shared(story: Story, reach: Mapping[Actor, float], what: What, moves: Moves) -> Iterator[Option]:
    """Two people took one piece each at the same moment."""
    pieces = _pieces(what)
    if len(pieces) != 2:
        return
    goods = [(sku, slot) for sku, qty, slot in what.goods for _ in range(qty)]
    followed = [actor for actor in reach if actor is not None]
    for first in followed:
        for second in followed:
            if first == second or (goods[0] == goods[1] and str(first) > str(second)):
                continue
            orders = 1.0 if goods[0] == goods[1] else 2.0
            log_p = math.log(what.weight * EACH_ONE / orders) + reach[first] + reach[second]
            act = tuple(
                Part(actor, "pick", sku, 1, slot) for actor, (sku, slot) in zip((first, second), goods, strict=True)
            )
            given: dict[Actor, Cart] = {
                first: (*story.cart(first), pieces[0]),
                second: (*story.cart(second), pieces[1]),
            }
            yield Option(log_p, act, given, moves)


def _pieces(what: What) -> tuple[Piece, ...]:
    """The pieces that are carried away; of what nobody knows nothing is remembered."""
    count = sum(qty for _, qty, _ in what.goods)
    grams = None if what.grams is None else what.grams / count
    alone = len(what.goods) == 1
    return tuple(
        Piece(sku, grams if alone else None, what.whole)
        for sku, qty, _ in what.goods
        if sku is not None
        for _ in range(qty)
    )


def without(cart: Cart, pieces: Iterable[Piece]) -> Cart:
    """The cart after `pieces`, which are in it, have been taken out."""
    left = list(cart)
    for piece in pieces:
        left.remove(piece)
    return tuple(left)
