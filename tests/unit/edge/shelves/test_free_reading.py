"""What has gone from a free shelf and come to it, read by product and count."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.shelves.free_evidence import FreeEvidence, Match, Thing
from edge.shelves.free_reading import read_free
from edge.shelves.stock import StockBelief
from protocol.store import Facing

SLOT = "cabinet.top.free"
SKUS = ("cola", "tea", "water")
HERE = (0.0, 0.0, 10.0, 20.0)


def stocked(cola: int = 2, water: int = 2, tea: int = 2, *, out: tuple[str, ...] = ()) -> StockBelief:
    stock = StockBelief(
        Facing(slot=SLOT, sku=sku, stock=count) for sku, count in (("cola", cola), ("water", water), ("tea", tea))
    )
    for sku in out:
        stock.add(SLOT, sku, -1)
    return stock


def thing(sku: str | None, p: float = 0.97, real: float = 1.0) -> Thing:
    others = [name for name in SKUS if name != sku]
    rest = (1.0 - p) / 3
    own = [] if sku is None else [(sku, p)]
    may_be = (*own, *((name, rest) for name in others))
    return Thing(HERE, real, may_be, 1.0 - sum(share for _, share in may_be))


def said(gone: list[str | None], come: list[str | None], stock: StockBelief) -> list[tuple[str, str | None, int]]:
    reading = read_free(SLOT, FreeEvidence(tuple(map(thing, gone)), tuple(map(thing, come))), stock)
    return [(change.type, change.sku, change.qty) for change in reading.best.changes]


@pytest.mark.parametrize(
    ("gone", "come", "wanted"),
    [
        ([], [], []),
        (["cola"], [], [("pick", "cola", 1)]),
        ([], ["tea"], [("put_back", "tea", 1)]),
        (["cola", "cola"], [], [("pick", "cola", 2)]),
        (["cola", "water"], [], [("pick", "cola", 1), ("pick", "water", 1)]),
        (["cola"], ["tea"], [("pick", "cola", 1), ("put_back", "tea", 1)]),
        (["cola"], ["cola"], []),
        ([], [None], [("put_back", None, 1)]),
        (["cola", "water"], ["water"], [("pick", "cola", 1)]),
    ],
)
def test_what_goes_and_comes_is_counted_by_product(
    gone: list[str | None], come: list[str | None], wanted: list[tuple[str, str | None, int]]
) -> None:
    assert said(gone, come, stocked(out=("tea",))) == wanted


def test_two_things_that_look_alike_are_one_that_was_moved_whatever_it_is() -> None:
    unsure = thing("cola", p=0.5), thing("water", p=0.5)
    apart = read_free(SLOT, FreeEvidence((unsure[0],), (unsure[1],)), stocked(out=("water",)))
    alike = read_free(SLOT, FreeEvidence((unsure[0],), (unsure[1],), (Match(0, 0, 50.0),)), stocked(out=("water",)))
    assert alike.best.changes == ()
    assert alike.best.p > max(
        hypothesis.p for hypothesis in (apart.best, *apart.alternatives) if not hypothesis.changes
    )


def test_no_more_goes_than_stands_there() -> None:
    """Two that may be cola or water go, and there is one cola: rather one of each."""
    torn = Thing(HERE, 1.0, (("cola", 0.55), ("water", 0.42)), 0.03)
    reading = read_free(SLOT, FreeEvidence((torn, torn), ()), stocked(cola=1))
    assert {change.sku for change in reading.best.changes} == {"cola", "water"}


def test_doubt_goes_into_the_probability() -> None:
    def p(each: Thing, *, doubtful: bool = False) -> float:
        return read_free(SLOT, FreeEvidence((each,), ()), stocked(), doubtful=doubtful).best.p

    sure = p(thing("cola"))
    assert sure > 0.9
    assert max(p(thing("cola", p=0.7)), p(thing("cola", real=0.7)), p(thing("cola"), doubtful=True)) < sure - 0.1
    assert p(thing("cola"), doubtful=True) < 0.7


things = st.lists(
    st.builds(thing, st.sampled_from([*SKUS, None]), st.floats(0.3, 1.0), st.floats(0.0, 1.0)), max_size=9
)


@settings(max_examples=80, deadline=None)
@given(things, things, st.booleans())
def test_probabilities_sum_to_one_at_most_and_the_best_is_first(
    gone: list[Thing], come: list[Thing], doubtful: bool
) -> None:
    matches = tuple(Match(place, place, 5.0) for place in range(min(len(gone), len(come), 2)))
    reading = read_free(SLOT, FreeEvidence(tuple(gone), tuple(come), matches), stocked(), doubtful=doubtful)
    ps = [reading.best.p, *(each.p for each in reading.alternatives)]
    assert ps == sorted(ps, reverse=True)
    assert sum(ps) <= (0.7 if doubtful else 1.0) + 1e-9
    for each in (reading.best, *reading.alternatives):
        assert len({change.sku for change in each.changes}) == len(each.changes)
        assert all(change.qty >= 1 for change in each.changes)
