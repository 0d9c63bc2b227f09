"""What may have happened next, in a story: every way to read a happening, with its weight."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from edge.visits.stories.happening import Happening
from edge.visits.stories.story import Act, Actor, Cart, Part, Piece, Story
from edge.visits.stories.weights import Weights
from protocol.store import Store

COUNT_PRIOR = (0.8, 0.14, 0.04, 0.02)
"""How often people take one piece, two, three, four in one reach."""
LOG_EACH_ONE = math.log(40.0)
"""Two equal pieces go while two hands are in the slot: how much likelier each has one than that one hand has both.

A hand takes one piece far more often than two, and hardly ever lies in a slot for nothing. Of two hands that
were seen the one that fits less well counts by its likelihood squared: people who stand there hold their hands near.
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

    def follow(self, story: Story, happening: Happening) -> Story:
        """The story that goes on like this."""
        load = happening.load
        return story.goes_on(
            self.log_p,
            happening.number,
            self.act,
            given=self.given or None,
            stock=self.moves or None,
            strange=self.strange,
            shown=frozenset() if load is None else load.looks_of([part.slot for part in self.act]),
        )


@dataclass(frozen=True, slots=True)
class Shop:
    """What every story begins with: which products belong where, how many of each, and what one weighs."""

    belongs: Mapping[str, Mapping[str, int]]
    """By slot: SKU → how many. One product in a slot, any number on a free shelf."""
    weights: Weights

    @staticmethod
    def of(store: Store) -> "Shop":
        """As the store file says it."""
        belongs: dict[str, dict[str, int]] = {}
        for facing in store.planogram:
            belongs.setdefault(facing.slot, {})[facing.sku] = facing.stock
        return Shop(belongs, Weights(store.products))

    def stands(self, story: Story, slot: str) -> dict[str, int]:
        """What a story says stands in a slot: SKU → how many, none left out that belongs there."""
        here = dict(story.stock.get(slot, {}))
        for sku, count in self.belongs.get(slot, {}).items():
            here[sku] = here.get(sku, 0) + count
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


def taken_by(story: Story, happening: Happening, whats: Sequence[What], floor: float = -math.inf) -> Iterator[Option]:
    """Every actor, and where two pieces went every two actors, for everything that may have been taken.

    Ways whose log weight is beneath `floor` are left out.
    """
    reach = happening.reach
    most = max(reach.values())
    for what in whats:
        log_what = math.log(what.weight)
        if log_what + most + LOG_EACH_ONE < floor:
            continue
        if not what.goods:
            yield Option(log_what + most, (), strange=what.strange)
            continue
        pieces = _pieces(what)
        moves = _moves(what)
        places = [happening.reach_of(slot) for _, _, slot in what.goods]
        for actor in reach:
            log_reach = sum(place.get(actor, place[None]) for place in places) / len(places)
            if log_what + log_reach >= floor:
                act = tuple(Part(actor, "pick", sku, qty, slot) for sku, qty, slot in what.goods)
                yield Option(
                    log_what + log_reach, act, {actor: (*story.cart(actor), *pieces)}, moves, strange=what.strange
                )
        if len(pieces) == 2:
            yield from _shared(story, happening, what, pieces, floor)


def _shared(story: Story, happening: Happening, what: What, pieces: Cart, floor: float) -> Iterator[Option]:
    """Two people took one piece each at the same moment."""
    moves = _moves(what)
    goods = [(sku, slot) for sku, qty, slot in what.goods for _ in range(qty)]
    alike = goods[0] == goods[1]
    log_what = math.log(what.weight) + LOG_EACH_ONE - (0.0 if alike else math.log(2.0))
    here, there = (happening.reach_of(slot) for _, slot in goods)
    for first, log_first in here.items():
        for second, log_second in there.items():
            if first is None or second is None:
                continue
            log_p = log_what + log_first + log_second
            if {first, second} <= happening.seen_hands:
                log_p += min(log_first, log_second)
            if log_p < floor or first == second or (alike and str(first) > str(second)):
                continue
            act = tuple(
                Part(actor, "pick", sku, 1, slot) for actor, (sku, slot) in zip((first, second), goods, strict=True)
            )
            given: dict[Actor, Cart] = {
                first: (*story.cart(first), pieces[0]),
                second: (*story.cart(second), pieces[1]),
            }
            yield Option(log_p, act, given, moves, strange=what.strange)


def _moves(what: What) -> Moves:
    return {(slot, sku): -qty for sku, qty, slot in what.goods if sku is not None and slot is not None}


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
