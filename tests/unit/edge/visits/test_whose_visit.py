"""Visits whose shopper nobody could tell: at the gate, and where cameras lose one of two and find somebody else."""

from uuid import UUID

import pytest

from edge.tracking.joining.joining import Person
from edge.visits.encounters import RENEWED, RENEWED_S, Encounters
from edge.visits.people import People
from edge.visits.visits import UNBOUND_S
from tests.unit.edge.visits.test_visits import DOOR, enter, interaction_of, reaches, visits

ANN, BOB = UUID(int=1), UUID(int=2)


def at(t_s: float, person: int, x_m: float, y_m: float = 0.0) -> Person:
    return Person(t_s, person, x_m, y_m, 0.1, "area", ())


def test_who_is_hidden_behind_another_when_they_scan_is_not_who_waits_behind_them() -> None:
    """Ann passes the entry, is hidden for three seconds, and Bob stands in the queue a metre and a half away."""
    people = People((0.0, 0.0))
    for tenth in range(20):
        people.saw([at(tenth / 10.0, 1, -2.0 + tenth / 10.0)])
    people.binding.entered(ANN, 2.2)
    for tenth in range(40):
        people.saw([at(2.2 + tenth / 10.0, 2, -1.6)])
    people.saw([at(6.3, 1, 2.0), at(6.3, 2, -1.6)])
    assert people.binding.of(ANN) == (1,)


def test_a_visit_to_whom_nobody_is_bound_may_have_its_shopper_under_anothers() -> None:
    def sure(scans: bool) -> float:
        store = visits(DOOR)
        enter(store, "anna", 0.0)
        for tenth in range(300):
            t_s = tenth / 10.0
            if tenth == 100 and scans:
                enter(store, "bert", t_s)
            store.saw([at(t_s, 1, min(t_s, 5.0))])
        return interaction_of(reaches(store, 28.0, 29.0)).p

    assert UNBOUND_S < 18.0
    assert sure(scans=True) < 0.8 < sure(scans=False)


def test_whoever_belongs_to_no_visit_may_be_at_the_exit_for_one_that_has_nobody() -> None:
    people = People((0.0, 0.0))
    people.binding.entered(ANN, 1.0)
    for tenth in range(30):
        people.saw([at(1.0 + tenth / 10.0, 1, 0.0)])
    people.saw([at(50.0, 7, 4.0)])
    people.binding.entered(BOB, 100.0)
    people.saw([at(130.0, 1, 9.0), at(130.0, 7, 4.0)])
    exit_zone = ((3.5, -0.5), (4.5, -0.5), (4.5, 0.5), (3.5, 0.5))
    logs = people.at_door((ANN, BOB), (exit_zone,), 130.0)
    assert people.binding.of(BOB) == ()
    assert logs[BOB] > logs[ANN] + 2.0


def test_cameras_that_lose_one_of_two_and_find_somebody_new_may_have_exchanged_them() -> None:
    encounters = Encounters()
    encounters.saw((at(0.0, 1, 0.0), at(0.0, 2, 0.3)))
    encounters.saw((at(RENEWED_S + 0.1, 1, 0.2),))
    (told,) = encounters.saw((at(RENEWED_S + 0.2, 1, 0.3), at(RENEWED_S + 0.2, 3, 1.0)))
    assert (told.one, told.other) == (1, 2)
    assert told.exchanged == RENEWED


def test_somebody_new_far_away_or_while_both_are_seen_is_somebody_new() -> None:
    far, seen = Encounters(), Encounters()
    for encounters in (far, seen):
        encounters.saw((at(0.0, 1, 0.0), at(0.0, 2, 0.3)))
    assert far.saw((at(1.0, 1, 0.2), at(1.0, 3, 8.0))) == ()
    assert seen.saw((at(0.1, 1, 0.2), at(0.1, 2, 0.3), at(0.1, 3, 1.0))) == ()


def bound_and_lost(people: People) -> None:
    """Ann scans, walks in, and is lost 3 m away at 4 s."""
    people.binding.entered(ANN, 1.0)
    for tenth in range(31):
        people.saw([at(1.0 + tenth / 10.0, 1, tenth / 10.0)])
    assert people.binding.of(ANN) == (1,)


