"""What a change of a whole gondola's load can mean when it is several things at once.

A scale under a gondola feels everybody who takes something from it; two people who do so within a second are one change
of load. So beside one kind of piece, taken or put down (loads.py), two and three of them are told of the slots in which
cameras saw a change: each slot is as probable a part as its pictures make it, the parts' weights add up to the load,
and each part has its own hand. What pictures show of a slot beside one that changed may be that one's
change (edge/shelves/where.py): so a part is told of it only if it is likelier than that.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.visits.stories.happening import Happening, Load
from edge.visits.stories.options import COUNT_PRIOR, IMPOSSIBLE, Option, Shop, without
from edge.visits.stories.story import Actor, Part, Piece, Story
from edge.visits.stories.weights import NOISE_G, SAME, normal

ALSO = 0.02
"""Prior of something more in another slot within the same change of load, before the pictures of that slot are seen."""
CHANGED_MIN = 0.1
"""Slots with a lower likelihood ratio of a change are parts of nothing."""
SLOTS_MAX, COUNT_MAX, DEEDS_MAX, ACTORS_MAX = 6, 3, 18, 3
HOME, AWAY = 0.3, 0.02
"""How often a piece that somebody carries is what comes to its home, and to another slot, where something may also be
taken: of what is taken one in seven is put back, and one in twenty-five elsewhere, which is thirty slots."""
EMPTY = 0.1
"""Prior of a product of which none should be left, against one of which there is."""
RESTOCKED, STRANGERS_MAX = 0.3, 2
"""Prior of a new piece in the hand of somebody without a visit, who may be staff; and how many of them."""
KEPT_MAX = 40
DEEDS_AT_ONCE = 3
"""As many deeds are told of one change of load, at most."""
LOG_BOTH_HANDS = -1.0
"""How often one person does something in another slot, too, within one change of load, against another's doing it: set
by hand."""
DENSITY_MAX = 1.0 / (NOISE_G * math.sqrt(math.tau))


@dataclass(frozen=True, slots=True)
class Deed:
    """`qty` pieces of one product that somebody took from a slot, or that `owner` put down there: theirs, or `new`.

    `grams` is what it changes the load by, and `variance` that of it; `ratio` the pictures' likelihood ratio of a
    change there; `prior` how often people do so.
    """

    slot: str
    sku: str
    qty: int
    grams: float
    variance: float
    ratio: float
    prior: float
    owner: Actor = None
    pieces: tuple[Piece, ...] = ()
    new: bool = False

    @property
    def is_pick(self) -> bool:
        """Taken, and not put down."""
        return not self.pieces and not self.new


def read_wide(story: Story, happening: Happening, load: Load, shop: Shop, floor: float = -math.inf) -> Iterator[Option]:
    """The ways in which `load` is two or three deeds; none where the cameras saw fewer slots change.

    Ways whose log weight is beneath `floor` are left out, the most of them before they are weighed.
    """
    left = load.ratios_left(story.shown)
    changed = sorted(
        ((slot, ratio) for slot, ratio in left.items() if ratio >= CHANGED_MIN), key=lambda it: (-it[1], it[0])
    )[:SLOTS_MAX]
    if len(changed) < 2:
        return
    count = len(load.ratios)
    deeds = sorted(
        _deeds(story, happening, changed, shop), key=lambda deed: (-deed.ratio * deed.prior, deed.slot, deed.sku)
    )
    least = max(math.exp(min(floor - _nearest(happening, [slot for slot, _ in changed]), 0.0)), IMPOSSIBLE)
    found = []
    # However well the load fits, its density is no greater.
    for together in _likely(deeds[:DEEDS_MAX], least * ALSO * count / DENSITY_MAX):
        weight = _weight(together, load) / (ALSO * count)
        if weight > IMPOSSIBLE and weight >= least and _can(story, together):
            found.append((weight, together))
    found.sort(key=lambda it: (-it[0], [(deed.slot, deed.sku, deed.qty, str(deed.owner)) for deed in it[1]]))
    for weight, together in found[:KEPT_MAX]:
        yield from _by_whom(story, happening, together, math.log(weight), floor)


def _likely(deeds: Sequence[Deed], least: float) -> Iterator[tuple[Deed, ...]]:
    """Two and three of `deeds` in different slots, of which the product of how likely each is reaches `least`.

    The likeliest deed is the first, so that what follows an unlikely one need not be looked at.
    """
    likely = [ALSO * deed.ratio * deed.prior for deed in deeds]
    for first, second in itertools.combinations(range(len(deeds)), 2):
        if deeds[first].slot == deeds[second].slot:
            continue
        two = likely[first] * likely[second]
        if two >= least:
            yield deeds[first], deeds[second]
        for third in range(second + 1, len(deeds)):
            if two * likely[third] < least:
                break
            if deeds[third].slot not in {deeds[first].slot, deeds[second].slot}:
                yield deeds[first], deeds[second], deeds[third]


def _nearest(happening: Happening, slots: Sequence[str]) -> float:
    """No hands, of one person or of several, fit changes in some of `slots` better than this, as a log likelihood."""
    best = sorted((max(happening.reach_of(slot).values()) for slot in slots), reverse=True)[:DEEDS_AT_ONCE]
    return max(sum(best[:people]) - (people - 1) * happening.idle for people in range(1, len(best) + 1))


def _weight(together: Sequence[Deed], load: Load) -> float:
    expected = sum(deed.grams for deed in together)
    spread = math.sqrt(sum(deed.variance for deed in together) + NOISE_G**2)
    fit = normal(load.grams, expected, spread)
    if fit < IMPOSSIBLE:
        return 0.0
    pieces = [deed for deed in together for _ in range(deed.qty)]
    fit *= load.by_grasps([deed.grams / deed.qty for deed in pieces], [deed.slot for deed in pieces])
    fit /= load.echo([deed.slot for deed in together])
    return fit * math.prod(ALSO * deed.ratio * deed.prior for deed in together)


def _deeds(story: Story, happening: Happening, changed: Sequence[tuple[str, float]], shop: Shop) -> Iterator[Deed]:
    yield from _brought(happening, changed, shop)
    for slot, ratio in changed:
        for sku, count in shop.stands(story, slot).items():
            if not shop.weights.has(sku):
                continue
            there = 1.0 if count > 0 else EMPTY
            for qty, often in zip(range(1, COUNT_MAX + 1), COUNT_PRIOR, strict=False):
                grams, variance = shop.weights.parts(sku, qty)
                yield Deed(slot, sku, qty, -grams, variance, ratio, there * often)
    for owner, cart in sorted(story.carts.items(), key=lambda it: str(it[0])):
        by_sku: dict[str, list[Piece]] = {}
        for piece in cart:
            by_sku.setdefault(piece.sku, []).append(piece)
        for sku, pieces in by_sku.items():
            for slot, ratio in changed:
                home = HOME if sku in shop.belongs.get(slot, ()) else AWAY
                for qty, often in zip(range(1, len(pieces) + 1), COUNT_PRIOR, strict=False):
                    group = tuple(pieces[-qty:])
                    measured = _measured(group, shop)
                    if measured is not None:
                        yield Deed(slot, sku, qty, *measured, ratio, home * often, owner, group)


def _brought(happening: Happening, changed: Sequence[tuple[str, float]], shop: Shop) -> Iterator[Deed]:
    """New pieces, each put where it belongs by somebody without a visit whom cameras follow: staff, most likely."""
    for slot, ratio in changed:
        reach = happening.reach_of(slot)
        strangers = sorted((who for who in reach if isinstance(who, int)), key=lambda who: (-reach[who], who))
        for who, sku in itertools.product(strangers[:STRANGERS_MAX], shop.belongs.get(slot, ())):
            if shop.weights.has(sku):
                yield Deed(slot, sku, 1, *shop.weights.parts(sku, 1), ratio, RESTOCKED, who, new=True)


def _measured(pieces: tuple[Piece, ...], shop: Shop) -> tuple[float, float] | None:
    """What pieces weigh together and its variance, by how they were weighed before or by what their product weighs."""
    known = [piece.grams for piece in pieces if piece.grams is not None]
    if len(known) == len(pieces):
        return sum(known), sum((SAME * grams) ** 2 for grams in known) + NOISE_G**2
    return shop.weights.parts(pieces[0].sku, len(pieces)) if shop.weights.has(pieces[0].sku) else None


def _can(story: Story, together: Sequence[Deed]) -> bool:
    """Whether nobody puts down more than they carry."""
    wanted: dict[tuple[Actor, str], int] = {}
    for deed in together:
        if deed.pieces:
            wanted[deed.owner, deed.sku] = wanted.get((deed.owner, deed.sku), 0) + deed.qty
    return all(sum(piece.sku == sku for piece in story.cart(owner)) >= count for (owner, sku), count in wanted.items())


def _by_whom(
    story: Story, happening: Happening, together: Sequence[Deed], log_p: float, floor: float
) -> Iterator[Option]:
    """Each deed by whom it may have been done. What somebody did in two slots they were near for once, not twice.

    Where several people did something, each of them is told against their having done nothing.
    """
    choices: list[list[Actor]] = []
    for deed in together:
        reach = happening.reach_of(deed.slot)
        ranked = sorted(reach, key=lambda actor: (-reach[actor], str(actor)))
        choices.append([deed.owner] if not deed.is_pick else ranked[:ACTORS_MAX])
    for actors in itertools.product(*choices):
        nearness: dict[Actor, list[float]] = {}
        for deed, actor in zip(together, actors, strict=True):
            reach = happening.reach_of(deed.slot)
            nearness.setdefault(actor, []).append(reach.get(actor, reach[None]))
        near = sum(min(logs) for logs in nearness.values()) - (len(nearness) - 1) * happening.idle
        near += LOG_BOTH_HANDS * (len(together) - len(nearness))
        if log_p + near >= floor:
            yield _told(story, list(zip(together, actors, strict=True)), log_p + near)


def _told(story: Story, done: Sequence[tuple[Deed, Actor]], log_p: float) -> Option:
    carts: dict[Actor, tuple[Piece, ...]] = {}
    moves: dict[tuple[str, str], int] = {}
    act: list[Part] = []
    for deed, actor in done:
        cart = carts.get(actor, story.cart(actor))
        if deed.is_pick:
            carts[actor] = (*cart, *(Piece(deed.sku, None) for _ in range(deed.qty)))
        elif deed.pieces:
            carts[actor] = without(cart, [piece for piece in cart if piece.sku == deed.sku][-deed.qty :])
        act.append(Part(actor, "pick" if deed.is_pick else "put_back", deed.sku, deed.qty, deed.slot))
        change = -deed.qty if deed.is_pick else deed.qty
        moves[deed.slot, deed.sku] = moves.get((deed.slot, deed.sku), 0) + change
    return Option(log_p, tuple(act), carts, moves)
