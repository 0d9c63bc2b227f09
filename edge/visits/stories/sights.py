"""What pictures of a slot before and after can mean in a story, and what they mean together with a load."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from edge.shelves.reading import Hypothesis, SlotChange
from edge.visits.stories.happening import Happening, Load
from edge.visits.stories.loads import UNKNOWN_G, LoadReader
from edge.visits.stories.options import COUNT_PRIOR, IMPOSSIBLE, LOG_EACH_ONE, Option, Shop, without
from edge.visits.stories.story import Actor, Part, Piece, Story
from edge.visits.stories.weights import normal

LOG_SIGHT_WRONG = math.log(0.01)
"""How often pictures say something that has nothing to do with what happened."""
WEIGHED_WRONG = 0.02
"""How often a plate says something else of what was seen: another thing went with it, or somebody leaned."""
HANDED = 0.2
"""Prior of seeing a piece put down that another took."""
TOUCHED_G = 8.0
"""What a plate may say of a hand that changed nothing, standard deviation."""
P_MIN = 1e-4
SHARED_MAX, NEAR_MAX = 4, 3
"""Pieces that two people may have shared, and people who may be the two."""


def read_sight(
    story: Story, happening: Happening, shop: Shop, weighed: LoadReader | None, floor: float = -math.inf
) -> Iterator[Option]:
    """Every way to understand what was seen in a slot, with the load beneath it that `weighed` reads.

    Ways whose log weight is beneath `floor` are left out.
    """
    load, sight = happening.load, happening.sight
    assert sight is not None, "called for what was seen"
    for hypothesis in (sight.best, *sight.alternatives):
        if hypothesis.p < P_MIN:
            continue
        for qty in range(1, _counts(hypothesis, load) + 1):
            weight = hypothesis.p * _weighed(hypothesis.changes, qty, load, shop)
            if weight > IMPOSSIBLE and math.log(weight) >= floor:
                yield from _done(story, happening, Doing(hypothesis.changes, qty, math.log(weight)))
    if weighed is not None:
        for option in weighed.read(story, floor - LOG_SIGHT_WRONG):
            yield Option(option.log_p + LOG_SIGHT_WRONG, option.act, option.given, option.moves, option.strange)


def _counts(hypothesis: Hypothesis, load: Load | None) -> int:
    """Pictures show that something of a kind went; how many of it, only a plate can tell."""
    single = len(hypothesis.changes) == 1 and hypothesis.changes[0].qty == 1
    return len(COUNT_PRIOR) if load is not None and single else 1


def _weighed(changes: Sequence[SlotChange], qty: int, load: Load | None, shop: Shop) -> float:
    """The likelihood density of the load for `qty` of each change; 1 where there is no plate."""
    if load is None:
        return 1.0
    if not changes:
        return normal(load.grams, 0.0, TOUCHED_G)
    if any(change.sku is None or not shop.weights.has(change.sku) for change in changes):
        return 1.0 / UNKNOWN_G
    signs = [-1.0 if change.type == "pick" else 1.0 for change in changes]
    if len(set(signs)) == 1:
        parts = [(str(change.sku), qty * change.qty) for change in changes]
        often = COUNT_PRIOR[qty - 1] if len(changes) == 1 else 1.0
        fit = shop.weights.fit_of(parts, replace(load, grams=load.grams * signs[0]))
        fit *= load.by_grasps([shop.weights.grams(sku) for sku, count in parts for _ in range(count)])
        # What was seen may be right though its weight fits no count of it: then it is not that many more.
        return often * (fit + (WEIGHED_WRONG / UNKNOWN_G if qty == 1 else 0.0))
    grams = [change.qty * shop.weights.grams(str(change.sku)) for change in changes]
    due = sum(sign * each for sign, each in zip(signs, grams, strict=True))
    size = sum(grams)
    return normal(load.grams, due, math.hypot(TOUCHED_G, 0.05 * size))


@dataclass(frozen=True, slots=True)
class Doing:
    """Changes of a slot, `qty` times what each says, and the log of their weight."""

    changes: tuple[SlotChange, ...]
    qty: int
    log_p: float


def _done(story: Story, happening: Happening, doing: Doing) -> Iterator[Option]:
    if not doing.changes:
        yield Option(doing.log_p + max(happening.reach.values()), ())
        return
    for actor, log_reach in happening.reach.items():
        yield _by(story, happening, [(actor, change) for change in doing.changes], doing, log_reach)
    if happening.load is None:
        yield from _by_two(story, happening, doing)


def _by_two(story: Story, happening: Happening, doing: Doing) -> Iterator[Option]:
    """Several pieces went from a free shelf, or came, while two people were there: each did a part of it."""
    changes = doing.changes
    pieces = sum(change.qty for change in changes)
    if not 2 <= pieces <= SHARED_MAX or len({change.type for change in changes}) > 1:
        return
    reach = happening.reach
    near = sorted((actor for actor in reach if actor is not None), key=lambda actor: (-reach[actor], str(actor)))
    firsts = [split for split in product(*(range(each.qty + 1) for each in changes)) if 0 < sum(split) < pieces]
    for one, other in combinations(near[:NEAR_MAX], 2):
        log_reach = LOG_EACH_ONE - math.log(len(firsts)) + reach[one] + reach[other]
        for split in firsts:
            done = [
                (actor, replace(change, qty=qty))
                for change, first in zip(changes, split, strict=True)
                for actor, qty in ((one, first), (other, change.qty - first))
                if qty
            ]
            yield _by(story, happening, done, doing, log_reach)


def _by(
    story: Story, happening: Happening, done: Sequence[tuple[Actor, SlotChange]], doing: Doing, log_reach: float
) -> Option:
    slot, load = happening.slot, happening.load
    log_p = doing.log_p + log_reach
    given: dict[Actor, tuple[Piece, ...]] = {}
    moves: dict[tuple[str, str], int] = {}
    act: list[Part] = []
    for actor, change in done:
        owner, qty = actor, doing.qty * change.qty
        if change.sku is not None and change.type == "pick":
            grams = None if load is None or len(done) > 1 else abs(load.grams) / qty
            pieces = (Piece(change.sku, grams, load is None or load.plates == 1),) * qty
            given[actor] = (*given.get(actor, story.cart(actor)), *pieces)
        elif change.sku is not None:
            owner, log_prior = _owner(story, actor, change.sku, qty, given)
            log_p += log_prior
            cart = given.get(owner, story.cart(owner))
            mine = [piece for piece in cart if piece.sku == change.sku][:qty]
            given[owner] = without(cart, mine)
        if change.sku is not None and slot is not None:
            moves[slot, change.sku] = moves.get((slot, change.sku), 0) + (qty if change.type == "put_back" else -qty)
        act.append(Part(owner, change.type, change.sku, qty, slot))
    return Option(log_p, tuple(act), given, moves)


def _owner(
    story: Story, actor: Actor, sku: str, qty: int, given: dict[Actor, tuple[Piece, ...]]
) -> tuple[Actor, float]:
    """From whose cart the pieces came that `actor` put down, and the log of its prior."""

    def has(owner: Actor) -> int:
        return sum(piece.sku == sku for piece in given.get(owner, story.cart(owner)))

    if has(actor) >= qty:
        return actor, 0.0
    for owner in sorted(story.carts, key=str):
        if has(owner) >= qty:
            return owner, math.log(HANDED)
    # Nobody has one, as far as was seen: the reading has weighed already how odd that is.
    return actor, 0.0
