"""What an interaction changed: the right thing on clear evidence, and honest probabilities on any."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.shelves.evidence import Evidence
from edge.shelves.reading import ALTERNATIVES_MAX, Hypothesis, Reading, SlotChange, read, unseen
from edge.shelves.stock import StockBelief
from protocol.store import Facing

SLOT = "wall.top.left"
SURE = 0.9
PICK_WATER, PUT_WATER = SlotChange("pick", "water"), SlotChange("put_back", "water")


def stock_of(count: int = 1, sku: str = "water") -> StockBelief:
    return StockBelief([Facing(slot=SLOT, sku=sku, stock=count)])


def with_a_cola_out() -> StockBelief:
    stock = StockBelief([Facing(slot=SLOT, sku="water"), Facing(slot="wall.top.right", sku="cola")])
    stock.add("wall.top.right", "cola", -1)
    return stock


def fit(like: float) -> float:
    """The log ratio of a cosine to a product's photo: of that product's looks 0.82 ± 0.14, of others' 0.38 ± 0.17."""
    return 0.5 * (((like - 0.38) / 0.17) ** 2 - ((like - 0.82) / 0.14) ** 2) + math.log(0.17 / 0.14)


def evidence(
    before: dict[str, float], after: dict[str, float], *, changed: float = 0.5, edges: float = 0.0
) -> Evidence:
    """Looks as cosines to the photos."""
    fits = [{sku: fit(like) for sku, like in looks.items()} for looks in (before, after)]
    return Evidence(changed=changed, edges=edges, before=fits[0], after=fits[1])


GONE = evidence({"water": 0.9, "cola": 0.4}, {"water": 0.35, "cola": 0.3}, edges=0.6)
CAME = evidence({"water": 0.35, "cola": 0.3}, {"water": 0.9, "cola": 0.4}, edges=-0.6)
SAME = evidence({"water": 0.9, "cola": 0.4}, {"water": 0.9, "cola": 0.4}, changed=0.0)


@pytest.mark.parametrize(
    ("seen", "stock", "changes"),
    [
        pytest.param(GONE, stock_of(1), (PICK_WATER,), id="the bottle is gone"),
        pytest.param(CAME, stock_of(0), (PUT_WATER,), id="the bottle came back"),
        pytest.param(SAME, stock_of(1), (), id="a touch"),
        pytest.param(evidence({}, {}, changed=0.0), stock_of(0), (), id="a hand in an empty slot"),
        pytest.param(
            evidence({"water": 0.9, "cola": 0.3}, {"water": 0.3, "cola": 0.9}),
            with_a_cola_out(),
            (PICK_WATER, SlotChange("put_back", "cola")),
            id="an exchange",
        ),
        pytest.param(
            evidence({"water": 0.3, "cola": 0.3}, {"water": 0.3, "cola": 0.9}, edges=-0.6),
            stock_of(0),
            (SlotChange("put_back", "cola"),),
            id="a stranger put into an empty slot",
        ),
        pytest.param(
            evidence({"water": 0.3, "cola": 0.3}, {"water": 0.35, "cola": 0.3}, edges=-0.8),
            stock_of(0),
            (SlotChange("put_back", None),),
            id="something that nobody enrolled",
        ),
    ],
)
def test_what_clear_evidence_says(seen: Evidence, stock: StockBelief, changes: tuple[SlotChange, ...]) -> None:
    assert read(SLOT, [seen], stock).best.changes == changes


def several(out: int = 1) -> StockBelief:
    """Five of six waters, and the cola is out."""
    stock = StockBelief([Facing(slot=SLOT, sku="water", stock=6), Facing(slot="wall.top.right", sku="cola")])
    stock.add(SLOT, "water", -out)
    stock.add("wall.top.right", "cola", -1)
    return stock


def among(edges: float, *, changed: float = 0.19, after: float = 0.8) -> Evidence:
    """Waters before and after, of which one has gone or come."""
    return evidence({"water": 0.8, "cola": 0.3}, {"water": after, "cola": 0.3}, changed=changed, edges=edges)


