"""Where on a whole gondola its load changed: what each slot's share is, by what cameras saw of it.

what was seen of the slot while the load changed       for a change here, against none (likelihood ratio)
a stay, and its pictures                                as the reading says, between SAME and OTHER
no stay: some camera saw it all the while               UNTOUCHED
hidden from all its cameras still, or watched by none   UNSEEN

A camera that looks along a board sees the slot beside one that changed through the gap that is there now: it may show a
change, too, though nothing happened there: an echo. So two slots beside each other changed both only where what was
seen of each is likelier than that; and what a slot shows may be of a change in one beside it that no camera sees.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from edge.shelves.pairing import Seen
from protocol.store import Product

SAME, OTHER = 0.1, 35.0
UNTOUCHED, UNSEEN = 0.03, 0.6
"""As on the loads of four crowds, of 219 slots that changed then and 5,720 that did not: 0.11 where pictures show the
same (4 and 39 % of them), 0.05 where cameras saw it all the while (1.4 and 34 %), 0.6 and 0.8 where it was hidden or is
watched by none; and 15 where pictures show another, much of which is told of other loads of the same stay."""
BESIDE = 0.3
"""How often a change shows as one in a slot beside it, too: of 288 such slots in six films 24 % showed what 91 % of the
202 slots did in which something changed, and 1 % of those with no change near by."""
NO_RIVALS: Mapping[str, int] = MappingProxyType({})
PIECES_MAX = 4
SPREAD, NOISE_G = 0.06, 8.0
"""Of a piece's weight, and of a weighing, standard deviation; wide, for this only says where a hand was."""


def ratios(
    slots: Sequence[tuple[str, float]],
    among: Sequence[Seen],
    hidden: Collection[str],
    watched: Collection[str],
    rivals: Mapping[str, int] = NO_RIVALS,
) -> dict[str, float]:
    """Of each slot of a gondola: how much likelier what was seen of it is if something changed there.

    A slot that takes more of the gondola's width than another is likelier by as much. `slots`: path and width. What was
    seen of a slot before which somebody stood for long may be of any change of load meanwhile: `rivals` says of how
    many more, each of which would be in this slot as often as in another.
    """
    seen = _by_pictures(among)

    def ratio_of(slot: str) -> float:
        if slot not in seen:
            return UNSEEN if slot in hidden or slot not in watched else UNTOUCHED
        ratio = seen[slot]
        return ratio if ratio <= 1.0 else ratio / (1.0 + rivals.get(slot, 0) * (ratio - 1.0) / len(slots))

    mean = sum(width for _, width in slots) / max(len(slots), 1)
    return {slot: width / mean * ratio_of(slot) for slot, width in slots}


def echoes(among: Sequence[Seen]) -> dict[str, float]:
    """Of each slot of which pictures tell: how much likelier these are if something changed in one beside it."""
    return {slot: _echo(ratio) for slot, ratio in _by_pictures(among).items()}


def echoes_of_unseen(
    ratios_of: Mapping[str, float],
    among: Sequence[Seen],
    hidden: Collection[str],
    watched: Collection[str],
    neighbours: Mapping[str, Sequence[str]],
) -> dict[str, float]:
    """Of each slot that no camera sees, beside some that show a change: how much likelier these do if it changed."""
    seen = {each.stay.slot for each in among}
    found = {}
    for slot in ratios_of:
        if slot not in seen and (slot in hidden or slot not in watched):
            most = max((ratios_of[other] for other in neighbours.get(slot, ()) if other in seen), default=1.0)
            if most > 1.0:
                found[slot] = _echo(most)
    return found


def looks(among: Sequence[Seen], hidden: Mapping[str, int]) -> dict[str, int]:
    """Of each slot in which pictures show a change: which of what was seen shows it the most, by its number.

    And of each that is `hidden` still: the number that what will be seen of it is going to have.
    """
    most: dict[str, Seen] = {}
    for each in among:
        if _ratio(each) > max(1.0, _ratio(most[each.stay.slot]) if each.stay.slot in most else 0.0):
            most[each.stay.slot] = each
    return {**hidden, **{slot: each.number for slot, each in most.items()}}


def shares(ratios_of: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Every slot's share of all that changes, times what was seen of it: the most first.

    They need not sum to 1: several slots may have changed while a load did so once, and what was seen of one of them
    makes it no less likely that it was another, nor that nothing of the store's went.
    """
    count = max(len(ratios_of), 1)
    return tuple(sorted(((slot, ratio / count) for slot, ratio in ratios_of.items()), key=lambda it: (-it[1], it[0])))


def fitting(
    slots: Sequence[tuple[str, float]], grams: float, products: Mapping[str, Product], homes: Mapping[str, str]
) -> tuple[tuple[str, float], ...]:
    """Where the hand was: the slots by how well what belongs there weighs the change, summing to 1, the most first."""
    weighted = []
    for slot, share in slots:
        product = products.get(homes.get(slot, ""))
        piece_g = None if product is None else product.weight_g
        weighted.append((slot, share * (1e-4 if piece_g is None else _fit(abs(grams), piece_g))))
    total = sum(weight for _, weight in weighted)
    if total <= 0.0:
        return tuple(slots)
    return tuple(sorted(((slot, weight / total) for slot, weight in weighted), key=lambda it: (-it[1], it[0])))


def _fit(grams: float, piece_g: float) -> float:
    """How well so many pieces weigh so much: the density of the best number of them."""

    def density(count: int) -> float:
        spread = math.hypot(SPREAD * count * piece_g, NOISE_G)
        return math.exp(-0.5 * ((grams - count * piece_g) / spread) ** 2) / spread

    return max(1e-9, *(density(count) for count in range(1, PIECES_MAX + 1)))


def _echo(ratio: float) -> float:
    """How much likelier pictures that a change makes `ratio` times likelier are if something changed beside it."""
    return 1.0 - BESIDE + BESIDE * ratio


def _by_pictures(among: Sequence[Seen]) -> dict[str, float]:
    """Of each slot of which pictures tell, what they say of a change there at the most."""
    seen: dict[str, float] = {}
    for each in among:
        seen[each.stay.slot] = max(_ratio(each), seen.get(each.stay.slot, SAME))
    return seen


def _ratio(seen: Seen) -> float:
    readings = (seen.reading.best, *seen.reading.alternatives)
    changed = sum(reading.p for reading in readings if reading.changes)
    same = sum(reading.p for reading in readings if not reading.changes)
    return min(max(changed / max(same, 1e-3), SAME), OTHER)
