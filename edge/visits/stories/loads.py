"""What a change of a board's load can mean: what was taken from it, or put down on it.

What is taken stood there by planogram and belief, mostly, and weighs what its product weighs. What is put down was
taken before: its candidates are the pieces that people carry, at the weight measured when each was taken, and mostly
they go home. What fits nothing is no piece of the store's: somebody's own bag, or an elbow; it stays nobody's when it
goes again.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from edge.shelves.pairing import is_wide
from edge.visits.stories.happening import Happening, Load
from edge.visits.stories.options import COUNT_PRIOR, IMPOSSIBLE, Option, Shop, What, best_of, taken_by, without
from edge.visits.stories.story import Actor, Part, Piece, Story
from edge.visits.stories.weights import again_fit, normal
from edge.visits.stories.wide import read_wide

EMPTY = 0.1
"""Prior of a product of which none should be left, against one of which there is."""
LACKING = 0.3
"""The same for taking more than should be there."""
FRONT_MAX = 3
"""So many pieces of a product stand in front, where a hand takes them, at most."""
ELSEWHERE = 0.02
"""Prior weight of everything that does not belong where it was taken, against what does."""
ELSEWHERE_MAX = 4
TWO_KINDS = 0.02
"""How often pieces of two products go, or come, in one change of load."""
KINDS_MAX = 8
CARRIED_MAX = 12
UNKNOWN_G = 2_000.0
"""A thing that nobody knows may weigh anything up to this."""
UNKNOWN = 0.01
STRANGE_GOES = 0.5
"""How likely it is that what lies on a board and is nobody's to sell is what goes from it."""
HAND, HAND_G = 0.02, 25.0
"""How often a hand lifts a thing a little without taking it, and by how much."""
HAND_TAKES, HAND_MAX_G = 0.3, 90.0
"""How often what rested on a board lightly, or lifted it, was the hand that takes something now."""
LEANS_TAKES, LEANS_MAX_G = 0.03, 10_000.0
"""The same of a whole gondola, on which people lean."""
AWAY = 0.25
"""Prior of putting a piece down where it does not belong, against its home."""
HANDED = 0.02
"""Prior of putting down what another took: it was handed over, or whose hand it was is wrong."""
RESTOCKED, RESTOCKED_UNSEEN = 0.3, 0.05
RESTOCKED_MAX = 10
"""Prior of new pieces in the hand of somebody without a visit, who may be staff, or whom no camera follows; and how
many at once."""
MISSED = 0.001
"""Prior of a shopper's putting down a piece of the store's that was never seen being taken."""
STRANGE_MAX = 20


@dataclass(frozen=True, slots=True)
class Homes:
    """The products whose slots lie over a load, each with its slot; and the slot that lies most over it.

    `shares`: under a whole gondola, which share of a change lies in each slot; there `belongs` says whose home it is.
    """

    of: Mapping[str, str]
    main: str | None
    shares: Mapping[str, float] = field(default_factory=dict)
    belongs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    _found: dict[str, tuple[str, float]] = field(default_factory=dict)

    def where(self, sku: str) -> tuple[str | None, float]:
        """Where a piece of `sku` that is put down most likely comes to stand, and the prior of that.

        Narrow plates say by themselves where. Under a whole gondola its home is likely, and what changed by pictures.
        """
        if not self.shares:
            return self.of.get(sku, self.main), (1.0 if sku in self.of else AWAY)
        if sku not in self._found:
            weights = (
                ((1.0 if sku in self.belongs.get(slot, ()) else AWAY) * share, slot)
                for slot, share in self.shares.items()
            )
            prior, slot = max(weights)
            self._found[sku] = slot, prior
        return self._found[sku]


