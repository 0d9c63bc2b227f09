"""Whose hand it was: how well wrists and feet fit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.visits.attribution import log_hand, log_idle, log_lost, log_reach, nearest, walked_m
from edge.visits.stance import Stance


def share_of(one: float, other: float) -> float:
    """The probability of the one, by the log likelihoods of two."""
    return 1.0 / (1.0 + math.exp(other - one))


@pytest.mark.parametrize(
    ("anna", "bert", "at_least", "at_most"),
    [
        (0.6, 4.0, 0.95, 1.0),
        (0.6, 0.6, 0.5, 0.5),
        (None, None, 0.5, 0.5),
        (0.6, None, 0.9, 1.0),
        (5.0, None, 0.0, 0.2),
        (50.0, 3.0, 0.0, 0.1),
        (1e9, 1e9, 0.5, 0.5),
        (float("inf"), 1.0, 0.0, 0.01),
    ],
)
def test_the_nearer_one_is_the_likelier(
    anna: float | None, bert: float | None, at_least: float, at_most: float
) -> None:
    share = share_of(log_reach(None, anna), log_reach(None, bert))
    assert at_least - 1e-9 <= share <= at_most + 1e-9


def test_a_wrist_at_the_slot_outweighs_standing_nearer() -> None:
    assert share_of(log_reach(0.02, 1.6), log_reach(0.3, 0.4)) > 0.9


distances = st.none() | st.floats(0, allow_infinity=True, allow_nan=False)


@given(distances, distances)
def test_however_far_a_reach_is_no_better_than_perfect_and_never_impossible(
    wrist_m: float | None, away: float | None
) -> None:
    assert -1e3 < log_reach(wrist_m, away) <= 0.0


def test_who_is_hidden_just_then_was_near_who_was_seen_near_shortly_before() -> None:
    stance = Stance()

    def lost(apart_m: float, away_s: float) -> float:
        away = stance.deviations((apart_m, 0.0), walked_m(away_s))
        return log_lost(away, stance.widened(0.0, walked_m(away_s)))

    near, far, long_ago = lost(0.3, 0.5), lost(2.5, 0.5), lost(0.3, 4.0)
    assert log_reach(None, stance.deviations((0.3, 0.0), 0.0)) > near > long_ago > far
    assert far == log_reach(None, None)


def test_one_stray_point_does_not_bring_a_hand_to_the_shelf() -> None:
    assert nearest([]) is None
    assert nearest([0.0, 0.5, 0.5, 0.5, 0.6, 0.6]) == 0.5


def test_who_stands_there_with_hidden_hands_did_it_rather_than_who_is_far_away() -> None:
    for cameras in range(4):
        hidden = cameras * log_hand(None, None)
        assert log_reach(None, 0.4) + hidden > log_idle(cameras) > log_reach(None, 4.5) + hidden
