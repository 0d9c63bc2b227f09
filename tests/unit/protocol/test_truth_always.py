"""Whatever shoppers do that can be done is accepted as truth; a receipt that nobody could have is not."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.contradictions import Labelled, contradictions
from protocol.recording import RecordingFile, TruthEvent
from protocol.store import Camera, Gondola, Product, Shelf, Slot, Store

SKUS = ("water", "tea", "cola")
SHOPPERS = ("ann", "bob", "cem")
DURATION_S = 1000.0
STORE = Store(
    format=1,
    store="corner",
    name="Corner",
    currency="EUR",
    cameras=(Camera(id="room", role="area", size=(640, 360)),),
    gondolas=(
        Gondola(
            id="rack",
            origin=(0, 0),
            width=1,
            depth=0.4,
            shelves=(Shelf(id="top", height=1, slots=(Slot(id="a", span=(0, 1)),)),),
        ),
    ),
    products=tuple(Product(sku=sku, name=sku) for sku in SKUS),
)
FILE = RecordingFile(format=1, start=datetime(2026, 1, 5, tzinfo=UTC), duration_s=DURATION_S)

Receipts = dict[str, dict[str, int]]


@st.composite
def days(draw: st.DrawFn) -> tuple[list[TruthEvent], Receipts]:
    """Some shoppers come, take, put back what they have, and leave or stay."""
    events: list[TruthEvent] = []
    receipts: Receipts = {}
    for who in draw(st.lists(st.sampled_from(SHOPPERS), min_size=1, unique=True)):
        t_s = draw(st.floats(0, 100))
        has: Counter[str] = Counter()
        events.append(TruthEvent(t_s=t_s, shopper=who, type="enter"))
        for sku, back in draw(st.lists(st.tuples(st.sampled_from(SKUS), st.booleans()), max_size=8)):
            t_s += draw(st.floats(0, 20))
            if not back:
                has[sku] += 1
                events.append(TruthEvent(t_s=t_s, shopper=who, type="pick", sku=sku, slot="rack.top.a"))
            elif has[sku]:
                has[sku] -= 1
                events.append(TruthEvent(t_s=t_s, shopper=who, type="put_back", sku=sku, slot="rack.top.a"))
        if draw(st.booleans()):
            events.append(TruthEvent(t_s=t_s + 1, shopper=who, type="exit"))
        receipts[who] = {sku: qty for sku, qty in has.items() if qty}
    return draw(st.permutations(events)), receipts


def labelled(events: list[TruthEvent]) -> list[Labelled]:
    # The order of lines means nothing but among those of one moment, which stay as they happened.
    ordered = sorted(enumerate(events), key=lambda each: (each[1].shopper, each[1].t_s))
    return [Labelled(number, event) for number, (_, event) in enumerate(ordered, start=1)]


@given(days())
def test_what_can_happen_is_accepted_without_a_word(day: tuple[list[TruthEvent], Receipts]) -> None:
    events, receipts = day
    assume(len({(event.shopper, event.t_s) for event in events}) == len(events))
    found = contradictions(labelled(events), receipts, STORE, FILE)
    assert (found.problems, found.readings) == ((), ())


@given(days(), st.sampled_from(SKUS), st.integers(1, 3))
def test_a_receipt_that_nobody_could_have_is_refused(
    day: tuple[list[TruthEvent], Receipts], sku: str, more: int
) -> None:
    events, receipts = day
    assume(len({(event.shopper, event.t_s) for event in events}) == len(events))
    who = next(iter(receipts))
    wrong = {**receipts, who: {**receipts[who], sku: receipts[who].get(sku, 0) + more}}
    found = contradictions(labelled(events), wrong, STORE, FILE)
    assert [finding.where for finding in found.problems] == [(who, sku)]
