"""How well pieces explain the stairs of a load (edge/shelves/stairs.py): each stair is a grasp, of one piece or more.

Three stairs of 440 g are three pieces of 440 g, and hardly one of 1.3 kg; one stair of 730 g is rather one piece than
two of 365 g. One grasp is of one slot, mostly: for two slots it takes two hands at one moment. Of the pieces that are
told, every way to deal them out to the stairs counts alike.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

ONCE = 0.3
"""How often a piece goes with the one before it in one grasp."""
ACROSS = 0.1
"""The same of a piece from another slot than the one before."""
STRAY = 0.03
"""How often a stair is no piece, but a hand's."""
PIECES_MAX, WAYS_MAX = 6, 120
"""More pieces than these are dealt out in no way; of more ways than these the first count for all."""
PIECES_SPREAD = 0.03
"""How far what a stair weighs differs from what its pieces should, as a share, standard deviation."""

Piece = tuple[float, str]
"""Grams, and the slot."""
Stairs = tuple[tuple[float, float], ...]
"""Grams of each, of one sign mostly, and how wrong that may be."""


def grasped(pieces_g: Sequence[float], stairs: Stairs, slots: Sequence[str] = ()) -> float:
    """The likelihood of the stairs, given that they add up to their sum, for pieces of so many grams each.

    `slots` says of each where it was, where they are not all of one. 1 where no stairs are known. The more stairs, the
    more of a density it is (per gram, of each level between them).
    """
    if not stairs:
        return 1.0
    where = slots or ("",) * len(pieces_g)
    return _grasped(tuple(sorted((round(grams, 1), slot) for grams, slot in zip(pieces_g, where, strict=True))), stairs)


@lru_cache(maxsize=4096)
def _grasped(pieces: tuple[Piece, ...], stairs: Stairs) -> float:
    count, total = len(pieces), sum(grams for grams, _ in stairs)
    pieces_g = sum(grams for grams, _ in pieces)
    anything = 1.0 / (sum(abs(grams) for grams, _ in stairs) + 100.0)
    extra = len(stairs) - 1
    none = (STRAY * anything) ** extra
    if not 0 < count <= PIECES_MAX or extra >= count or not pieces_g:
        return none
    often = math.comb(count - 1, extra) * ONCE ** (count - 1 - extra) * (1.0 - ONCE) ** extra
    if not extra:
        return often * _across(pieces)
    scale = total / pieces_g
    ways = list(itertools.islice(_dealt(pieces, len(stairs)), WAYS_MAX))
    return none + often * sum(_way(way, stairs, scale) for way in ways) / len(ways)


def _dealt(pieces: tuple[Piece, ...], stairs: int) -> Iterator[tuple[tuple[Piece, ...], ...]]:
    """Every way to deal pieces out to the stairs, at least one to each."""
    orders = sorted(set(itertools.islice(itertools.permutations(pieces), 720)))
    cuts = list(itertools.combinations(range(1, len(pieces)), stairs - 1))
    return itertools.chain.from_iterable(
        (tuple(order[a:b] for a, b in itertools.pairwise((0, *cut, len(order)))) for cut in cuts) for order in orders
    )


def _across(grasp: Sequence[Piece]) -> float:
    """How much less often a grasp is of so many slots than of one."""
    return (ACROSS / ONCE) ** (len({slot for _, slot in grasp}) - 1)


def _way(dealt: tuple[tuple[Piece, ...], ...], stairs: Stairs, scale: float) -> float:
    """The density of the levels between the stairs (grams), where each stair is `scale` times what is dealt to it."""
    density, told, done = math.prod(_across(grasp) for grasp in dealt), 0.0, 0.0
    for (grams, sigma_g), grasp in list(zip(stairs, dealt, strict=True))[:-1]:
        due = sum(piece_g for piece_g, _ in grasp)
        told, done = told + due * scale, done + grams
        spread = math.hypot(sigma_g, PIECES_SPREAD * due * scale)
        density *= math.exp(-0.5 * ((done - told) / spread) ** 2) / (spread * math.sqrt(math.tau))
    return density
