"""What a change of weight means: which product, how many, taken or put down.

How it works. Every product that may have been meant, in every number up to `COUNT_MAX`, is a hypothesis; its
probability is proportional to what stands there by planogram and belief, how often people take so many, and how well
the weight fits. What is put down was taken before: candidates are the pieces that are out of their slots, at the
weight measured when each was taken, and mostly they go home. A weight that fits nothing is a product nobody knows.

These likelihoods are set by hand. Nothing is remembered of who has what; that is for visits to use.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

from edge.shelves.plates import Weighing
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.shelves.stock import StockBelief
from protocol.store import Slot, Store

COUNT_MAX = 4
COUNT_PRIOR = (0.8, 0.14, 0.04, 0.02)
SPREAD = 0.05
"""Of a product's weight: pieces differ, and catalogues are wrong by a few percent."""
MEASURED_SPREAD = 0.015
NOISE_G = 5.0
ELSEWHERE = 0.02
"""Prior weight of everything that does not belong where the weight changed, against what does."""
UNKNOWN_G = 2_000.0
"""A product nobody knows may weigh anything up to this."""
UNKNOWN = 0.01
OUT_MAX = 500
ALTERNATIVES_MAX = 4
Changes = tuple[SlotChange, ...]


@dataclass(slots=True)
class _Out:
    """A piece that was taken: what it weighed then."""

    sku: str
    grams: float


@dataclass(slots=True)
class Scales:
    """Reads weighings of a store. The stock belief follows the best reading of each."""

    store: Store
    stock: StockBelief
    _out: list[_Out] = field(default_factory=list)
    _grams: dict[str, float] = field(default_factory=dict)
    _slots: dict[str, list[tuple[str, Slot]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._grams = {product.sku: product.weight_g for product in self.store.products if product.weight_g is not None}
        for path, (_, _, slot) in self.store.slots().items():
            self._slots.setdefault(path.rpartition(".")[0], []).append((path, slot))

    def slot_of(self, weighing: Weighing) -> str | None:
        """The slot that lies most over the plates; None on a board without slots."""
        over = [(_shared(slot.span, weighing.span), path) for path, slot in self._slots.get(weighing.board, ())]
        best = max(over, default=None)
        return None if best is None or best[0] <= 0.0 else best[1]

    def read(self, weighing: Weighing) -> tuple[str | None, Reading]:
        """The slot where it happened and what was changed there; the belief follows."""
        weights = self._picks(weighing) if weighing.grams < 0.0 else self._puts(weighing)
        kind: Literal["pick", "put_back"] = "pick" if weighing.grams < 0.0 else "put_back"
        weights[None, (SlotChange(kind, None),)] = UNKNOWN / UNKNOWN_G
        total = sum(weights.values())
        trust = 0.7 if weighing.doubtful else 1.0
        ranked = sorted(weights.items(), key=lambda item: (-item[1], str(item[0])))
        hypotheses = [Hypothesis(changes, trust * weight / total) for (_, changes), weight in ranked]
        slot = ranked[0][0][0] or self.slot_of(weighing)
        self._follow(slot, hypotheses[0].changes, abs(weighing.grams))
        return slot, Reading(hypotheses[0], tuple(hypotheses[1 : 1 + ALTERNATIVES_MAX]))

    def _picks(self, weighing: Weighing) -> dict[tuple[str | None, Changes], float]:
        """Slot and changes with their weights, where something was taken."""
        weights: dict[tuple[str | None, Changes], float] = {}
        here = [(path, _shared(slot.span, weighing.span)) for path, slot in self._slots.get(weighing.board, ())]
        for path, shared in here:
            if shared <= 0.0:
                continue
            home = self.stock.home(path)
            for sku in dict.fromkeys([*([home] if home is not None else []), *self.stock.held(path)]):
                prior = shared / (weighing.span[1] - weighing.span[0])
                self._add(weights, (path, sku, "pick"), prior, abs(weighing.grams))
        for sku in self._grams:
            self._add(weights, (None, sku, "pick"), ELSEWHERE / len(self._grams), abs(weighing.grams))
        return weights

    def _puts(self, weighing: Weighing) -> dict[tuple[str | None, Changes], float]:
        """And where something was put down."""
        weights: dict[tuple[str | None, Changes], float] = {}
        homes = {
            self.stock.home(path)
            for path, slot in self._slots.get(weighing.board, ())
            if _shared(slot.span, weighing.span) > 0.0
        }
        for sku in dict.fromkeys(out.sku for out in self._out):
            measured = [out.grams for out in self._out if out.sku == sku]
            prior = 1.0 if sku in homes else 0.25
            for count in range(1, min(COUNT_MAX, len(measured)) + 1):
                nearest = min((math.fabs(weighing.grams - count * grams), grams) for grams in measured)[1]
                fit = _fit(weighing.grams, count * nearest, MEASURED_SPREAD)
                changes = (SlotChange("put_back", sku),) * count
                weights[None, changes] = prior * COUNT_PRIOR[count - 1] * fit
        return weights

    def _add(
        self,
        weights: dict[tuple[str | None, Changes], float],
        what: tuple[str | None, str, str],
        prior: float,
        grams: float,
    ) -> None:
        path, sku, _ = what
        each = self._grams.get(sku)
        for count in range(1, COUNT_MAX + 1):
            # Of a product whose weight nobody said, any weight may be one piece.
            fit = (1.0 / UNKNOWN_G if count == 1 else 0.0) if each is None else _fit(grams, count * each, SPREAD)
            key = (path, (SlotChange("pick", sku),) * count)
            weights[key] = weights.get(key, 0.0) + prior * COUNT_PRIOR[count - 1] * fit

    def _follow(self, slot: str | None, changes: Changes, grams: float) -> None:
        each = grams / max(len(changes), 1)
        for change in changes:
            if change.sku is None:
                continue
            if change.type == "pick":
                self._out = [*self._out, _Out(change.sku, each)][-OUT_MAX:]
            else:
                same = [out for out in self._out if out.sku == change.sku]
                if same:
                    self._out.remove(min(same, key=lambda out: abs(out.grams - each)))
            if slot is not None:
                self.stock.add(slot, change.sku, -1 if change.type == "pick" else 1)


def _fit(grams: float, expected: float, spread: float) -> float:
    deviation = math.hypot(spread * expected, NOISE_G)
    return math.exp(-0.5 * ((grams - expected) / deviation) ** 2) / (deviation * math.sqrt(math.tau))


def _shared(a: tuple[float, float], b: tuple[float, float]) -> float:
    return max(min(a[1], b[1]) - max(a[0], b[0]), 0.0)
