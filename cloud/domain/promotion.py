"""Promotions, and the combination of them that is best for the shopper.

Kinds, by what they do to pieces of a cart:

    percent   so much off each piece of the products named
    price     each piece of the products named for one price (with `members_only` it is the member price)
    n_for_m   of `take` pieces of the products named, mixed as they come, the cheapest are free: `pay` are paid
    bundle    certain pieces together for one price

Each piece takes part in one promotion at most; promotions do not stack. Of all ways to do that the one with the
greatest total discount is taken; among equals the first in the order of promotion ids, so the same cart is always
priced alike.

Theory of operation. `percent` and `price` concern single pieces, so each product has one best such discount. The others
tie pieces of several products together. The products are split into groups that no tie crosses, and each group is
searched exactly: of the first product that has pieces left, one piece either takes its single discount or goes into one
of the ties that hold it. A state is what is left of each product, so the search is a table of at most PIECES_MAX pieces
and STATES_MAX states. A larger cart first applies its most worthwhile tie until it fits; that is stated here, as it is
the one case where a better combination might exist.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

from cloud.domain.tax import WHOLE_BPS

PIECES_MAX = 200
STATES_MAX = 4_000
MIXTURES_MAX = 200
"""Ways to mix the products of one n_for_m that are looked at; beyond, only the dearest pieces that are left."""

Pieces = tuple[tuple[str, int], ...]
"""(SKU, how many) in order of SKU, each ≥ 1."""


@dataclass(frozen=True, slots=True)
class Percent:
    """`off_bps` basis points off each piece of `skus`, rounded up to a whole minor unit (for the shopper)."""

    id: str
    skus: frozenset[str]
    off_bps: int
    members_only: bool = False


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """Each piece of `skus` for `amount_minor`, where that is less."""

    id: str
    skus: frozenset[str]
    amount_minor: int
    members_only: bool = False


@dataclass(frozen=True, slots=True)
class TakeAndPay:
    """Of `take` pieces of `skus` only the `pay` dearest are paid."""

    id: str
    skus: frozenset[str]
    take: int
    pay: int
    members_only: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """`pieces` together for `amount_minor`, where that is less."""

    id: str
    pieces: Pieces
    amount_minor: int
    members_only: bool = False


Promotion = Percent | FixedPrice | TakeAndPay | Bundle


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion applied to `pieces`, which together cost `off_minor` ≥ 1 minor units less."""

    promotion: str
    pieces: Pieces
    off_minor: int


@dataclass(frozen=True, slots=True)
class Discounts:
    """What the best combination takes off each product, in minor units, and by which promotions."""

    off_minor: Mapping[str, int]
    applied: tuple[Applied, ...]

    def promotions_of(self, sku: str) -> tuple[str, ...]:
        """The promotions that pieces of `sku` took part in."""
        return tuple(sorted({each.promotion for each in self.applied if any(sku == part for part, _ in each.pieces)}))


NOTHING_OFF = Discounts({}, ())


def best_discounts(
    units_minor: Mapping[str, int], qty: Mapping[str, int], promotions: Iterable[Promotion], *, member: bool
) -> Discounts:
    """The best combination for `qty` ≥ 1 pieces of each SKU at `units_minor` apiece."""
    usable = sorted((each for each in promotions if member or not each.members_only), key=lambda each: each.id)
    if not usable:
        return NOTHING_OFF
    singles = {sku: _best_single(sku, units_minor[sku], usable) for sku in qty}
    ties = [each for each in usable if isinstance(each, TakeAndPay | Bundle)]
    applied: list[Applied] = []
    for group in _groups(qty, ties):
        search = _Search({sku: units_minor[sku] for sku in group}, singles, ties)
        applied += search.best({sku: qty[sku] for sku in group})
    off: Counter[str] = Counter()
    for each in applied:
        for sku, minor in _shared(each, units_minor):
            off[sku] += minor
    return Discounts(dict(off), tuple(applied))