class LoadReader:
    """Reads one load in many stories: what does not depend on the story is reckoned once."""

    def __init__(self, happening: Happening, load: Load, shop: Shop) -> None:
        self._happening = happening
        self._load = load
        self._shop = shop
        self._taken: dict[tuple[object, ...], list[What]] = {}
        self._homes = Homes(
            {sku: slot for slot, _ in reversed(load.over) for sku in shop.belongs.get(slot, ())},
            load.over[0][0] if load.over else None,
            dict(load.over) if is_wide(load.board) else {},
            shop.belongs,
        )
        self._new = list(_new(happening, load, shop, self._homes)) if load.grams >= 0.0 else []

    def read(self, story: Story, floor: float = -math.inf) -> Iterator[Option]:
        """Every way to understand the load in `story`, but for those whose log weight is beneath `floor`."""
        if self._load.ratios:
            yield from read_wide(story, self._happening, self._load, self._shop, floor)
        if self._load.grams >= 0.0:
            yield from self._put(story, floor)
            return
        shown = story.shown.intersection(self._load.looks.values())
        stock = (tuple(sorted(story.stock.get(slot, {}).items())) for slot, _ in self._load.over)
        key = (story.strange, shown, *stock)
        whats = self._taken.get(key)
        if whats is None:
            whats = self._taken[key] = best_of(taken(story, self._load, self._shop))
        yield from taken_by(story, self._happening, whats, floor)

    def _put(self, story: Story, floor: float) -> Iterator[Option]:
        happening, load, homes = self._happening, self._load, self._homes
        carried = {
            owner: list(_carried(story, owner, load, self._shop, homes)) for owner, cart in story.carts.items() if cart
        }
        for actor, log_reach in happening.reach.items():
            for owner, groups in carried.items():
                log_prior = log_reach if owner == actor else log_reach + math.log(HANDED)
                for weight, pieces in groups:
                    log_p = math.log(weight) + log_prior
                    if log_p >= floor and (owner == actor or len(pieces) == 1):
                        yield _option(story, owner, pieces, log_p, homes)
        yield from (option for option in self._new if option.log_p >= floor)
        strange = (*story.strange, (load.board, load.grams))[-STRANGE_MAX:]
        alone = load.by_grasps([load.grams])
        yield Option(math.log(alone * UNKNOWN / UNKNOWN_G) + max(happening.reach.values()), (), strange=strange)
        for number, (board, left_g) in enumerate(story.strange):
            if board == load.board and left_g < 0.0:
                others = (*story.strange[:number], *story.strange[number + 1 :])
                weight = alone * STRANGE_GOES * again_fit(load.grams, -left_g, whole=False)
                if weight > IMPOSSIBLE:
                    yield Option(math.log(weight) + max(happening.reach.values()), (), strange=others)


def _new(happening: Happening, load: Load, shop: Shop, homes: Homes) -> Iterator[Option]:
    """Pieces that nobody was seen to take."""
    for actor, log_reach in happening.reach.items():
        new = new_pieces(actor)
        for sku in homes.of:
            slot, prior = homes.where(sku)
            if not shop.weights.has(sku) or slot is None:
                continue
            for qty in range(1, (1 if isinstance(actor, UUID) else RESTOCKED_MAX) + 1):
                fit = shop.weights.fit(sku, qty, load) * load.by_grasps([shop.weights.grams(sku)] * qty)
                weight = prior * new / qty * fit
                if weight > IMPOSSIBLE:
                    act = (Part(actor, "put_back", sku, qty, slot),)
                    yield Option(math.log(weight) + log_reach, act, moves={(slot, sku): qty})


def taken(story: Story, load: Load, shop: Shop) -> Iterator[What]:
    """What may have been taken from the board."""
    grams, whole = -load.grams, load.plates == 1
    goes = replace(load, grams=grams)
    yield from _goods(story, goes, shop, 1.0, None)
    alone = load.by_grasps([grams])
    yield What(alone * UNKNOWN / UNKNOWN_G, ((None, 1, None),), grams, whole)
    # A hand that lifts a little and takes nothing; when it lets go, as much comes back.
    lifted = (*story.strange, (load.board, load.grams))[-STRANGE_MAX:]
    yield What(alone * HAND * normal(grams, 0.0, math.hypot(HAND_G, load.sigma_g)), (), grams, whole, lifted)
    for number, (board, left_g) in enumerate(story.strange):
        if board != load.board:
            continue
        others = (*story.strange[:number], *story.strange[number + 1 :])
        if left_g > 0.0:
            yield What(alone * STRANGE_GOES * again_fit(grams, left_g, whole=False), (), grams, whole, others)
        if abs(left_g) <= (LEANS_MAX_G if is_wide(load.board) else HAND_MAX_G):
            # The hand that rested there is the one that takes.
            takes = LEANS_TAKES if is_wide(load.board) else HAND_TAKES
            # Where stairs are known, the hand lets go in one of its own, or in that of a piece.
            lets_go = load.by_grasps([grams - left_g, left_g]) if len(load.stairs) > 1 else 1.0
            after = replace(goes, grams=grams - left_g, stairs=())
            yield from _goods(story, after, shop, takes * lets_go, others)


