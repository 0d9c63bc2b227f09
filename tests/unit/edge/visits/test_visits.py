"""Visits and whose hand it was."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.events import NewEvent
from edge.shelves.place import Spot
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.tracking.joining.joining import Person
from edge.visits.attribution import NOBODY
from edge.visits.visits import KEPT_S as VISIT_KEPT_S
from edge.visits.visits import Hand, Visits
from protocol import events as said
from protocol.store import Camera, Facing, Gondola, Product, Shelf, Slot, Store

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
DOOR, SHELF = (0.0, 0.0), (5.0, 0.0)
ANNA, BERT = UUID(int=1), UUID(int=2)
SLOT = "wall.top.left"
PICK = Reading(Hypothesis((SlotChange("pick", "water"),), 0.96), (Hypothesis((), 0.03),))
WALL = Gondola(
    id="wall",
    origin=(4.5, 0.75),
    width=1.0,
    depth=0.4,
    shelves=(Shelf(id="top", height=1.2, slots=(Slot(id="left", span=(0.0, 1.0)),)),),
)
STORE = Store(
    format=1,
    store="s",
    name="S",
    currency="EUR",
    cameras=(Camera(id="area", role="area", size=(64, 64)),),
    gondolas=(WALL,),
    products=(Product(sku="water", name="Water"),),
    planogram=(Facing(slot=SLOT, sku="water", stock=9),),
)
SPOT = Spot(WALL, (1.2, 1.2), (0.0, 1.0))


def visits(entry: tuple[float, float] | None = None, identity: str = "test") -> Visits:
    return Visits(identity, START, entry, STORE)


def a_hand(from_s: float, to_s: float) -> Hand:
    return Hand(SLOT, from_s, to_s, ("shelf",), ((SLOT, SPOT, 1.0),), (from_s, to_s))


def reaches(store: Visits, from_s: float, to_s: float, reading: Reading = PICK) -> NewEvent:
    return store.happened(a_hand(from_s, to_s), {}, sight=reading)[0]


def whose(event: NewEvent) -> UUID | None:
    return event.visit


def interaction_of(event: NewEvent) -> said.Interaction:
    assert isinstance(event.event, said.Interaction)
    return event.event


def enter(store: Visits, token: str, t_s: float) -> UUID:
    (event,) = store.entered(token, "door", t_s)
    assert event.event == said.Entered(lane="door", token=token)
    assert event.ts == START + timedelta(seconds=t_s)
    assert event.visit is not None
    return event.visit


def at(t_s: float, person: int, place: tuple[float, float]) -> Person:
    return Person(t_s, person, *place, 0.1, "area", ())


def test_a_visit_opens_and_closes_once() -> None:
    store = visits()
    anna = enter(store, "anna", 1.0)
    (exited,) = store.exited("anna", "door", 9.0)
    assert (exited.visit, exited.event) == (anna, said.Exited(lane="door"))
    assert store.exited("anna", "door", 9.5) == ()


def test_a_code_that_is_read_twice_opens_one_visit() -> None:
    store = visits()
    enter(store, "anna", 1.0)
    assert store.entered("anna", "door", 1.2) == ()
    assert len(store.exited("anna", "door", 5.0)) == 1
    assert store.exited("anna", "door", 5.1) == ()


def test_who_comes_back_has_another_visit() -> None:
    store = visits()
    first = enter(store, "anna", 1.0)
    store.exited("anna", "door", 5.0)
    second = enter(store, "anna", 6.0)
    assert first != second
    (exited,) = store.exited("anna", "door", 8.0)
    assert exited.visit == second


def test_an_exit_without_an_entry_is_nobodys() -> None:
    assert visits().exited("ghost", "door", 3.0) == ()


def test_the_same_entry_has_the_same_id_in_every_replay_and_another_in_another_run() -> None:
    assert enter(visits(), "anna", 1.0) == enter(visits(), "anna", 1.0)
    assert enter(visits(), "anna", 1.0) != enter(visits(identity="other run"), "anna", 1.0)
    assert enter(visits(), "anna", 1.0) != enter(visits(), "bert", 1.0)


@pytest.mark.parametrize(
    ("from_s", "to_s", "hers"),
    [
        (2.0, 3.0, True),
        (0.0, 0.9, False),
        (0.5, 1.5, True),
        (9.0, 11.0, True),
        (10.0, 11.0, True),
        (10.1, 11.0, False),
    ],
    ids=["during", "before", "while she entered", "while she left", "as she left", "after"],
)
def test_a_hand_belongs_to_who_was_there_while_it_lasted(from_s: float, to_s: float, hers: bool) -> None:
    store = visits()
    anna = enter(store, "anna", 1.0)
    store.exited("anna", "door", 10.0)
    event = reaches(store, from_s, to_s)
    assert whose(event) == (anna if hers else None)


def test_a_hand_is_still_hers_when_others_came_since() -> None:
    store = visits()
    anna = enter(store, "anna", 1.0)
    store.exited("anna", "door", 10.0)
    enter(store, "bert", 11.0)
    assert whose(reaches(store, 9.0, 10.5)) == anna


def test_closed_visits_are_forgotten_in_the_end() -> None:
    store = visits()
    enter(store, "anna", 1.0)
    store.exited("anna", "door", 10.0)
    enter(store, "bert", 10.0 + VISIT_KEPT_S + 1)
    assert whose(reaches(store, 9.0, 9.5)) is None


def test_what_is_said_of_an_interaction() -> None:
    store = visits()
    anna = enter(store, "anna", 1.0)
    event = store.happened(a_hand(2.0, 3.0), {"changed": 0.5}, sight=PICK)[0]
    interaction = interaction_of(event)
    assert event.ts == START + timedelta(seconds=3)
    assert event.visit == anna
    (change,) = interaction.changes
    assert change == said.Change(type="pick", sku="water", qty=1, slot=SLOT, p=interaction.p)
    assert interaction.p == pytest.approx(0.96 / (1 + NOBODY), abs=0.001)
    assert (None, ()) in [(other.visit, other.changes) for other in interaction.alternatives]
    assert interaction.p + sum(other.p for other in interaction.alternatives) == pytest.approx(1.0, abs=1e-5)
    assert interaction.reasons["changed"] == 0.5
    assert interaction.reasons["what"] == pytest.approx(0.96, abs=0.002)


def test_two_hands_of_one_moment_are_two_interactions() -> None:
    """Two shoppers take the same bottle at the same instant: each taking has its own id."""
    store = visits()
    enter(store, "anna", 1.0)
    one, other = (interaction_of(reaches(store, 2.0, 3.0)) for _ in range(2))
    assert one.interaction != other.interaction


def test_with_nobody_in_the_store_it_was_nobody() -> None:
    event = reaches(visits(), 2.0, 3.0)
    assert event.visit is None
    assert interaction_of(event).reasons["who"] == 1.0


def test_where_places_stir_two_who_scan_in_one_after_the_other_are_less_sure_to_be_themselves() -> None:
    """Standing at the shelf alone, long after, she may still be who scanned behind her."""

    def sure(stir_m: float) -> float:
        store = visits(DOOR)
        for tenth in range(400):
            t_s, side = 0.1 * tenth, stir_m if tenth // 10 % 2 else -stir_m
            if tenth in (200, 220):
                enter(store, "anna" if tenth == 200 else "bert", t_s)
            walks = max(0.0, min(t_s - 25.0, 4.0))
            seen = [at(t_s, 1, (walks, side)), *([at(t_s, 2, (0.0, 1.5 + side))] if t_s > 21.5 else [])]
            store.saw(seen)
        return interaction_of(reaches(store, 38.0, 39.0)).p

    assert sure(0.4) < sure(0.0)


tokens = st.sampled_from(["anna", "bert", "carl"])
steps = st.lists(
    st.tuples(st.sampled_from(["enter", "exit", "hand"]), tokens, st.sampled_from([0.0, 0.5, 7.0, 40.0])), max_size=30
)


@settings(max_examples=100, deadline=None)
@given(steps)
def test_whatever_the_order_visits_open_before_they_close_and_ids_are_unique(
    story: list[tuple[str, str, float]],
) -> None:
    def tell() -> list[NewEvent]:
        events: list[NewEvent] = []
        store, t_s = visits(DOOR), 0.0
        for what, token, step_s in story:
            t_s = round(t_s + step_s, 3)
            if what == "hand":
                events += store.happened(a_hand(max(0.0, t_s - 2), t_s), {}, sight=PICK)
            else:
                events += (store.entered if what == "enter" else store.exited)(token, "door", t_s)
        return events

    events = tell()
    assert events == tell()
    opened: list[UUID | None] = []
    closed: list[UUID | None] = []
    for event in events:
        if isinstance(event.event, said.Entered):
            opened.append(event.visit)
        elif isinstance(event.event, said.Exited):
            closed.append(event.visit)
        else:
            assert event.visit is None or event.visit in opened
    assert len(set(opened)) == len(opened)
    assert set(closed) <= set(opened)
    assert len(set(closed)) == len(closed)
    interactions = [event.event for event in events if isinstance(event.event, said.Interaction)]
    for interaction in {event.interaction for event in interactions}:
        revisions = [event.revision for event in interactions if event.interaction == interaction]
        assert revisions == list(range(1, len(revisions) + 1))
