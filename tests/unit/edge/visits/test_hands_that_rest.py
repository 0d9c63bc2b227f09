"""A hand that comes for something and goes with it, and one that only rests there."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.shelves.place import Spot
from edge.tracking.joining.joining import Person
from edge.visits.attribution import log_came
from edge.visits.people import People
from protocol.store import Gondola, Shelf

ANN, BOB = UUID(int=1), UUID(int=2)
SHELF = Gondola(id="g", origin=(0.0, 1.0), width=2.0, depth=0.4, shelves=(Shelf(id="s", height=1.0),))
SPOT = Spot(SHELF, (1.0, 1.0), (0.0, 0.5))
IN_SLOT, AT_REST = (0.25, 0.75, 1.1), (0.25, 0.2, 0.9)


@pytest.mark.parametrize(
    ("before_m", "after_m", "at_least", "at_most"),
    [
        pytest.param([0.5] * 5, [0.5] * 5, -0.01, 0.0, id="comes and goes"),
        pytest.param([0.5] * 5, [0.0] * 5, -1.0, -0.5, id="comes, and waits there with it"),
        pytest.param([0.0] * 5, [0.5] * 5, -2.5, -1.5, id="had been there"),
        pytest.param([0.0] * 5, [0.05] * 5, -3.5, -2.5, id="rests there all the time"),
        pytest.param([], [], 0.0, 0.0, id="unseen"),
    ],
)
def test_a_hand_that_took_something_came_for_it_or_went_with_it(
    before_m: list[float], after_m: list[float], at_least: float, at_most: float
) -> None:
    assert at_least <= log_came(before_m, after_m) <= at_most


distances = st.lists(st.floats(0, 50), max_size=20)


@given(distances, distances)
def test_it_is_never_impossible(before_m: list[float], after_m: list[float]) -> None:
    assert -10.0 < log_came(before_m, after_m) <= 0.0


def test_of_two_whose_hands_are_there_the_one_whose_hand_came_took_it() -> None:
    people = People(None)
    for number, visit in ((1, ANN), (2, BOB)):
        people.binding.entered(visit, 10.0 * number)
        for tenth in range(20):
            people.saw([Person(10.0 * number + tenth / 10.0, number, 0.0, 0.0, 0.1, "area", ())])
    for tenth in range(60):
        t_s = 27.5 + tenth / 10.0
        hands = {1: IN_SLOT, 2: IN_SLOT if 30.0 <= t_s <= 31.0 else AT_REST}
        people.saw([Person(t_s, n, 0.25, 0.25, 0.1, "area", ((*hand, 0.9),)) for n, hand in hands.items()])
    logs = people.reaching((ANN, BOB), SPOT, (30.0, 31.0))
    assert logs[BOB] > logs[ANN] + 1.5