def _best_single(sku: str, unit_minor: int, promotions: Sequence[Promotion]) -> Applied | None:
    best: Applied | None = None
    for each in promotions:
        off = 0
        if isinstance(each, Percent) and sku in each.skus:
            off = -(-unit_minor * each.off_bps // WHOLE_BPS)
        elif isinstance(each, FixedPrice) and sku in each.skus:
            off = unit_minor - each.amount_minor
        if off > (best.off_minor if best else 0):
            best = Applied(each.id, ((sku, 1),), off)
    return best


def _skus_of(tie: TakeAndPay | Bundle) -> frozenset[str]:
    return tie.skus if isinstance(tie, TakeAndPay) else frozenset(sku for sku, _ in tie.pieces)


def _groups(qty: Mapping[str, int], ties: Sequence[TakeAndPay | Bundle]) -> list[list[str]]:
    """The SKUs of `qty` in groups that no tie crosses, everything in order."""
    groups = [{sku} for sku in sorted(qty)]
    for tie in ties:
        touched = [group for group in groups if group & _skus_of(tie)]
        if len(touched) > 1:
            groups = [group for group in groups if group not in touched] + [set[str]().union(*touched)]
    return sorted(sorted(group) for group in groups)


class _Search:
    """The exact search within one group of products."""

    def __init__(
        self, units: Mapping[str, int], singles: Mapping[str, Applied | None], ties: Sequence[TakeAndPay | Bundle]
    ) -> None:
        # The dearest first: a mixture that must be cut short then begins with the pieces that matter most.
        self._skus = sorted(units, key=lambda sku: (-units[sku], sku))
        self._units = units
        self._singles = singles
        self._ties = [tie for tie in ties if _skus_of(tie) & set(units)]

    def best(self, qty: dict[str, int]) -> list[Applied]:
        """The best applications for `qty` pieces."""
        applied: list[Applied] = []
        while math.prod(count + 1 for count in qty.values()) > STATES_MAX or sum(qty.values()) > PIECES_MAX:
            tie = self._most_worthwhile(qty)
            if tie is None:
                break
            times = min(qty[sku] // count for sku, count in tie.pieces)
            applied += [tie] * times
            for sku, count in tie.pieces:
                qty[sku] -= times * count
        else:
            return applied + self._exactly(tuple(qty[sku] for sku in self._skus))
        return applied + [single for sku, count in qty.items() if (single := self._singles[sku]) for _ in range(count)]

    def _exactly(self, start: tuple[int, ...]) -> list[Applied]:
        @cache
        def solve(left: tuple[int, ...]) -> tuple[int, Applied | None]:
            """The greatest discount on what is left, and the first application of it (None: one piece as it is)."""
            first = next((place for place, count in enumerate(left) if count), None)
            if first is None:
                return 0, None
            single = self._singles[self._skus[first]]
            best = solve(self._without(left, ((self._skus[first], 1),)))[0] + (single.off_minor if single else 0)
            choice = single
            for each in self._offers(left, self._skus[first]):
                total = each.off_minor + solve(self._without(left, each.pieces))[0]
                if total > best:
                    best, choice = total, each
            return best, choice

        applied: list[Applied] = []
        left = start
        while any(left):
            choice = solve(left)[1]
            first = next(sku for sku, count in zip(self._skus, left, strict=True) if count)
            left = self._without(left, choice.pieces if choice else ((first, 1),))
            if choice:
                applied.append(choice)
        return applied

    def _without(self, left: tuple[int, ...], pieces: Pieces) -> tuple[int, ...]:
        taken = dict(pieces)
        return tuple(count - taken.get(sku, 0) for sku, count in zip(self._skus, left, strict=True))

    def _offers(self, left: tuple[int, ...], sku: str) -> Iterator[Applied]:
        """Every tie that a piece of `sku` can go into with what is left, where it takes something off."""
        there = dict(zip(self._skus, left, strict=True))
        for tie in self._ties:
            if sku not in _skus_of(tie):
                continue
            for pieces in self._mixtures(tie, sku, there) if isinstance(tie, TakeAndPay) else (tie.pieces,):
                if all(there.get(part, 0) >= count for part, count in pieces):
                    off = self._off(tie, pieces)
                    if off > 0:
                        yield Applied(tie.id, pieces, off)

    def _mixtures(self, tie: TakeAndPay, sku: str, there: Mapping[str, int]) -> Iterator[Pieces]:
        names = [name for name in self._skus if name in tie.skus and there[name]]
        if math.comb(len(names) + tie.take - 2, tie.take - 1) > MIXTURES_MAX:
            dearest = [name for name in names for _ in range(there[name] - (name == sku))][: tie.take - 1]
            yield tuple(sorted(Counter([sku, *dearest]).items()))
            return
        for others in combinations_with_replacement(names, tie.take - 1):
            yield tuple(sorted(Counter([sku, *others]).items()))

    def _off(self, tie: TakeAndPay | Bundle, pieces: Pieces) -> int:
        costs = sorted(self._units[sku] for sku, count in pieces for _ in range(count))
        if isinstance(tie, Bundle):
            return sum(costs) - tie.amount_minor
        return sum(costs[: tie.take - tie.pay]) if len(costs) == tie.take else 0

    def _most_worthwhile(self, qty: Mapping[str, int]) -> Applied | None:
        """The tie that takes off most beyond what its pieces' single discounts would."""
        left = tuple(qty[sku] for sku in self._skus)
        best, best_gain = None, 0
        for sku in self._skus:
            for each in self._offers(left, sku) if qty[sku] else ():
                gain = each.off_minor - sum(
                    single.off_minor * count for part, count in each.pieces if (single := self._singles[part])
                )
                if gain > best_gain:
                    best, best_gain = each, gain
        return best


def _shared(applied: Applied, units_minor: Mapping[str, int]) -> list[tuple[str, int]]:
    """The discount over its products by what their pieces cost; the largest remainders get what rounding left over."""
    weights = [units_minor[sku] * count for sku, count in applied.pieces]
    whole = sum(weights)
    shares = [applied.off_minor * weight // whole for weight in weights]
    remainders = [(-(applied.off_minor * weight % whole), place) for place, weight in enumerate(weights)]
    for _, place in sorted(remainders)[: applied.off_minor - sum(shares)]:
        shares[place] += 1
    return [(sku, share) for (sku, _), share in zip(applied.pieces, shares, strict=True)]
