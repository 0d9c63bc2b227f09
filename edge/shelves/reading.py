"""What an interaction changed, with its probability.

How it works. A slot's face shows one thing before and one after: nothing, a known product, or a thing that nobody
enrolled. Every pair of the two is a hypothesis; its probability is proportional to

    P(shown before | stock belief) · P(what people do | shown before) · P(evidence | shown before, shown after)

and the evidence is taken as independent cues: how much the slot looks like each product before and after, how much of
the slot changed, and whether edges went or came. The answer is the best pair; the others stay as alternatives. Where
more than one piece stands in a slot, taking one may show the next of the same kind, and what is put down stands before
the others: that is the pair (product, same product) with a change, or two products of which one came or went. It is
told from a touch by how much changed, and a pick from a put-back by whether edges went or came.

The likelihoods below were set by hand from the spread of likenesses of photos to shelf pictures, and those of edges and
of how much changes from 72 picks and put-backs and 457 touches in drawn scenes; a line near the policy's threshold
should be read so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from edge.shelves.evidence import SAME_MAX, Evidence
from edge.shelves.stock import StockBelief

NOTHING = ""
UNKNOWN = "?"
"""A product that nobody enrolled. Neither name can be a SKU."""

CANDIDATES_MAX = 8
"""Products considered beside the slot's own: the most like ones."""
ALTERNATIVES_MAX = 4
FIT_MAX = 6.0
AMONG_EDGES, AMONG_EDGES_SD = 0.4, 0.35
"""Of a piece that goes from others that stay in view, or comes before them: logarithm of edges gone, its deviation."""
CHANGES, CHANGES_SD = 0.19, 0.45
"""Share of a slot that changes with one piece, and deviation of its logarithm: less is rare, more is a larger piece."""
LOG_HARDLY = -3.5
"""Of a change that leaves a slot hardly other than it was: from some angles a piece shows little that went from before
another. Of 244 looks at slots that changed in four crowds 16 showed less than 2 % of them changed, of 2,062 others
1,700. So what one camera does not show says no more than that against what another shows."""
TOUCHES = 0.05
"""What a touch leaves, at most most times: a shadow, a thing moved by a finger's breadth, a neighbour's change."""
LOG_SAME = -5.0
"""A slot that shows other than before, though hardly anything of its picture changed."""
BEFORE_OTHERS = 0.3
"""How often what is put into a slot that is not empty is put before what stands there."""
ARM_COVERS, COVERS, OUTSHONE = 3, 0.5, 4.0
"""A reach hides so many slots beside its own. A body hides many: with each more that something is in a change of this
one is rarer by so much, and where one around it shows more of a change by that factor. Of 1,800 stays in four crowds,
most of which hid more than 15 slots, half were a change of those said to be one with .9 to .98, eight in ten above; and
of those from .6 on a third where one around them showed more, seven in ten elsewhere."""
NOBODY_HAS_IT = 0.05
"""How much less likely a put-back is of which no piece is out: only one that was missed when it was taken."""


@dataclass(frozen=True, slots=True)
class SlotChange:
    """`qty` pieces that left a slot or came into it. `sku` is None for a product that nobody enrolled."""

    type: Literal["pick", "put_back"]
    sku: str | None
    qty: int = 1
    """A slot's face tells of one; on a free shelf pieces are counted."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What may have happened, and how probably. No change at all is a touch."""

    changes: tuple[SlotChange, ...]
    p: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The best hypothesis, then the ones that lost, the likeliest first; probabilities sum to at most 1."""

    best: Hypothesis
    alternatives: tuple[Hypothesis, ...]

    def among(self, covered: int, *, outshone: bool) -> "Reading":
        """The same where something was in so many other slots meanwhile: one reach changes one of them mostly.

        `outshone`: one around it shows more of a change, and what this one shows may be that one's.
        """
        rarer = (1.0 + COVERS * max(covered - ARM_COVERS, 0)) * (OUTSHONE if outshone else 1.0)
        every = (self.best, *self.alternatives)
        weights = [each.p / rarer if each.changes else each.p for each in every]
        if rarer == 1.0 or all(each.changes for each in every):
            return self
        share = sum(each.p for each in every) / sum(weights)
        ranked = sorted(
            (replace(each, p=weight * share) for each, weight in zip(every, weights, strict=True)),
            key=lambda hypothesis: (-hypothesis.p, str(hypothesis.changes)),
        )
        return Reading(ranked[0], tuple(ranked[1:]))


def read(slot: str, evidence: Sequence[Evidence], stock: StockBelief, *, doubtful: bool = False) -> Reading:
    """The reading of a stay in `slot`, by the evidence of each camera that looked: at least one.

    A `doubtful` one (see interaction.py) is never more than likely. Cameras look at the same thing in the same light:
    two of them tell more than one, but not twice as much.
    """
    together = 1.0 / math.sqrt(len(evidence))
    shown = _shown(slot, evidence, stock)
    weights: dict[tuple[SlotChange, ...], float] = {}
    for before in shown:
        for after in shown:
            for changes, prior in _doings(slot, before, after, stock):
                log_p = math.log(prior) + together * sum(
                    _log_evidence(each, before, after, changes) for each in evidence
                )
                weights[changes] = weights.get(changes, 0.0) + math.exp(max(log_p, -700.0))
    total = sum(weights.values())
    trust = 0.7 if doubtful else 1.0
    ranked = sorted(
        (Hypothesis(changes, trust * weight / total) for changes, weight in weights.items()),
        # By name where two are equally likely, so that the answer never depends on the order of a dictionary.
        key=lambda hypothesis: (-hypothesis.p, str(hypothesis.changes)),
    )
    return Reading(ranked[0], tuple(ranked[1 : 1 + ALTERNATIVES_MAX]))


def unseen(slot: str, stock: StockBelief) -> Reading:
    """The reading of an interaction whose end nobody saw: as likely a pick as not, and never sure."""
    home = stock.home(slot)
    pick = Hypothesis((SlotChange("pick", home),), 0.4)
    return Reading(pick, (Hypothesis((), 0.4), Hypothesis((SlotChange("put_back", home),), 0.2)))


def _shown(slot: str, evidence: Sequence[Evidence], stock: StockBelief) -> list[str]:
    """What the slot's face may have shown: nothing, an unknown thing, what belongs there, and what it looks like."""
    likeness: dict[str, float] = {}
    for each in evidence:
        for sku, value in (*each.before.items(), *each.after.items()):
            likeness[sku] = max(value, likeness.get(sku, value))
    alike = sorted(likeness, key=lambda sku: (-likeness[sku], sku))[:CANDIDATES_MAX]
    home = stock.home(slot)
    own = [*stock.held(slot), *([home] if home is not None else [])]
    return [NOTHING, UNKNOWN, *dict.fromkeys([*own, *alike])]