def found(people: People, x_m: float) -> None:
    """Somebody whom nobody knows appears at 4.5 s, and is seen from then on."""
    for tenth in range(80):
        people.saw([at(4.5 + tenth / 10.0, 2, x_m)])


def test_who_appears_where_a_visits_person_was_lost_is_of_that_visit_once_they_stay_lost() -> None:
    people = People((0.0, 0.0))
    bound_and_lost(people)
    found(people, 4.0)
    assert people.binding.of(ANN) == (1, 2)
    assert people.actor(2) == ANN


def test_who_appears_far_from_where_a_visits_person_was_lost_is_somebody_else() -> None:
    people = People((0.0, 0.0))
    bound_and_lost(people)
    found(people, 9.0)
    assert people.binding.of(ANN) == (1,)


@pytest.mark.parametrize(("beside_m", "theirs"), [(0.4, (1, 2)), (-1.6, (1,))])
def test_who_was_seen_before_somebody_was_lost_is_they_only_if_they_were_in_one_place(
    beside_m: float, theirs: tuple[int, ...]
) -> None:
    """Ann walks in and is lost at 4 s; another number is there from 3 s on, right beside her or well behind her."""
    people = People((0.0, 0.0))
    people.binding.entered(ANN, 1.0)
    for tenth in range(31):
        t_s, x_m = 1.0 + tenth / 10.0, tenth / 10.0
        people.saw([at(t_s, 1, x_m)])
        if t_s >= 3.0:
            people.saw([at(t_s + 0.01, 2, x_m + beside_m)])
    for tenth in range(80):
        people.saw([at(4.1 + tenth / 10.0, 2, 3.0 + beside_m)])
    assert people.binding.of(ANN) == theirs


def test_a_visit_whose_person_is_seen_again_waits_for_nobody() -> None:
    people = People((0.0, 0.0))
    bound_and_lost(people)
    people.saw([at(8.5, 7, -4.0)])
    assert people.binding.anybody_awaited
    people.saw([at(8.6, 1, 3.2)])
    assert not people.binding.anybody_awaited


def test_who_walks_in_unseen_is_who_scanned_and_not_who_then_waits_at_the_gate() -> None:
    """Ann is seen for the first time when she is 1.3 m inside; Bob stands at the entry from then on."""
    people = People((0.0, 0.0))
    people.binding.entered(ANN, 1.0)
    for tenth in range(40):
        t_s = 2.3 + tenth / 10.0
        people.saw([at(t_s, 1, 1.3 + tenth / 10.0), at(t_s + 0.01, 2, -0.2)])
    assert people.binding.of(ANN) == (1,)


def test_a_companion_is_bound_rather_than_somebody_of_a_visit_whom_cameras_see_double() -> None:
    people = People((0.0, 0.0))
    people.binding.entered(ANN, 1.0)
    for tenth in range(30):
        people.saw([at(1.0 + tenth / 10.0, 1, tenth / 40.0)])
    people.binding.entered(BOB, 4.0, 2)
    for tenth in range(60):
        t_s = 4.0 + tenth / 10.0
        people.saw([at(t_s, 1, 0.8), at(t_s, 8, 0.55), at(t_s, 3, 0.1 + tenth / 10.0)])
        people.saw([at(t_s + 0.01, 4, 0.2, -0.9)] if tenth > 25 else [])
    assert set(people.binding.of(BOB)) == {3, 4}


def test_the_worse_it_fits_their_scans_the_less_probably_two_were_mixed_up_at_the_gate() -> None:
    people = People((0.0, 0.0))
    people.binding.entered(ANN, 1.0)
    people.binding.entered(BOB, 5.0)
    for tenth in range(100):
        t_s = tenth / 10.0
        people.saw([at(t_s, 1, t_s - 1.0), at(t_s, 2, t_s - 5.0)])
    assert people.binding.of(ANN) == (1,)
    assert people.binding.of(BOB) == (2,)
    swapped_m = people.binding.swapped_m(ANN, BOB)
    assert swapped_m > 2.0
    encounters = Encounters()
    assert encounters.mixed_up(swapped_m) < encounters.mixed_up(0.0) / 50.0
    assert encounters.mixed_up(-1.0) == encounters.mixed_up(0.0)
