"""What a hand changed on a free shelf, by product and count, with its probability.

How it works. Each thing that has gone or come is one of the enrolled products, or something that nobody enrolled, or
nothing at all; two that look alike, one gone and one come, are likelier of one product: then it was moved. Every way to
name them all is a hypothesis of what each product's count changed by, and ways that agree on it are one. A hypothesis
weighs what its things say of it, times how readily people do it (`PRIORS`), times what the stock belief says: more than
stands there cannot go, and what nobody has taken can hardly come back. Beside them stands that the pictures say
nothing (`FAULTS`).

The number of hypotheses is bounded: after each thing the `WAYS_MAX` likeliest stay.
"""

from collections.abc import Iterator, Mapping

from edge.shelves.free_evidence import FreeEvidence, Match, Thing
from edge.shelves.reading import NOBODY_HAS_IT, Hypothesis, Reading, SlotChange
from edge.shelves.stock import StockBelief

PRIORS: Mapping[int, float] = {-3: 0.3, -2: 0.6, -1: 1.0, 0: 1.0, 1: 0.6, 2: 0.3, 3: 0.1}
"""How readily so many more of one product in one visit are believed: more is taken than returned, and singly.

Mildly so: that something has gone or come is seen already.
"""
MORE = 0.05
"""The same for more of them."""
LACKING = 0.3
"""For each piece that goes beyond those that should be there: the belief may have missed one that came."""
FAULTS = 0.02
"""How often what was seen to go or come says nothing: a thing missed, or hidden by another, before or after."""
UNSEEN_TRUST = 0.7
"""What a visit that nobody saw, or that did not end, says is never surer."""
WAYS_MAX = 200
ALTERNATIVES_MAX = 6

Name = str | None
"""A SKU, or None for what nobody enrolled."""
Net = frozenset[tuple[Name, int]]
"""By how many each product's count changed; none by nothing."""
NOTHING: Net = frozenset()


def read_free(slot: str, evidence: FreeEvidence, stock: StockBelief, *, doubtful: bool = False) -> Reading:
    """The reading of a visit to the free shelf `slot`; a `doubtful` one is never more than likely."""
    ways: dict[Net, float] = {NOTHING: 1.0}
    for step in _steps(evidence):
        grown: dict[Net, float] = {}
        for net, weight in ways.items():
            for change, p in step:
                after = _added(net, change)
                grown[after] = grown.get(after, 0.0) + weight * p
        likeliest = sorted(grown.items(), key=lambda way: (-way[1], _named(way[0])))
        ways = dict(likeliest[:WAYS_MAX])
    weights = {net: weight * _prior(net, slot, stock) for net, weight in ways.items() if weight > 0.0}
    total = sum(weights.values())
    trust = UNSEEN_TRUST if doubtful else 1.0
    if total <= 0.0:
        return Reading(Hypothesis((), trust), ())
    shares = {net: (1.0 - FAULTS) * weight / total for net, weight in weights.items()}
    shares[NOTHING] = shares.get(NOTHING, 0.0) + FAULTS
    ranked = sorted(
        (Hypothesis(_changes(net), trust * share) for net, share in shares.items()),
        key=lambda hypothesis: (-hypothesis.p, str(hypothesis.changes)),
    )
    return Reading(ranked[0], tuple(ranked[1 : 1 + ALTERNATIVES_MAX]))


def unseen_free() -> Reading:
    """The reading of a visit whose end nobody saw: as likely something was taken as not, and nobody knows what."""
    return Reading(
        Hypothesis((SlotChange("pick", None),), 0.4),
        (Hypothesis((), 0.4), Hypothesis((SlotChange("put_back", None),), 0.2)),
    )


def _steps(evidence: FreeEvidence) -> Iterator[list[tuple[tuple[tuple[Name, int], ...], float]]]:
    """Of each thing, or of each pair that may be one product, what it may change and how probably."""
    matched_gone = {match.gone for match in evidence.matches}
    matched_come = {match.come for match in evidence.matches}
    for match in evidence.matches:
        yield _pair(evidence.gone[match.gone], evidence.come[match.come], match)
    for sign, things, taken in ((-1, evidence.gone, matched_gone), (1, evidence.come, matched_come)):
        for place, thing in enumerate(things):
            if place not in taken:
                yield [(() if name == _NOT_REAL else ((_name(name), sign),), p) for name, p in _chances(thing)]


_NOT_REAL = ""
"""In place of a name: there was nothing."""
_NONE = "?"


def _chances(thing: Thing) -> Iterator[tuple[str, float]]:
    """What a thing may be; neither "" nor "?" can be a SKU."""
    yield _NOT_REAL, 1.0 - thing.real
    yield _NONE, thing.real * thing.none
    for sku, p in thing.may_be:
        yield sku, thing.real * p


def _name(name: str) -> Name:
    return None if name == _NONE else name


def _pair(gone: Thing, come: Thing, match: Match) -> list[tuple[tuple[tuple[Name, int], ...], float]]:
    found: list[tuple[tuple[tuple[Name, int], ...], float]] = []
    for one, p in _chances(gone):
        for other, q in _chances(come):
            if one == other:
                found.append(((), p * q * (1.0 if one == _NOT_REAL else match.ratio)))
                continue
            left = () if one == _NOT_REAL else ((_name(one), -1),)
            right = () if other == _NOT_REAL else ((_name(other), 1),)
            found.append(((*left, *right), p * q))
    total = sum(p for _, p in found)
    return [(change, p / total) for change, p in found]


def _added(net: Net, change: tuple[tuple[Name, int], ...]) -> Net:
    if not change:
        return net
    counts = dict(net)
    for name, by in change:
        counts[name] = counts.get(name, 0) + by
    return frozenset((name, count) for name, count in counts.items() if count)


def _prior(net: Net, slot: str, stock: StockBelief) -> float:
    held = stock.held(slot)
    prior = 1.0
    for name, count in net:
        prior *= PRIORS.get(count, MORE)
        if name is None:
            continue
        if count < 0:
            prior *= LACKING ** max(-count - held.get(name, 0), 0)
        elif stock.all_in_place(name):
            prior *= NOBODY_HAS_IT
    return prior


def _changes(net: Net) -> tuple[SlotChange, ...]:
    return tuple(
        SlotChange("pick" if count < 0 else "put_back", name, abs(count))
        for name, count in sorted(net, key=lambda each: (each[1] > 0, each[0] is None, each[0] or ""))
    )


def _named(net: Net) -> str:
    return str(sorted((name or _NONE, count) for name, count in net))