def _doings(slot: str, before: str, after: str, stock: StockBelief) -> list[tuple[tuple[SlotChange, ...], float]]:
    """What a person may have done that makes `after` of `before`, with its prior probability."""
    shows = _prior_before(slot, before, stock)
    pick = SlotChange("pick", None if before == UNKNOWN else before)
    put = SlotChange("put_back", None if after == UNKNOWN else after)
    if before == NOTHING:
        if after == NOTHING:
            return [((), shows * 0.4)]
        return [((put,), shows * 0.6 * _prior_put(slot, after, stock))]
    held = stock.held(slot)
    more = held.get(before, 0) > 1
    # What comes stands before what was there.
    came = (put,), shows * BEFORE_OTHERS * _prior_put(slot, after, stock)
    if after == before:
        stays: list[tuple[tuple[SlotChange, ...], float]] = [((), shows * 0.35)]
        return [*stays, ((pick,), shows * 0.5), came] if more else [*stays, came]
    if after == NOTHING:
        return [((pick,), shows * (0.1 if more else 0.6))]
    exchanged = (pick, put), shows * 0.05 * _prior_put(slot, after, stock)
    if not more:
        # Before a single piece there is hardly room for another that hides it.
        came = (put,), came[1] * 0.1
    if held.get(after, 0) > 0:
        # What goes may have stood before it.
        return [exchanged, came, ((pick,), shows * 0.5)]
    return [exchanged, came]


def _prior_before(slot: str, sku: str, stock: StockBelief) -> float:
    """The probability that the slot's face showed `sku` (or nothing), as the stock belief has it."""
    held = stock.held(slot)
    count = sum(held.values())
    if sku == NOTHING:
        return 0.03 if count else 0.93
    if sku in held:
        return 0.93 * held[sku] / count
    if sku == UNKNOWN:
        return 0.02
    return 0.02 if count else 0.03


def _prior_put(slot: str, sku: str, stock: StockBelief) -> float:
    """The probability that what is put into `slot` is `sku`.

    People mostly put things back where they were, and hardly ever put back what nobody has taken.
    """
    if sku == UNKNOWN:
        return 0.05
    home = stock.home(slot)
    prior = 0.8 if sku == home else (0.1 if home is not None else 0.5)
    return prior * NOBODY_HAS_IT if stock.all_in_place(sku) else prior


def _log_evidence(evidence: Evidence, before: str, after: str, changes: Sequence[SlotChange]) -> float:
    log_p = _log_fit(evidence.before, before) + _log_fit(evidence.after, after)
    if before != after and evidence.changed < SAME_MAX:
        log_p += LOG_SAME
    share = evidence.changed
    log_p += _log_less(share) if changes else -share / TOUCHES
    if len(changes) != 1:
        return log_p + _log_normal(evidence.edges, 0.0, 0.4)
    sign = 1.0 if changes[0].type == "pick" else -1.0
    if NOTHING in (before, after):
        return log_p + _log_normal(evidence.edges, sign * 0.5, 0.6)
    return log_p + _log_normal(evidence.edges, sign * AMONG_EDGES, AMONG_EDGES_SD)


def _log_less(share: float) -> float:
    """Of a change that leaves `share` of the slot other than it was, against one that leaves as much as usual."""
    lacking = max(math.log(CHANGES / max(share, 1e-4)), 0.0) / CHANGES_SD
    return max(-0.5 * lacking * lacking, LOG_HARDLY)


def _log_fit(fits: Mapping[str, float], shown: str) -> float:
    """How much better the look fits `shown` than a face that shows no enrolled product, as a log ratio."""
    if shown == UNKNOWN:
        return -1.5
    if shown == NOTHING:
        return 0.0
    # Far tails say that the model is wrong, not that a thing is certain.
    return min(max(fits.get(shown, 0.0), -FIT_MAX), FIT_MAX)


def _log_normal(value: float, mean: float, deviation: float) -> float:
    return -0.5 * ((value - mean) / deviation) ** 2 - math.log(deviation)