@pytest.mark.parametrize(
    ("seen", "changes"),
    [
        pytest.param(among(0.45), (PICK_WATER,), id="edges go with the piece that goes"),
        pytest.param(among(-0.4), (PUT_WATER,), id="and come with the piece that comes"),
        pytest.param(among(0.3, changed=0.04), (), id="a neighbour's shadow"),
        pytest.param(
            evidence({"water": 0.8, "cola": 0.3}, {"water": 0.45, "cola": 0.85}, changed=0.25, edges=-0.3),
            (SlotChange("put_back", "cola"),),
            id="another product put before them",
        ),
    ],
)
def test_a_piece_among_others_of_its_slot(seen: Evidence, changes: tuple[SlotChange, ...]) -> None:
    assert read(SLOT, [seen], several()).best.changes == changes


def test_what_stands_before_others_is_what_is_taken() -> None:
    stock = several()
    stock.add(SLOT, "cola", 1)
    seen = evidence({"water": 0.45, "cola": 0.85}, {"water": 0.8, "cola": 0.3}, changed=0.25, edges=0.3)
    assert read(SLOT, [seen], stock).best.changes == (SlotChange("pick", "cola"),)


@pytest.mark.parametrize(("seen", "stock"), [(GONE, stock_of(1)), (CAME, stock_of(0)), (SAME, stock_of(1))])
def test_clear_evidence_is_sure(seen: Evidence, stock: StockBelief) -> None:
    assert read(SLOT, [seen], stock).best.p > SURE


def test_one_of_several_alike_is_honestly_unsure() -> None:
    """The next bottle of the row shows where the first one stood: without scales a pick looks like a shove."""
    reading = read(SLOT, [evidence({"water": 0.9}, {"water": 0.88}, changed=0.15)], stock_of(5))
    assert {(), (PICK_WATER,)} <= {reading.best.changes, *(lost.changes for lost in reading.alternatives)}
    assert reading.best.p < 0.98


def test_look_alikes_share_the_probability() -> None:
    seen = evidence({"cola": 0.3, "diet-cola": 0.3}, {"cola": 0.85, "diet-cola": 0.84}, edges=-0.6)
    reading = read(SLOT, [seen], stock_of(0, "cola"))
    assert reading.best.changes == (SlotChange("put_back", "cola"),)
    assert (SlotChange("put_back", "diet-cola"),) in {lost.changes for lost in reading.alternatives}
    assert reading.best.p < 0.95


def test_a_camera_that_shows_nothing_does_not_outvote_one_that_shows_a_change() -> None:
    stock = stock_of(6)
    hardly = evidence({}, {}, changed=0.003)
    shows = evidence({"water": 0.8}, {"water": 0.8}, changed=0.25, edges=0.5)
    both, one = read(SLOT, [hardly, shows], stock), read(SLOT, [shows], stock)
    assert both.best.changes == (PICK_WATER,)
    assert both.best.p < one.best.p
    neither = read(SLOT, [hardly, hardly], stock).best
    assert (neither.changes, neither.p > SURE) == ((), True)


@pytest.mark.parametrize(("covered", "outshone"), [(20, False), (0, True), (20, True)])
def test_of_many_slots_that_a_body_hides_few_changed(covered: int, *, outshone: bool) -> None:
    alone = Reading(Hypothesis((PICK_WATER,), 0.9), (Hypothesis((), 0.08), Hypothesis((PUT_WATER,), 0.02)))
    among = alone.among(covered, outshone=outshone)
    p = {each.changes: each.p for each in (among.best, *among.alternatives)}
    assert p[PICK_WATER,] < 0.9
    assert p[PICK_WATER,] / p[PUT_WATER,] == pytest.approx(45.0)
    assert sum(p.values()) == pytest.approx(1.0)
    assert among.best.p == max(p.values())


def test_one_reach_hides_its_slot_and_those_beside_it() -> None:
    alone = Reading(Hypothesis((PICK_WATER,), 0.9), (Hypothesis((), 0.1),))
    assert alone.among(3, outshone=False) == alone


def test_a_doubtful_interaction_is_never_charged() -> None:
    assert read(SLOT, [GONE], stock_of(1), doubtful=True).best.p <= 0.7


@pytest.mark.parametrize("home", [True, False])
def test_an_end_that_nobody_saw_is_never_sure(home: bool) -> None:
    reading = unseen(SLOT, stock_of(1) if home else StockBelief([]))
    assert reading.best.p < 0.5
    check(reading)
    assert reading.best.changes == (SlotChange("pick", "water" if home else None),)


