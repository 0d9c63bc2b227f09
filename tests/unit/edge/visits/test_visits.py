"""Visits and whose hand it was."""

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.events import NewEvent
from edge.shelves.place import Ray, Spot
from edge.shelves.reading import Hypothesis, Reading, SlotChange
from edge.tracking.joining.joining import Person
from edge.visits.attribution import NOBODY, log_lost, log_reach, nearest
from edge.visits.people import BIND_WITHIN_S, KEPT_S, People
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


def share_of(one: float, other: float) -> float:
    """The probability of the one, by the log likelihoods of two."""
    return 1.0 / (1.0 + math.exp(other - one))


@pytest.mark.parametrize(
    ("anna_m", "bert_m", "at_least", "at_most"),
    [
        (0.3, 3.0, 0.98, 1.0),
        (0.3, 0.3, 0.5, 0.5),
        (None, None, 0.5, 0.5),
        (0.3, None, 0.9, 1.0),
        (3.0, None, 0.0, 0.1),
        (50.0, 3.0, 0.0, 0.02),
        (1e9, 1e9, 0.5, 0.5),
        (float("inf"), 1.0, 0.0, 0.01),
    ],
)
def test_the_nearer_one_is_the_likelier(
    anna_m: float | None, bert_m: float | None, at_least: float, at_most: float
) -> None:
    share = share_of(log_reach(None, anna_m), log_reach(None, bert_m))
    assert at_least - 1e-9 <= share <= at_most + 1e-9


def test_a_wrist_at_the_slot_outweighs_standing_nearer() -> None:
    assert share_of(log_reach(0.02, 0.8), log_reach(0.3, 0.2)) > 0.9


distances = st.none() | st.floats(0, allow_infinity=True, allow_nan=False)


@given(distances, distances)
def test_however_far_a_reach_is_no_better_than_perfect_and_never_impossible(
    wrist_m: float | None, distance_m: float | None
) -> None:
    assert -1e3 < log_reach(wrist_m, distance_m) <= 0.0


def test_who_is_hidden_just_then_was_near_who_was_seen_near_shortly_before() -> None:
    near, far, long_ago = log_lost(0.3, 0.5), log_lost(2.5, 0.5), log_lost(0.3, 4.0)
    assert log_reach(None, 0.3) > near > long_ago > far
    assert far == log_reach(None, None)


def test_one_stray_point_does_not_bring_a_hand_to_the_shelf() -> None:
    assert nearest([]) is None
    assert nearest([0.0, 0.5, 0.5, 0.5, 0.6, 0.6]) == 0.5


def distance_m(people: People, visit: UUID, place: tuple[float, float], from_s: float, to_s: float) -> float | None:
    """How near the visit's people came to a place between two times."""
    mine = people.of(visit)
    near = [math.dist((p.x_m, p.y_m), place) for p in people.between((from_s, to_s)) if p.person in mine]
    return min(near, default=None)


def at(t_s: float, person: int, place: tuple[float, float]) -> Person:
    return Person(t_s, person, *place, 0.1, "area", ())


def test_who_stands_at_the_door_is_who_scanned_in() -> None:
    people = People(DOOR)
    people.saw([at(0.9, 1, (0.4, 0.0)), at(0.9, 2, (2.0, 0.0))])
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, SHELF), at(2.0, 2, (2.0, 0.0))])
    assert distance_m(people, ANNA, SHELF, 1.5, 2.5) == 0.0
    assert distance_m(people, ANNA, SHELF, 3.0, 4.0) is None


def test_who_is_seen_a_moment_after_scanning_is_bound_then() -> None:
    people = People(DOOR)
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 7, (0.5, 0.0))])
    assert distance_m(people, ANNA, DOOR, 1.0, 3.0) == 0.5


