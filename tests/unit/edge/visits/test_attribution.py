"""Whose hand it was: how well wrists and feet fit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.visits.attribution import log_hand, log_idle, log_lost, log_reach, nearest


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


def test_who_stands_there_with_hidden_hands_did_it_rather_than_who_is_far_away() -> None:
    for cameras in range(4):
        hidden = cameras * log_hand(None, None)
        assert log_reach(None, 0.2) + hidden > log_idle(cameras) > log_reach(None, 3.0) + hidden
