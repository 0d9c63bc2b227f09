"""What plates teach of products' weights, and of how far the catalogue is wrong."""

import numpy as np
import pytest

from edge.visits.stories.happening import Load
from edge.visits.stories.weights import SPREAD, Weights
from protocol.store import Product

SAID_G = 500.0


def weights() -> Weights:
    return Weights(Product(sku=str(n), name="a", price_minor=100, weight_g=SAID_G) for n in range(40))


def spread_of(known: Weights, sku: str) -> float:
    """How far a product's weight is taken to be wrong, as a share."""
    return float(np.sqrt(known.parts(sku, 100)[1])) / 100.0 / SAID_G


def taught(wrong: float, seed: int, count: int = 30) -> Weights:
    """After so many products were weighed, in a store whose catalogue is so far wrong."""
    known, rng = weights(), np.random.default_rng(seed)
    for sku in range(count):
        known.learn(str(sku), 1, SAID_G * (1.0 + wrong * rng.standard_normal()) + 2.0 * rng.standard_normal())
    return known


def test_a_product_that_was_weighed_is_known_by_that() -> None:
    known = weights()
    known.learn("1", 2, 2.0 * 540.0)
    assert known.grams("1") == pytest.approx(537.0, abs=2.0)
    assert spread_of(known, "1") < 0.02 < spread_of(known, "2")
    assert known.grams("2") == SAID_G


@pytest.mark.parametrize("seed", range(3))
def test_how_far_a_catalogue_is_wrong_is_learnt_of_the_products_weighed(seed: int) -> None:
    assert spread_of(weights(), "39") == pytest.approx(SPREAD, rel=0.1)
    assert 0.012 < spread_of(taught(0.01, seed), "39") < 0.03
    assert 0.06 < spread_of(taught(0.1, seed), "39") < 0.14
    assert 0.04 < spread_of(taught(0.01, seed, 1), "39") < SPREAD


def test_a_better_catalogue_tells_products_apart_that_weigh_nearly_the_same() -> None:
    load = Load("b", 530.0, (), 1)
    before, after = weights().fit("39", 1, load), taught(0.01, 0).fit("39", 1, load)
    assert after < 0.6 * before


def test_what_has_no_weight_in_the_catalogue_is_not_learnt() -> None:
    known = Weights([Product(sku="a", name="a", price_minor=100)])
    known.learn("a", 1, 300.0)
    assert not known.has("a")
