"""Visits whose shopper nobody could tell: at the gate, and where cameras lose one of two and find somebody else."""

from uuid import UUID

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
    people.entered(ANN, 2.2)
    for tenth in range(40):
        people.saw([at(2.2 + tenth / 10.0, 2, -1.6)])
    people.saw([at(6.3, 1, 2.0), at(6.3, 2, -1.6)])
    assert people.of(ANN) == (1,)


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
    people.entered(ANN, 1.0)
    for tenth in range(30):
        people.saw([at(1.0 + tenth / 10.0, 1, 0.0)])
    people.saw([at(50.0, 7, 4.0)])
    people.entered(BOB, 100.0)
    people.saw([at(130.0, 1, 9.0), at(130.0, 7, 4.0)])
    exit_zone = ((3.5, -0.5), (4.5, -0.5), (4.5, 0.5), (3.5, 0.5))
    logs = people.at_door((ANN, BOB), (exit_zone,), 130.0)
    assert people.of(BOB) == ()
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
