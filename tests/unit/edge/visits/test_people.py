"""People on the floor and whose visit each is: who scanned in, who was lost and found, whose wrists are seen."""

import math
from uuid import UUID

import pytest

from edge.shelves.place import Spot
from edge.visits.binding import BIND_WITHIN_S
from edge.visits.people import People
from edge.visits.positions import KEPT_S
from protocol.store import Gondola, Shelf
from tests.unit.edge.visits.test_visits import ANNA, BERT, DOOR, SHELF, at


def distance_m(people: People, visit: UUID, place: tuple[float, float], from_s: float, to_s: float) -> float | None:
    """How near the visit's people came to a place between two times."""
    mine = people.binding.of(visit)
    near = [math.dist((p.x_m, p.y_m), place) for p in people.between((from_s, to_s)) if p.person in mine]
    return min(near, default=None)


def test_who_stands_at_the_door_is_who_scanned_in() -> None:
    people = People(DOOR)
    people.saw([at(0.9, 1, (0.4, 0.0)), at(0.9, 2, (2.0, 0.0))])
    people.binding.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, SHELF), at(2.0, 2, (2.0, 0.0))])
    assert distance_m(people, ANNA, SHELF, 1.5, 2.5) == 0.0
    assert distance_m(people, ANNA, SHELF, 3.0, 4.0) is None


def test_who_is_seen_a_moment_after_scanning_is_bound_then() -> None:
    people = People(DOOR)
    people.binding.entered(ANNA, 1.0)
    people.saw([at(2.0, 7, (0.5, 0.0))])
    assert distance_m(people, ANNA, DOOR, 1.0, 3.0) == 0.5


def test_who_has_not_been_seen_yet_is_waited_for_rather_than_taken_for_who_follows() -> None:
    people = People(DOOR)
    people.saw([at(0.6, 2, (1.8, 0.0))])
    people.binding.entered(ANNA, 1.0)
    people.saw([at(1.5, 1, (0.3, 0.0)), at(1.5, 2, (1.7, 0.0))])
    people.saw([at(2.5, 1, SHELF), at(2.5, 2, (1.0, 0.0))])
    assert people.binding.of(ANNA) == (1,)


def test_who_is_seen_too_far_away_is_somebody_else() -> None:
    people = People(DOOR)
    people.binding.entered(ANNA, 1.0)
    people.saw([at(2.0, 7, (3.0, 0.0))])
    assert people.binding.of(ANNA) == ()


def test_who_is_found_inside_while_a_visit_has_nobody_is_its_shopper() -> None:
    people = People(DOOR)
    people.binding.entered(ANNA, 1.0)
    people.saw([at(1.0 + BIND_WITHIN_S + 3.0, 7, SHELF)])
    assert people.binding.of(ANNA) == (7,)


def test_who_was_there_before_the_scan_is_not() -> None:
    people = People(DOOR)
    people.saw([at(0.1, 7, SHELF)])
    people.binding.entered(ANNA, 1.0)
    people.saw([at(1.0 + BIND_WITHIN_S + 3.0, 7, SHELF)])
    assert people.binding.of(ANNA) == ()


def test_a_party_comes_in_on_one_token() -> None:
    people = People(DOOR)
    people.binding.entered(ANNA, 1.0, party=2)
    people.saw([at(1.2, 1, (0.3, 0.0))])
    people.saw([at(2.4, 1, (1.5, 0.0)), at(2.4, 2, (0.3, 0.0))])
    people.saw([at(3.5, 1, (2.0, 0.0)), at(3.5, 2, (1.0, 0.0)), at(3.5, 3, (0.2, 0.0))])
    assert people.binding.of(ANNA) == (1, 2)


def test_two_who_scan_in_one_after_the_other_are_two_people() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, (0.2, 0.0)), at(1.0, 2, (1.0, 0.0))])
    people.binding.entered(ANNA, 1.0)
    people.binding.entered(BERT, 1.5)
    people.saw([at(2.6, 1, SHELF), at(2.6, 2, (0.4, 0.0))])
    assert distance_m(people, ANNA, (0.2, 0.0), 0.0, 1.0) == 0.0
    assert distance_m(people, BERT, (1.0, 0.0), 0.0, 1.0) == 0.0


