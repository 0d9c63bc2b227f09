"""Visits and whose hand it was."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.events import NewEvent
from edge.shelves.interaction import Interaction
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.tracking.joining.joining import Person
from edge.visits.attribution import NOBODY, attribute
from edge.visits.people import BIND_WITHIN_S, KEPT_S, People
from edge.visits.visits import KEPT_S as VISIT_KEPT_S
from edge.visits.visits import Visits
from protocol import events as said

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
DOOR, SHELF = (0.0, 0.0), (5.0, 0.0)
ANNA, BERT = UUID(int=1), UUID(int=2)
SLOT = "wall.top.left"
PICK = Reading(Hypothesis((SlotChange("pick", "water"),), 0.96), (Hypothesis((), 0.03),))
CROP = np.zeros((8, 8, 3), np.uint8)


def visits(entry: tuple[float, float] | None = None) -> Visits:
    return Visits("test", START, entry)


def a_hand(from_s: float, to_s: float) -> Interaction:
    return Interaction(SLOT, "shelf", from_s, to_s, to_s + 0.5, CROP, CROP, doubtful=False)


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
    assert enter(visits(), "anna", 1.0) != enter(Visits("other run", START, None), "anna", 1.0)
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
    event = store.interacted(a_hand(from_s, to_s), PICK, None, {})
    assert whose(event) == (anna if hers else None)


def test_a_hand_is_still_hers_when_others_came_since() -> None:
    store = visits()
    anna = enter(store, "anna", 1.0)
    store.exited("anna", "door", 10.0)
    enter(store, "bert", 11.0)
    assert whose(store.interacted(a_hand(9.0, 10.5), PICK, None, {})) == anna


def test_closed_visits_are_forgotten_in_the_end() -> None:
    store = visits()
    enter(store, "anna", 1.0)
    store.exited("anna", "door", 10.0)
    enter(store, "bert", 10.0 + VISIT_KEPT_S + 1)
    assert whose(store.interacted(a_hand(9.0, 9.5), PICK, None, {})) is None


def test_what_is_said_of_an_interaction() -> None:
    store = visits()
    anna = enter(store, "anna", 1.0)
    event = store.interacted(a_hand(2.0, 3.0), PICK, None, {"changed": 0.5})
    interaction = interaction_of(event)
    assert event.ts == START + timedelta(seconds=3)
    sure = round(0.96 * (1 - NOBODY), 6)
    assert interaction.changes == (said.Change(type="pick", sku="water", qty=1, slot=SLOT, p=sure),)
    assert interaction.p == sure
    (touch,) = interaction.alternatives
    assert (touch.visit, touch.changes) == (anna, ())
    assert interaction.reasons == {"changed": 0.5, "who": 1 - NOBODY, "what": 0.96}


def test_two_hands_of_one_moment_are_two_interactions() -> None:
    """Two shoppers take the same bottle at the same instant: each taking has its own id."""
    store = visits()
    enter(store, "anna", 1.0)
    one, other = (interaction_of(store.interacted(a_hand(2.0, 3.0), PICK, None, {})) for _ in range(2))
    assert one.interaction != other.interaction


def test_with_nobody_in_the_store_it_was_nobody() -> None:
    event = visits().interacted(a_hand(2.0, 3.0), PICK, SHELF, {})
    assert event.visit is None
    assert interaction_of(event).reasons["who"] == 1.0


@pytest.mark.parametrize(
    ("anna_m", "bert_m", "at_least", "at_most"),
    [
        (0.3, 3.0, 0.98, 1.0),
        (0.3, 0.3, 0.45, 0.5),
        (None, None, 0.45, 0.5),
        (0.3, None, 0.9, 1.0),
        (3.0, None, 0.0, 0.1),
        (50.0, 3.0, 0.0, 0.02),
        (1e9, 1e9, 0.45, 0.5),
        (float("inf"), 1.0, 0.0, 0.01),
    ],
)
def test_the_nearer_one_is_the_likelier(
    anna_m: float | None, bert_m: float | None, at_least: float, at_most: float
) -> None:
    shares = attribute({ANNA: anna_m, BERT: bert_m})
    assert at_least <= shares[ANNA] <= at_most


@given(st.dictionaries(st.uuids(), st.none() | st.floats(0, allow_infinity=True, allow_nan=False), max_size=40))
def test_attributions_are_probabilities(distances_m: dict[UUID, float | None]) -> None:
    shares = attribute(distances_m)
    assert set(shares) == set(distances_m)
    assert all(0.0 <= p <= 1.0 for p in shares.values())
    if shares:
        assert sum(shares.values()) == pytest.approx(1 - NOBODY)


def test_far_from_the_slot_but_alone_it_was_her() -> None:
    assert attribute({ANNA: 40.0}) == {ANNA: pytest.approx(1 - NOBODY)}


def at(t_s: float, person: int, place: tuple[float, float]) -> Person:
    return Person(t_s, person, *place, 0.1, "area", ())


def test_who_stands_at_the_door_is_who_scanned_in() -> None:
    people = People(DOOR)
    people.saw([at(0.9, 1, (0.4, 0.0)), at(0.9, 2, (2.0, 0.0))])
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, SHELF), at(2.0, 2, (2.0, 0.0))])
    assert people.distance_m(ANNA, SHELF, 1.5, 2.5) == 0.0
    assert people.distance_m(ANNA, SHELF, 3.0, 4.0) is None


def test_who_is_seen_a_moment_after_scanning_is_bound_then() -> None:
    people = People(DOOR)
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 7, (0.5, 0.0))])
    assert people.distance_m(ANNA, DOOR, 1.0, 3.0) == 0.5


def test_who_has_not_been_seen_yet_is_waited_for_rather_than_taken_for_who_follows() -> None:
    people = People(DOOR)
    people.saw([at(0.6, 2, (1.8, 0.0))])
    people.entered(ANNA, 1.0)
    people.saw([at(1.5, 1, (0.3, 0.0)), at(1.5, 2, (1.7, 0.0))])
    people.saw([at(2.5, 1, SHELF), at(2.5, 2, (1.0, 0.0))])
    assert people.of(ANNA) == (1,)


@pytest.mark.parametrize(
    ("t_s", "place"), [(1.0 + BIND_WITHIN_S + 0.5, (0.5, 0.0)), (2.0, (3.0, 0.0))], ids=["too late", "too far"]
)
def test_who_is_seen_too_late_or_too_far_away_is_somebody_else(t_s: float, place: tuple[float, float]) -> None:
    people = People(DOOR)
    people.entered(ANNA, 1.0)
    people.saw([at(t_s, 7, place)])
    assert people.distance_m(ANNA, place, 0.0, 99.0) is None


def test_two_who_scan_in_one_after_the_other_are_two_people() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, (0.2, 0.0)), at(1.0, 2, (1.0, 0.0))])
    people.entered(ANNA, 1.0)
    people.entered(BERT, 1.5)
    people.saw([at(2.6, 1, SHELF), at(2.6, 2, (0.4, 0.0))])
    assert people.distance_m(ANNA, (0.2, 0.0), 0.0, 1.0) == 0.0
    assert people.distance_m(BERT, (1.0, 0.0), 0.0, 1.0) == 0.0


def test_without_a_drawn_entry_nobody_is_bound() -> None:
    people = People(None)
    people.saw([at(1.0, 1, DOOR)])
    people.entered(ANNA, 1.0)
    people.saw([at(3.0, 1, DOOR)])
    assert people.distance_m(ANNA, DOOR, 0.0, 4.0) is None


def test_places_are_kept_for_a_while_only() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, DOOR)])
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, DOOR)])
    people.saw([at(3.0 + KEPT_S, 9, (9.0, 9.0))])
    assert people.distance_m(ANNA, DOOR, 0.0, 99.0) is None


def test_whoever_comes_back_into_view_is_still_the_one_who_scanned_in() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, DOOR)])
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, DOOR)])
    people.saw([at(3.0 + 2 * KEPT_S, 1, SHELF)])
    assert people.distance_m(ANNA, SHELF, 3.0, 99.0) == 0.0


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
        store, t_s, events = visits(DOOR), 0.0, []
        for what, token, step_s in story:
            t_s = round(t_s + step_s, 3)
            if what == "hand":
                events.append(store.interacted(a_hand(max(0.0, t_s - 2), t_s), PICK, SHELF, {}))
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
    interactions = [event.event.interaction for event in events if isinstance(event.event, said.Interaction)]
    assert len(set(interactions)) == len(interactions)
