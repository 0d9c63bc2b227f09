"""Who came so close to whom that cameras may have exchanged them."""

from dataclasses import replace

from edge.tracking.joining.joining import Person
from edge.visits.encounters import LOST_S, Encounters


def person(t_s: float, number: int, x_m: float) -> Person:
    return Person(t_s, number, x_m, 0.0, 0.1, "area", ())


def meeting(nearest_m: float, *, stir_m: float = 0.0) -> list[float]:
    """How probable an exchange is of two who come as near to each other, where places stir, and part again."""
    encounters, found = Encounters(), list[float]()
    for step in range(40):
        apart_m = max(nearest_m, abs(2.0 - 0.1 * step))
        stir = stir_m if step % 2 else -stir_m
        found += [e.exchanged for e in encounters.saw((person(step, 1, stir), person(step, 2, apart_m + stir)))]
    return found


def test_two_who_stay_apart_are_not_told() -> None:
    assert meeting(1.0) == []


def test_two_who_come_close_and_part_are_told_once() -> None:
    assert len(meeting(0.3)) == 1


def test_the_nearer_they_came_the_likelier_cameras_exchanged_them() -> None:
    (near,), (nearer,) = meeting(0.3), meeting(0.02)
    assert near < nearer < 0.5


def test_where_places_stir_more_an_exchange_is_likelier() -> None:
    (calm,), (stirred,) = meeting(0.4, stir_m=0.01), meeting(0.4, stir_m=0.3)
    assert calm < 0.01 < stirred


def test_somebody_whom_cameras_lose_beside_another_is_told() -> None:
    encounters = Encounters()
    assert encounters.saw((person(0.0, 1, 0.0), person(0.0, 2, 0.2))) == ()
    assert len(encounters.saw((person(LOST_S + 1.0, 1, 0.0),))) == 1


def test_a_person_with_two_numbers_has_not_met_themselves() -> None:
    encounters = Encounters()
    encounters.saw((person(0.0, 1, 0.0), person(0.0, 2, 0.2)))
    encounters.same(2, 1)
    assert encounters.saw((person(LOST_S + 1.0, 1, 0.0), person(LOST_S + 1.0, 3, 5.0))) == ()


def test_two_who_look_unlike_are_hardly_exchanged() -> None:
    def exchanged(look: float) -> float:
        encounters, found = Encounters(), list[float]()
        for step in range(40):
            t_s, apart_m = step, max(0.1, abs(2.0 - 0.1 * step))
            one = replace(person(t_s, 1, 0.2 * (step % 2)), look=(0.0,) * 12)
            other = replace(person(t_s, 2, apart_m + 0.2 * (step % 2)), look=(look,) * 12)
            found += [e.exchanged for e in encounters.saw((one, other))]
        return found[0]

    assert exchanged(1.0) < exchanged(0.0) / 4.0