def test_without_a_drawn_entry_whoever_appears_at_the_scan_is_its_shopper() -> None:
    people = People(None)
    people.binding.entered(ANNA, 1.0)
    people.saw([at(1.3, 1, SHELF)])
    people.binding.entered(BERT, 2.5)
    people.saw([at(2.9, 1, SHELF), at(2.9, 2, DOOR)])
    people.saw([at(4.0, 1, SHELF), at(4.0, 2, DOOR)])
    assert (people.binding.of(ANNA), people.binding.of(BERT)) == ((1,), (2,))


def test_who_waits_at_the_gate_while_others_come_keeps_their_turn() -> None:
    people = People(DOOR)
    for t_s in (1.0, 1.5, 2.0, 2.5, 3.0, 3.5):
        # The first stands a little beside the entry's middle all the time; the second right in it, later.
        people.saw([at(t_s, 1, (0.3, 0.0)), *([at(t_s, 2, (0.0, 0.05))] if t_s >= 1.5 else [])])
        if t_s == 1.5:
            people.binding.entered(ANNA, t_s)
        if t_s == 2.0:
            people.binding.entered(BERT, t_s)
    assert (people.binding.of(ANNA), people.binding.of(BERT)) == ((1,), (2,))


def test_staff_who_have_just_walked_in_are_not_who_scans_behind_them() -> None:
    """Staff pass the entry without a token and are on their way to a shelf when a shopper stands there and scans."""
    people = People(DOOR)
    for step in range(60):
        t_s = 0.1 * step
        seen = [at(t_s, 7, (0.0, 1.0 * t_s - 2.0))]
        if t_s >= 2.0:
            seen.append(at(t_s, 8, (0.4, -0.1)))
        if step == 35:
            people.binding.entered(ANNA, t_s)
        people.saw(seen)
    assert people.actor(8) == ANNA
    assert people.actor(7) == 7


def test_places_are_kept_for_a_while_only() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, DOOR)])
    people.binding.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, DOOR)])
    assert people.forget(3.0 + KEPT_S) == ()
    assert distance_m(people, ANNA, DOOR, 0.0, 99.0) is None


def test_whoever_comes_back_into_view_is_still_the_one_who_scanned_in() -> None:
    people = People(DOOR)
    people.saw([at(1.0, 1, DOOR)])
    people.binding.entered(ANNA, 1.0)
    people.saw([at(2.0, 1, DOOR)])
    people.saw([at(3.0 + 2 * KEPT_S, 1, SHELF)])
    assert distance_m(people, ANNA, SHELF, 3.0, 99.0) == 0.0


def test_of_two_who_stand_alike_the_one_whose_hand_a_shelf_camera_sees_there_took_it() -> None:
    people = People(None)
    ann, bob = UUID(int=1), UUID(int=2)
    for number, visit in ((1, ann), (2, bob)):
        people.binding.entered(visit, 10.0 * number)
        for tenth in range(20):
            people.saw([at(10.0 * number + tenth / 10.0, number, (0.0, 0.0))])
    shelf = Gondola(id="g", origin=(0.0, 1.0), width=2.0, depth=0.4, shelves=(Shelf(id="s", height=1.0),))
    spot = Spot(shelf, (1.0, 1.0), (0.0, 0.5), ("g.s.1",))
    for tenth in range(10):
        t_s = 30.0 + tenth / 10.0
        people.saw([at(t_s, 1, (0.0, 0.25)), at(t_s, 2, (0.5, 0.25))])
    feet_only = people.reaching((ann, bob), spot, (30.0, 31.0))
    assert feet_only[ann] == pytest.approx(feet_only[bob])
    # The one's hand is in the slot, the other's beside it.
    people.reached(30.5, "over", 2, {"g.s.1": 0.1, "g.s.2": 1.6})
    people.reached(30.5, "over", 1, {"g.s.1": 1.5, "g.s.2": 0.2})
    with_hands = people.reaching((ann, bob), spot, (30.0, 31.0))
    assert with_hands[bob] > with_hands[ann] + 0.6
    beside = people.reaching((ann, bob), Spot(shelf, (1.0, 1.0), (0.5, 1.0), ("g.s.2",)), (30.0, 31.0))
    assert beside[ann] > beside[bob] + 0.6
    # Of a slot that the camera does not see, and at another time, they say nothing.
    elsewhere = people.reaching((ann, bob), Spot(shelf, (1.0, 1.0), (0.0, 0.5), ("g.s.3",)), (30.0, 31.0))
    assert elsewhere[ann] == pytest.approx(elsewhere[bob])
    assert people.reaching((ann, bob), spot, (29.0, 30.0))[ann] == pytest.approx(feet_only[ann])
    people.same(2, 3)
    assert people.reaching((ann, bob), spot, (30.0, 31.0))[bob] == pytest.approx(with_hands[bob])
    # A hand of which nobody knows whose it is may be anybody's whose own was not seen as near.
    people.reached(30.6, "over", None, {"g.s.1": 0.0, "g.s.2": 1.5})
    anybodys = people.reaching((ann, bob), spot, (30.0, 31.0))
    assert anybodys[ann] > with_hands[ann] + 0.6
    assert anybodys[bob] == pytest.approx(with_hands[bob])


