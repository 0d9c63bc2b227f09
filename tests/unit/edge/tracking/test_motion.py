"""Beliefs about moving boxes: what they know, and that times may be cut as one likes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.tracking.motion import Beliefs, born, corrected, measured, predicted, smoothed

BOX = np.array([[100, 50, 140, 150]], np.float32)


def walk(steps: int, fps: float, noise: float = 0.0, seed: int = 0) -> list[Beliefs]:
    random = np.random.default_rng(seed)
    belief = born(measured(BOX))
    beliefs = [belief]
    for n in range(1, steps):
        shift = np.array([[60.0 * n / fps, 0.0, 60.0 * n / fps, 0.0]]) + random.normal(0.0, noise, (1, 1))
        belief = corrected(predicted(belief, 1.0 / fps), measured((BOX + shift).astype(np.float32)))
        beliefs.append(belief)
    return beliefs


def test_a_box_comes_back_out_as_it_went_in() -> None:
    assert born(measured(BOX)).boxes == pytest.approx(BOX)
    assert born(measured(BOX)).heights == pytest.approx([100.0])


@pytest.mark.parametrize("fps", [5.0, 30.0])
def test_a_walker_speed_is_learnt_at_any_rate_of_pictures(fps: float) -> None:
    last = walk(int(3 * fps), fps)[-1]
    assert last.mean[1, 0, 0] == pytest.approx(60.0, abs=6.0)
    assert last.mean[1, 0, 1] == pytest.approx(0.0, abs=0.1)


@given(st.lists(st.floats(0.01, 0.5), min_size=1, max_size=6))
def test_waiting_in_steps_is_waiting_at_once_for_what_is_expected(steps: list[float]) -> None:
    start = walk(10, 10.0)[-1]
    at_once, in_steps = predicted(start, sum(steps)), start
    for step_s in steps:
        in_steps = predicted(in_steps, step_s)
    assert in_steps.mean == pytest.approx(at_once.mean, rel=1e-6, abs=1e-6)


def test_who_is_not_seen_is_known_less_and_less_and_whoever_is_seen_more() -> None:
    belief = walk(5, 10.0)[-1]
    later, much_later = predicted(belief, 0.5), predicted(belief, 2.0)
    assert (belief.spread[0] < later.spread[0]).all()
    assert (later.spread[0] < much_later.spread[0]).all()
    assert (corrected(later, later.mean[0]).spread[0] < later.spread[0]).all()


def test_a_second_look_back_is_nearer_to_the_truth() -> None:
    fps, errors_then, errors_later = 10.0, [], []
    for seed in range(20):
        beliefs = walk(30, fps, noise=5.0, seed=seed)
        later = beliefs[-1]
        for n in range(28, -1, -1):
            later = smoothed(beliefs[n], 1.0 / fps, later)
            if n >= 5:
                truth = 120.0 + 60.0 * n / fps
                errors_then.append(abs(beliefs[n].mean[0, 0, 0] - truth))
                errors_later.append(abs(later.mean[0, 0, 0] - truth))
    assert np.mean(errors_later) < 0.8 * np.mean(errors_then)
    assert (later.spread[0] < beliefs[0].spread[0]).all()


def test_pictures_at_the_same_time_break_nothing() -> None:
    belief = walk(5, 10.0)[-1]
    again = smoothed(belief, 0.0, corrected(predicted(belief, 0.0), measured(BOX)))
    assert np.isfinite(again.mean).all()
    assert np.isfinite(again.spread).all()
