"""What a change of weight says for a product: catalogues are wrong by a few percent, and plates teach what is right.

Of each product the weight of one piece is known with a mean and a deviation, which the weighings that leave no doubt
make narrower (normal with known noise: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5). How far this
store's catalogue is wrong is learnt by them, too: so a product that was never weighed is known as well as others were.
"""

import math
from collections.abc import Iterable

from edge.visits.stories.happening import Load
from protocol.store import Product

NOISE_G, NOISE_MIN_G = 5.0, 3.5
"""Of a weighing: two means of half a second at 10 g a sample, swings that have not died quite, a zero that drifts. Of a
good plate it is less, and a plate says how much its own is."""
SPREAD, SPREAD_COUNTS = 0.05, 4.0
"""How far a catalogue is wrong before any product was weighed: standard deviation, as a share of what it says. Beside
what a store's own weighings teach of that, it counts for so many products."""
PIECES = 0.015
"""How far pieces of one product differ from each other."""
SAME = 0.01
"""How far one piece differs from itself, weighed again elsewhere."""
LEANING = 0.45
"""How often a thing on several plates leans on what is beside it, and then what share of its weight is weighed."""
LEANS, LEANS_SPREAD = 0.89, 0.065


class Weights:
    """The weights of one piece of each product, in grams."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._catalogue = {product.sku: product.weight_g for product in products if product.weight_g is not None}
        self._learnt: dict[str, tuple[float, float]] = {}
        """Of products that were weighed: mean and variance."""
        self._spread = SPREAD

    def has(self, sku: str) -> bool:
        """Whether anything is known of the product's weight."""
        return sku in self._catalogue

    def grams(self, sku: str) -> float:
        """The mean weight of a piece."""
        return self._known(sku)[0]

    def fit(self, sku: str, qty: int, load: Load) -> float:
        """The likelihood density (per gram) of a load of so many grams, above 0, for `qty` new pieces."""
        mean, variance = self._known(sku)
        spread = math.sqrt(qty * qty * variance + qty * (PIECES * mean) ** 2)
        return leaning_fit(load, qty * mean, spread)

    def fit_of(self, parts: Iterable[tuple[str, int]], load: Load) -> float:
        """The same for pieces of several products together."""
        total, variance = 0.0, 0.0
        for sku, qty in parts:
            mean, of_it = self.parts(sku, qty)
            total, variance = total + mean, variance + of_it
        return leaning_fit(load, total, math.sqrt(variance))

    def parts(self, sku: str, qty: int) -> tuple[float, float]:
        """What `qty` pieces weigh together, grams, and its variance."""
        mean, known = self._known(sku)
        return qty * mean, qty * qty * known + qty * (PIECES * mean) ** 2

    def learn(self, sku: str, qty: int, grams: float) -> None:
        """So many pieces certainly weighed `grams` together."""
        if sku not in self._catalogue:
            return
        mean, variance = self._known(sku)
        noise = (NOISE_G / qty) ** 2 + (PIECES * mean) ** 2 / qty
        gain = variance / (variance + noise)
        self._learnt[sku] = (mean + gain * (grams / qty - mean), (1.0 - gain) * variance)
        # One step of expectation and maximisation for the catalogue's own deviation (ibid., section 13.4).
        wrong = sum(
            ((learnt_g - self._catalogue[each]) ** 2 + left) / self._catalogue[each] ** 2
            for each, (learnt_g, left) in self._learnt.items()
        )
        self._spread = math.sqrt((SPREAD_COUNTS * SPREAD**2 + wrong) / (SPREAD_COUNTS + len(self._learnt)))

    def _known(self, sku: str) -> tuple[float, float]:
        """The mean of a piece's weight, and its variance."""
        learnt = self._learnt.get(sku)
        if learnt is not None:
            return learnt
        said_g = self._catalogue[sku]
        return said_g, (self._spread * said_g) ** 2


def leaning_fit(load: Load, expected: float, spread: float) -> float:
    """The density of the load where `expected` is due; what stands on several plates may weigh less."""
    grams, noise = load.grams, max(load.sigma_g, NOISE_MIN_G)
    upright = normal(grams, expected, math.hypot(spread, noise))
    if load.plates == 1:
        return upright
    leaning = normal(grams, LEANS * expected, math.hypot(spread, noise, LEANS_SPREAD * expected))
    return (1.0 - LEANING) * upright + LEANING * leaning


def again_fit(grams: float, before: float, *, whole: bool, sigma_g: float = NOISE_G) -> float:
    """The density of `grams` for what was weighed as `before`; `whole`: on one plate both times."""
    noise = max(sigma_g, NOISE_MIN_G) * math.sqrt(2.0)
    upright = normal(grams, before, math.hypot(SAME * before, noise))
    if whole:
        return upright
    return 0.5 * upright + 0.5 * normal(grams, before, math.hypot(0.12 * before, noise))


def normal(value: float, mean: float, deviation: float) -> float:
    """The normal density."""
    return math.exp(-0.5 * ((value - mean) / deviation) ** 2) / (deviation * math.sqrt(math.tau))