def test_a_visit_that_was_bound_to_anothers_second_number_finds_its_own_shopper() -> None:
    people = People((0.0, 0.0))
    ann, bob = UUID(int=1), UUID(int=2)
    people.binding.entered(ann, 1.0)
    for tenth in range(30):
        people.saw([at(1.0 + tenth / 10.0, 1, (0.1, 0.0))])
    people.binding.entered(bob, 4.0)
    for tenth in range(30):
        people.saw([at(4.0 + tenth / 10.0, 1, (1.0, 0.0)), at(4.0 + tenth / 10.0, 7, (0.4, 0.0))])
    assert people.actor(7) == bob
    people.same(7, 1)
    assert people.binding.of(ann) == (1,)
    for tenth in range(30):
        people.saw([at(7.0 + tenth / 10.0, 1, (2.0, 0.0)), at(7.0 + tenth / 10.0, 8, (0.5, 0.0))])
    assert people.binding.of(bob) == (8,)
    assert people.binding.of(ann) == (1,)


def test_whoever_was_hardly_seen_and_is_gone_was_nobody() -> None:
    people = People((0.0, 0.0))
    ann = UUID(int=1)
    people.binding.entered(ann, 1.0)
    for t_s in (1.5, 1.6, 2.2):
        people.saw([at(t_s, 1, (0.1, 0.0))])
    assert people.binding.of(ann) == (1,)
    for tenth in range(30):
        people.saw([at(3.0 + tenth / 10.0, 2, (0.8, 0.0))])
    assert people.binding.of(ann) == (2,)


def test_a_store_learns_where_its_people_stand_who_reach_in() -> None:
    ann, bob = UUID(int=1), UUID(int=2)
    shelf = Gondola(id="g", origin=(0.0, 1.0), width=2.0, depth=0.4, shelves=(Shelf(id="s", height=1.0),))
    spot = Spot(shelf, (1.0, 1.0), (0.4, 0.5), ("g.s.1",))
    x_m, y_m = spot.before

    def at_the_shelf(people: People, t_s: float) -> float:
        """How much rather it was Ann, who stands right before the spot, than Bob, 40 cm beside her."""
        people.saw([at(t_s, 1, (x_m, y_m)), at(t_s, 2, (x_m + 0.4, y_m))])
        logs = people.reaching((ann, bob), spot, (t_s - 0.2, t_s + 0.2))
        return logs[ann] - logs[bob]

    def with_both() -> People:
        people = People(None)
        for number, visit in ((1, ann), (2, bob)):
            people.binding.entered(visit, 10.0 * number)
            for tenth in range(20):
                people.saw([at(10.0 * number + tenth / 10.0, number, (0.0, 0.0))])
        return people

    people = with_both()
    first = at_the_shelf(people, 30.0)
    for second in range(31, 60):
        at_the_shelf(people, float(second))
        people.stood(ann, spot, (second - 0.2, second + 0.2), 1.0)
    assert at_the_shelf(people, 60.0) > first + 1.0 > 1.0
    # A hub that is too long gone to go on with its visits knows it still.
    later = with_both()
    later.learned_by(people)
    assert at_the_shelf(later, 30.0) == pytest.approx(at_the_shelf(people, 61.0))