def test_who_has_not_been_seen_yet_is_waited_for_rather_than_taken_for_who_follows() -> None:
    people = People(DOOR)
    people.saw([at(0.6, 2, (1.8, 0.0))])
    people.entered(ANNA, 1.0)
    people.saw([at(1.5, 1, (0.3, 0.0)), at(1.5, 2, (1.7, 0.0))])
    people.saw([at(2.5, 1, SHELF), at(2.5, 2, (1.0, 0.0))])
    assert people.of(ANNA) == (1,)


def test_who_is_seen_too_far_away_is_somebody_else() -> None:
    people = People(DOOR)
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 7, (3.0, 0.0))])
    assert people.of(ANNA) == ()


def test_who_is_found_inside_while_a_visit_has_nobody_is_its_shopper() -> None:
    people = People(DOOR)
    people.entered(ANNA, 1.0)
    people.saw([at(1.0 + BIND_WITHIN_S + 3.0, 7, SHELF)])
    assert people.of(ANNA) == (7,)


def test_who_was_there_before_the_scan_is_not() -> None:
    people = People(DOOR)
    people.saw([at(0.1, 7, SHELF)])
    people.entered(ANNA, 1.0)
    people.saw([at(1.0 + BIND_WITHIN_S + 3.0, 7, SHELF)])
    assert people.of(ANNA) == ()


def test_a_party_comes_in_on_one_token() -> None:
    people = People(DOOR)
    people.entered(ANNA, 1.0, party=2)
    people.saw([at(1.2, 1, (0.3, 0.0))])
    people.saw([at(2.4, 1, (1.5, 0.0)), at(2.4, 2, (0.3, 0.0))])
    people.saw([at(3.5, 1, (2.0, 0.0)), at(3.5, 2, (1.0, 0.0)), at(3.5, 3, (0.2, 0.0))])
    assert people.of(ANNA) == (1, 2)


def test_two_who_scan_in_one_after_the_other_are_two_people() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, (0.2, 0.0)), at(1.0, 2, (1.0, 0.0))])
    people.entered(ANNA, 1.0)
    people.entered(BERT, 1.5)
    people.saw([at(2.6, 1, SHELF), at(2.6, 2, (0.4, 0.0))])
    assert distance_m(people, ANNA, (0.2, 0.0), 0.0, 1.0) == 0.0
    assert distance_m(people, BERT, (1.0, 0.0), 0.0, 1.0) == 0.0


def test_without_a_drawn_entry_whoever_appears_at_the_scan_is_its_shopper() -> None:
    people = People(None)
    people.entered(ANNA, 1.0)
    people.saw([at(1.3, 1, SHELF)])
    people.entered(BERT, 2.5)
    people.saw([at(2.9, 1, SHELF), at(2.9, 2, DOOR)])
    people.saw([at(4.0, 1, SHELF), at(4.0, 2, DOOR)])
    assert (people.of(ANNA), people.of(BERT)) == ((1,), (2,))


def test_who_waits_at_the_gate_while_others_come_keeps_their_turn() -> None:
    people = People(DOOR)
    for t_s in (1.0, 1.5, 2.0, 2.5, 3.0, 3.5):
        # The first stands a little beside the entry's middle all the time; the second right in it, later.
        people.saw([at(t_s, 1, (0.3, 0.0)), *([at(t_s, 2, (0.0, 0.05))] if t_s >= 1.5 else [])])
        if t_s == 1.5:
            people.entered(ANNA, t_s)
        if t_s == 2.0:
            people.entered(BERT, t_s)
    assert (people.of(ANNA), people.of(BERT)) == ((1,), (2,))


def test_staff_who_have_just_walked_in_are_not_who_scans_behind_them() -> None:
    """Staff pass the entry without a token and are on their way to a shelf when a shopper stands there and scans."""
    people = People(DOOR)
    for step in range(60):
        t_s = 0.1 * step
        seen = [at(t_s, 7, (0.0, 1.0 * t_s - 2.0))]
        if t_s >= 2.0:
            seen.append(at(t_s, 8, (0.4, -0.1)))
        if step == 35:
            people.entered(ANNA, t_s)
        people.saw(seen)
    assert people.actor(8) == ANNA
    assert people.actor(7) == 7


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