def test_a_crowded_gallery_is_read_alike_whatever_its_order() -> None:
    likeness = {f"sku-{n:03}": 0.30 + n / 1000 for n in range(300)}
    after = {**likeness, "sku-150": 0.95}
    seen = evidence(likeness, after, edges=-0.6)
    back = evidence(dict(reversed([*likeness.items()])), dict(reversed([*after.items()])), edges=-0.6)
    reading = read(SLOT, [seen], StockBelief([]))
    assert reading == read(SLOT, [back], StockBelief([]))
    assert reading.best.changes == (SlotChange("put_back", "sku-150"),)


def check(reading: Reading) -> None:
    hypotheses = [reading.best, *reading.alternatives]
    assert len(reading.alternatives) <= ALTERNATIVES_MAX
    assert all(math.isfinite(h.p) and 0.0 <= h.p <= 1.0 for h in hypotheses)
    assert sum(h.p for h in hypotheses) <= 1.0 + 1e-9
    assert [h.p for h in hypotheses] == sorted((h.p for h in hypotheses), reverse=True)
    assert len({h.changes for h in hypotheses}) == len(hypotheses)


cosines = st.floats(-1, 1)
skus = st.sampled_from(["water", "cola", "juice", "beer", "milk", "tea", "mate", "cider", "rum", "gin"])
pairs = st.dictionaries(skus, st.tuples(cosines, cosines))
stocks = st.dictionaries(skus, st.integers(0, 9), max_size=4)


@settings(max_examples=200, deadline=None)
@given(pairs, stocks, st.floats(0, 1), st.floats(-8, 8), st.booleans(), st.sampled_from([None, "water", "cola"]))
def test_on_any_evidence_the_probabilities_are_ones(
    likeness: dict[str, tuple[float, float]],
    held: dict[str, int],
    changed: float,
    edges: float,
    doubtful: bool,
    home: str | None,
) -> None:
    stock = StockBelief([Facing(slot=SLOT, sku=home, stock=1)] if home else [])
    for sku, count in held.items():
        stock.add(SLOT, sku, count)
    seen = Evidence(
        changed=changed,
        edges=edges,
        before={sku: pair[0] for sku, pair in likeness.items()},
        after={sku: pair[1] for sku, pair in likeness.items()},
    )
    reading = read(SLOT, [seen], stock, doubtful=doubtful)
    check(reading)
    assert isinstance(reading.best, Hypothesis)
    # What leaves a slot is thought to have been there, or looked like it; nothing comes from a name that nobody has.
    known = {None, home, *likeness, *held}
    assert {change.sku for change in reading.best.changes} <= known


def test_the_stock_belief_follows_and_never_goes_beneath_nothing() -> None:
    stock = stock_of(1)
    stock.add(SLOT, "water", -1)
    stock.add(SLOT, "water", -1)
    assert (stock.count(SLOT), stock.held(SLOT)) == (0, {})
    stock.add(SLOT, "cola", 2)
    assert stock.held(SLOT) == {"cola": 2}
    assert stock.home(SLOT) == "water"
    assert (stock.home("wall.top.right"), stock.count("wall.top.right"), stock.held("wall.top.right")) == (None, 0, {})


@given(st.lists(st.tuples(skus, st.integers(-3, 3)), max_size=30))
def test_whatever_comes_and_goes_counts_stay_counts(moves: list[tuple[str, int]]) -> None:
    stock = stock_of(2)
    for sku, qty in moves:
        stock.add(SLOT, sku, qty)
        assert all(count > 0 for count in stock.held(SLOT).values())
        assert stock.count(SLOT) == sum(stock.held(SLOT).values())


def test_a_faint_put_back_of_what_nobody_has_is_not_believed() -> None:
    faint = evidence({"water": 0.6, "cola": 0.5}, {"water": 0.75, "cola": 0.6}, changed=0.12, edges=-0.3)
    taken = stock_of(1)
    taken.add(SLOT, "water", -1)
    assert read(SLOT, [faint], taken).best.changes == (PUT_WATER,)
    assert read(SLOT, [faint], stock_of(1)).best.changes != (PUT_WATER,)