def _goods(
    story: Story, load: Load, shop: Shop, share: float, strange: tuple[tuple[str, float], ...] | None
) -> Iterator[What]:
    """Goods of the store that went from the board and weigh `load.grams`, above 0."""
    grams, whole = load.grams, load.plates == 1
    if grams <= 0.0:
        return
    here: dict[tuple[str, str], float] = {}
    for slot, part in load.shares(story.shown):
        stands = shop.stands(story, slot)
        in_front = sum(min(max(count, 0), FRONT_MAX) for count in stands.values())
        for sku, count in stands.items():
            # Of several products in one slot, a hand takes what of them stands in front.
            prior = share * part * (min(count, FRONT_MAX) / in_front if count > 0 else EMPTY)
            here[sku, slot] = prior
            if not shop.weights.has(sku):
                yield What(prior / UNKNOWN_G, ((sku, 1, slot),), grams, whole, strange)
                continue
            for qty, often in enumerate(COUNT_PRIOR, start=1):
                lacking = LACKING if qty > max(count, 1) else 1.0
                fit = shop.weights.fit(sku, qty, load) * load.by_grasps([shop.weights.grams(sku)] * qty)
                yield What(prior * often * lacking * fit, ((sku, qty, slot),), grams, whole, strange)
    kinds = sorted((key for key in here if shop.weights.has(key[0])), key=lambda key: (-here[key], key))[:KINDS_MAX]
    for one, other in itertools.combinations(kinds, 2):
        # Of different slots of a whole gondola, wide.py tells.
        if one[0] != other[0] and (one[1] == other[1] or not load.ratios):
            prior = TWO_KINDS * here[one] * here[other] / share
            fit = shop.weights.fit_of(((one[0], 1), (other[0], 1)), load)
            fit *= load.by_grasps([shop.weights.grams(one[0]), shop.weights.grams(other[0])], (one[1], other[1]))
            yield What(prior * fit, ((one[0], 1, one[1]), (other[0], 1, other[1])), grams, whole, strange)
    if strange is None:
        yield from _from_elsewhere(load, shop, {sku for sku, _ in here})


def _from_elsewhere(load: Load, shop: Shop, here: set[str]) -> list[What]:
    """Products that do not belong here, but weigh as much."""
    everything = dict.fromkeys(sku for skus in shop.belongs.values() for sku in skus)
    skus = [sku for sku in everything if sku not in here and shop.weights.has(sku)]
    share = load.by_grasps([load.grams]) * ELSEWHERE / max(len(skus), 1)
    fits = [What(share * shop.weights.fit(sku, 1, load), ((sku, 1, None),), load.grams) for sku in skus]
    return best_of(fits)[:ELSEWHERE_MAX]


def new_pieces(actor: Actor) -> float:
    """The prior that what somebody puts down was never taken, as far as anybody saw."""
    if isinstance(actor, UUID):
        return MISSED
    return RESTOCKED_UNSEEN if actor is None else RESTOCKED


def _carried(
    story: Story, owner: Actor, load: Load, shop: Shop, homes: Homes
) -> Iterator[tuple[float, tuple[Piece, ...]]]:
    """Which pieces of the owner's cart the load may be, with their weights; above 0."""
    cart = story.cart(owner)[-CARRIED_MAX:]
    by_sku: dict[str, list[Piece]] = {}
    for piece in cart:
        by_sku.setdefault(piece.sku, []).append(piece)
    for sku, pieces in by_sku.items():
        _, prior = homes.where(sku)
        for qty, often in zip(range(1, len(pieces) + 1), COUNT_PRIOR, strict=False):
            best = max(
                ((_fit(group, load, shop), group) for group in itertools.combinations(pieces[-6:], qty)),
                key=lambda found: found[0],
                default=(0.0, ()),
            )
            if best[0] > IMPOSSIBLE:
                yield prior * often * best[0], best[1]
    singles = [pieces[-1] for pieces in by_sku.values()][:KINDS_MAX]
    for one, other in itertools.combinations(singles, 2):
        weight = TWO_KINDS * min(homes.where(one.sku)[1], homes.where(other.sku)[1]) * _fit((one, other), load, shop)
        if weight > IMPOSSIBLE:
            yield weight, (one, other)


def _fit(pieces: tuple[Piece, ...], load: Load, shop: Shop) -> float:
    if any(piece.grams is None and not shop.weights.has(piece.sku) for piece in pieces):
        return 1.0 / UNKNOWN_G
    each_g = [shop.weights.grams(piece.sku) if piece.grams is None else piece.grams for piece in pieces]
    return load.by_grasps(each_g) * _sum_fit(pieces, load, shop)


def _sum_fit(pieces: tuple[Piece, ...], load: Load, shop: Shop) -> float:
    if all(piece.grams is not None for piece in pieces):
        whole = load.plates == 1 and all(piece.whole for piece in pieces)
        return again_fit(load.grams, sum(piece.grams or 0.0 for piece in pieces), whole=whole, sigma_g=load.sigma_g)
    counts: dict[str, int] = {}
    for piece in pieces:
        counts[piece.sku] = counts.get(piece.sku, 0) + 1
    if any(not shop.weights.has(sku) for sku in counts):
        return 1.0 / UNKNOWN_G
    return shop.weights.fit_of(counts.items(), load)


def _option(story: Story, owner: Actor, pieces: tuple[Piece, ...], log_p: float, homes: Homes) -> Option:
    counts: dict[str, int] = {}
    for piece in pieces:
        counts[piece.sku] = counts.get(piece.sku, 0) + 1
    slots = {sku: homes.where(sku)[0] for sku in counts}
    act = tuple(Part(owner, "put_back", sku, qty, slots[sku]) for sku, qty in counts.items())
    moves = {(slot, sku): counts[sku] for sku, slot in slots.items() if slot is not None}
    return Option(log_p, act, {owner: without(story.cart(owner), pieces)}, moves)
