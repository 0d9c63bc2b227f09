"""Scoring receipts by the cloud's own cart and decision."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from edge.events import NewEvent
from protocol.events import Change, Interaction
from protocol.store import Store
from tests.unit.edge.drawn_shelf import LEFT, open_store
from tillfree.evaluate.receipts import ReceiptScore, item_f1, receipts

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANNA, AGAIN, BERT = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


def change(
    number: int,
    kind: str = "pick",
    *,
    sku: str | None = "water",
    p: float = 0.99,
    visit: UUID | None = ANNA,
    revision: int = 1,
) -> NewEvent:
    at = START + timedelta(seconds=number)
    made = Change.model_validate({"type": kind, "sku": sku, "qty": 1, "slot": LEFT, "p": p})
    event = Interaction(
        interaction=UUID(int=100 + number),
        revision=revision,
        cameras=("shelf",),
        slot=LEFT,
        entered=at,
        left=at,
        changes=(made,),
        p=p,
        reasons={},
    )
    return NewEvent(at, visit, event)


@pytest.mark.parametrize(
    ("events", "charged", "in_review"),
    [
        pytest.param([], {}, {}, id="nothing taken"),
        pytest.param([change(1), change(2)], {"water": 2}, {}, id="two taken"),
        pytest.param([change(1), change(2, "put_back")], {}, {}, id="taken and returned"),
        pytest.param([change(1, p=0.8)], {}, {"water": 1}, id="not sure enough"),
        pytest.param([change(1, sku="cola"), change(2)], {"water": 1, "cola": 1}, {}, id="two products"),
        pytest.param([change(1, sku=None)], {}, {"(unknown)": 1}, id="a product nobody enrolled"),
        pytest.param([change(1), change(1, p=0.3, revision=2)], {}, {"water": 1}, id="revised to a doubt"),
        pytest.param([change(1, p=0.3, revision=2), change(1)], {}, {"water": 1}, id="in whatever order"),
        pytest.param([change(1), change(2, "put_back", sku="cola")], {}, {"water": 1}, id="something unexplained"),
        pytest.param([change(1, visit=None)], {}, {}, id="nobody took it"),
    ],
)
def test_what_a_shopper_would_be_charged(
    store: Store, events: list[NewEvent], charged: dict[str, int], in_review: dict[str, int]
) -> None:
    (score,) = receipts(events, {ANNA: "anna"}, {"anna": {}}, store)
    assert (dict(score.charged), dict(score.in_review)) == (charged, in_review)
    assert score.exact == (charged == {})


def test_who_comes_twice_pays_for_both_visits(store: Store) -> None:
    events = [change(1), change(2, visit=AGAIN), change(3, sku="cola", visit=AGAIN)]
    (score,) = receipts(events, {ANNA: "anna", AGAIN: "anna"}, {"anna": {"water": 2, "cola": 1}}, store)
    assert score.exact


def test_a_shopper_who_was_never_seen_and_a_visit_that_is_nobodys(store: Store) -> None:
    missed, stranger = receipts([change(1, visit=BERT)], {}, {"anna": {"water": 1}}, store)
    assert (missed.shopper, dict(missed.charged), missed.exact) == ("anna", {}, False)
    assert (stranger.shopper, dict(stranger.charged), stranger.exact) == (str(BERT), {"water": 1}, False)


@pytest.mark.parametrize(
    ("scores", "f1"),
    [
        ([], 1.0),
        ([ReceiptScore("a", {}, {}, {})], 1.0),
        ([ReceiptScore("a", {"w": 2}, {}, {"w": 2})], 1.0),
        ([ReceiptScore("a", {}, {"w": 1}, {"w": 1})], 0.0),
        ([ReceiptScore("a", {"w": 1}, {}, {})], 0.0),
        ([ReceiptScore("a", {"w": 3}, {}, {"w": 1})], 0.5),
        ([ReceiptScore("a", {"w": 1}, {}, {}), ReceiptScore("b", {}, {}, {"w": 1})], 0.0),
        ([ReceiptScore("a", {"w": 1, "c": 1}, {}, {"w": 1}), ReceiptScore("b", {"w": 1}, {}, {"w": 1})], 0.8),
    ],
    ids=["nobody", "nothing", "right", "in review", "too much", "too many", "the wrong one pays", "one too many"],
)
def test_items_count_when_product_and_shopper_are_right(scores: list[ReceiptScore], f1: float) -> None:
    assert item_f1(scores) == pytest.approx(f1)