def test_places_are_kept_for_a_while_only() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, DOOR)])
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, DOOR)])
    assert people.forget(3.0 + KEPT_S) == ()
    assert distance_m(people, ANNA, DOOR, 0.0, 99.0) is None


def test_whoever_comes_back_into_view_is_still_the_one_who_scanned_in() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, DOOR)])
    people.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, DOOR)])
    people.saw([at(3.0 + 2 * KEPT_S, 1, SHELF)])
    assert distance_m(people, ANNA, SHELF, 3.0, 99.0) == 0.0


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


def test_of_two_who_stand_alike_the_one_whose_wrist_a_shelf_camera_sees_there_took_it() -> None:
    people = People(None)
    ann, bob = UUID(int=1), UUID(int=2)
    for number, visit in ((1, ann), (2, bob)):
        people.entered(visit, 10.0 * number)
        for tenth in range(20):
            people.saw([at(10.0 * number + tenth / 10.0, number, (0.0, 0.0))])
    shelf = Gondola(id="g", origin=(0.0, 1.0), width=2.0, depth=0.4, shelves=(Shelf(id="s", height=1.0),))
    spot = Spot(shelf, (1.0, 1.0), (0.0, 0.5))
    for tenth in range(10):
        t_s = 30.0 + tenth / 10.0
        people.saw([at(t_s, 1, (0.0, 0.25)), at(t_s, 2, (0.5, 0.25))])
    feet_only = people.reaching((ann, bob), spot, (30.0, 31.0))
    assert feet_only[ann] == pytest.approx(feet_only[bob])
    # The one's wrist passes through the slot, the other's a metre beside it.
    people.reached(30.5, 2, (Ray((0.25, 0.8, 3.0), (0.0, 0.0, -1.0)),))
    people.reached(30.5, 1, (Ray((1.5, 0.8, 3.0), (0.0, 0.0, -1.0)),))
    with_hands = people.reaching((ann, bob), spot, (30.0, 31.0))
    assert with_hands[bob] > with_hands[ann] + 0.6
    # At another time they say nothing.
    assert people.reaching((ann, bob), spot, (29.0, 30.0))[ann] == pytest.approx(feet_only[ann])
    people.same(2, 3)
    assert people.reaching((ann, bob), spot, (30.0, 31.0))[bob] == pytest.approx(with_hands[bob])


def test_a_visit_that_was_bound_to_anothers_second_number_finds_its_own_shopper() -> None:
    people = People((0.0, 0.0))
    ann, bob = UUID(int=1), UUID(int=2)
    people.entered(ann, 1.0)
    for tenth in range(30):
        people.saw([at(1.0 + tenth / 10.0, 1, (0.1, 0.0))])
    people.entered(bob, 4.0)
    for tenth in range(30):
        people.saw([at(4.0 + tenth / 10.0, 1, (1.0, 0.0)), at(4.0 + tenth / 10.0, 7, (0.6, 0.0))])
    assert people.actor(7) == bob
    people.same(7, 1)
    assert people.of(ann) == (1,)
    for tenth in range(30):
        people.saw([at(7.0 + tenth / 10.0, 1, (2.0, 0.0)), at(7.0 + tenth / 10.0, 8, (0.5, 0.0))])
    assert people.of(bob) == (8,)
    assert people.of(ann) == (1,)


def test_whoever_was_hardly_seen_and_is_gone_was_nobody() -> None:
    people = People((0.0, 0.0))
    ann = UUID(int=1)
    people.entered(ann, 1.0)
    for t_s in (1.5, 1.6, 2.2):
        people.saw([at(t_s, 1, (0.1, 0.0))])
    assert people.of(ann) == (1,)
    for tenth in range(30):
        people.saw([at(3.0 + tenth / 10.0, 2, (0.8, 0.0))])
    assert people.of(ann) == (2,)
