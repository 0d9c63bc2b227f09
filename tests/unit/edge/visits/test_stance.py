"""Where people stand who reach into a slot, as a store learns it."""

import math
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.visits.stance import FIRST_M, LEAST_M, Stance


def taught(spread_m: float, count: int, *, out_m: float = 0.0, sigma_m: float = 0.1, p: float = 1.0) -> Stance:
    """A stance learnt from so many people, who stand about `out_m` too far out, give or take `spread_m` each way."""
    stance, chance = Stance(), random.Random(7)
    for _ in range(count):
        true_m = chance.gauss(0.0, spread_m), chance.gauss(out_m, spread_m)
        stance.learn((true_m[0] + chance.gauss(0.0, sigma_m), true_m[1] + chance.gauss(0.0, sigma_m)), sigma_m, p)
    return stance


def test_before_anything_is_learnt_people_may_stand_about_as_far_as_they_reach() -> None:
    assert Stance().deviations((FIRST_M, 0.0), 0.0) == pytest.approx(1.0)
    assert Stance().deviations((0.0, 0.0), 0.3) == 0.0


@pytest.mark.parametrize("spread_m", [0.15, 0.25, 0.4])
def test_the_spread_of_a_stores_people_is_learnt_without_the_cameras_errors(spread_m: float) -> None:
    for sigma_m, at_least in ((0.05, 0.75), (0.15, 0.75), (0.25, 0.5)):
        # By cameras that are wrong by more than that it is learnt slowly, and from above.
        one = taught(spread_m, 400, sigma_m=sigma_m).deviations((spread_m, 0.0), 0.0)
        assert at_least < one < 1.3


def test_where_people_stand_farther_out_that_is_where_they_are_looked_for() -> None:
    stance = taught(0.15, 100, out_m=0.3)
    assert stance.deviations((0.0, 0.3), 0.0) < 0.3
    assert stance.deviations((0.0, 0.0), 0.0) > 1.0
    assert stance.deviations((0.0, 0.3), 0.0) < stance.deviations((0.3, 0.3), 0.0)


def test_a_few_improbable_picks_teach_little() -> None:
    sure, unsure = taught(0.12, 20), taught(0.12, 20, p=0.1)
    assert sure.deviations((0.4, 0.0), 0.0) > 1.5 * unsure.deviations((0.4, 0.0), 0.0)


def test_one_who_was_seen_far_away_by_mistake_changes_little() -> None:
    stance = taught(0.15, 60)
    before = stance.deviations((0.3, 0.0), 0.0)
    stance.learn((6.0, -4.0), 0.1)
    assert stance.deviations((0.3, 0.0), 0.0) > 0.8 * before


def test_what_was_learnt_is_forgotten_when_shelves_are_moved() -> None:
    stance = taught(0.1, 3_000)
    for _ in range(1_500):
        stance.learn((0.0, 0.5), 0.1)
    assert stance.deviations((0.0, 0.5), 0.0) < 0.5


def test_a_wide_board_is_reached_into_all_along_it() -> None:
    stance = taught(0.15, 100)
    assert stance.deviations((0.5, 0.0), 0.1, width_m=1.2) < 0.6 * stance.deviations((0.5, 0.0), 0.1)


def test_it_outlasts_a_restart() -> None:
    stance = taught(0.2, 30)
    again = pickle.loads(pickle.dumps(stance))
    assert again == stance
    assert again.deviations((0.3, 0.1), 0.1) == stance.deviations((0.3, 0.1), 0.1)


places = st.floats(-50.0, 50.0)


@given(st.lists(st.tuples(places, places, st.floats(0.0, 5.0), st.floats(0.0, 1.0)), max_size=40), places, places)
def test_whatever_it_learns_deviations_are_finite_and_nobody_is_nailed_down(
    learnt: list[tuple[float, float, float, float]], along_m: float, out_m: float
) -> None:
    stance = Stance()
    for x_m, y_m, sigma_m, p in learnt:
        stance.learn((x_m, y_m), sigma_m, p)
    away = stance.deviations((along_m, out_m), 0.0)
    assert math.isfinite(away)
    assert away <= (abs(along_m) + abs(out_m) + 200.0) / LEAST_M
    assert stance.widened(0.0, 1.0) > 1.0
