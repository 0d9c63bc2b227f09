"""What a second look tells: every picture once, first pictures back, gaps filled, in bounded memory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.perception.detections import Detections
from edge.tracking.refining import DELAY_S, HELD_MAX, Picture, Refiner
from edge.tracking.tracker import Tracker

FPS = 10


def one(x: float, score: float = 0.9) -> Detections:
    return Detections(np.array([[x, 100, x + 40, 200]], np.float32), np.array([score], np.float32))


def refined(film: list[Detections], fps: float = FPS) -> tuple[list[Picture], int]:
    tracker, refiner, waiting_max = Tracker(), Refiner(), 0
    pictures: list[Picture] = []
    for n, found in enumerate(film):
        tracker.update(found, n / fps)
        pictures += refiner.add(tracker.moment())
        waiting_max = max(waiting_max, n + 1 - len(pictures))
    pictures += refiner.finish()
    return pictures, waiting_max


def test_unsure_sights_before_the_first_sure_one_are_found_again() -> None:
    film = [one(100.0 + 2 * n, 0.35 if n < 8 else 0.9) for n in range(30)]
    pictures, _ = refined(film)
    first = next(n for n, picture in enumerate(pictures) if len(picture.numbers))
    assert first < 8
    assert [p.boxes[0][0] for p in pictures[first:8]] == pytest.approx([100 + 2 * n for n in range(first, 8)], abs=3)


def test_who_does_not_come_back_is_not_said_to_be_there() -> None:
    film = [one(100.0)] * 20 + [Detections.none()] * 20
    pictures, _ = refined(film)
    assert [len(picture.numbers) for picture in pictures] == [1] * 20 + [0] * 20


def test_something_seen_twice_is_nobody_afterwards_too() -> None:
    film = [one(100.0)] * 2 + [Detections.none()] * 40
    assert not any(len(picture.numbers) for picture in refined(film)[0])


@pytest.mark.parametrize("fps", [5.0, 30.0, 400.0])
def test_no_more_is_held_than_said(fps: float) -> None:
    pictures, waiting_max = refined([one(100.0)] * 1500, fps)
    assert len(pictures) == 1500
    assert waiting_max <= min(2 * DELAY_S * fps + 1, HELD_MAX)


films = st.lists(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from([0.2, 0.6, 0.9])), max_size=4), min_size=1, max_size=80
)


@settings(max_examples=50, deadline=None)
@given(films)
def test_every_picture_comes_once_in_order_and_nobody_is_twice_in_it(film: list[list[tuple[int, float]]]) -> None:
    pictures, _ = refined(
        [
            Detections(
                np.array([[x, 100, x + 40, 200] for x, _ in found], np.float32).reshape(-1, 4),
                np.array([score for _, score in found], np.float32),
            )
            for found in film
        ]
    )
    assert [picture.t_s for picture in pictures] == [n / FPS for n in range(len(film))]
    for picture in pictures:
        assert len(set(picture.numbers.tolist())) == len(picture.numbers) == len(picture.boxes)
        assert np.isfinite(picture.boxes).all()
        assert ((picture.supports >= 0) & (picture.supports <= 1)).all()
