"""How well pieces explain the stairs of a load (edge/shelves/stairs.py): each stair is a grasp, of one piece or more.

Three stairs of 440 g are three pieces of 440 g, and hardly one of 1.3 kg; one stair of 730 g is rather one piece than
two of 365 g. Of the pieces that are told, every way to deal them out to the stairs counts alike.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

ONCE = 0.3
"""How often a piece goes with the one before it in one grasp."""
STRAY = 0.03
"""How often a stair is no piece, but a hand's."""
PIECES_MAX, WAYS_MAX = 6, 120
"""More pieces than these are dealt out in no way; of more ways than these the first count for all."""
PIECES_SPREAD = 0.03
"""How far what a stair weighs differs from what its pieces should, as a share, standard deviation."""

Stairs = tuple[tuple[float, float], ...]
"""Grams of each, of one sign mostly, and how wrong that may be."""


def grasped(pieces_g: Sequence[float], stairs: Stairs) -> float:
    """The likelihood of the stairs, given that they add up to their sum, for pieces of so many grams each.

    1 where no stairs are known. The more stairs, the more of a density it is (per gram, of each level between them).
    """
    if not stairs:
        return 1.0
    return _grasped(tuple(sorted(round(grams, 1) for grams in pieces_g)), stairs)


@lru_cache(maxsize=4096)
def _grasped(pieces_g: tuple[float, ...], stairs: Stairs) -> float:
    count, total = len(pieces_g), sum(grams for grams, _ in stairs)
    anything = 1.0 / (sum(abs(grams) for grams, _ in stairs) + 100.0)
    extra = len(stairs) - 1
    none = (STRAY * anything) ** extra
    if not 0 < count <= PIECES_MAX or extra >= count or not sum(pieces_g):
        return none
    often = math.comb(count - 1, extra) * ONCE ** (count - 1 - extra) * (1.0 - ONCE) ** extra
    if not extra:
        return often
    scale = total / sum(pieces_g)
    ways = list(itertools.islice(_dealt(pieces_g, len(stairs)), WAYS_MAX))
    return none + often * sum(_way(way, stairs, scale) for way in ways) / len(ways)


def _dealt(pieces_g: tuple[float, ...], stairs: int) -> Iterator[tuple[float, ...]]:
    """Every way to deal pieces out to the stairs, at least one to each: what each stair weighs then."""
    orders = sorted(set(itertools.islice(itertools.permutations(pieces_g), 720)))
    cuts = list(itertools.combinations(range(1, len(pieces_g)), stairs - 1))
    return itertools.chain.from_iterable(
        (tuple(sum(order[a:b]) for a, b in itertools.pairwise((0, *cut, len(order)))) for cut in cuts)
        for order in orders
    )


def _way(dealt: tuple[float, ...], stairs: Stairs, scale: float) -> float:
    """The density of the levels between the stairs (grams), where each stair is `scale` times what is dealt to it."""
    density, told, done = 1.0, 0.0, 0.0
    for (grams, sigma_g), due in list(zip(stairs, dealt, strict=True))[:-1]:
        told, done = told + due * scale, done + grams
        spread = math.hypot(sigma_g, PIECES_SPREAD * due * scale)
        density *= math.exp(-0.5 * ((done - told) / spread) ** 2) / (spread * math.sqrt(math.tau))
    return density
