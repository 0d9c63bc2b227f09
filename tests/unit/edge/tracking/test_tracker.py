"""Following people: who is hidden, who crosses whom, and numbers that are never used again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.perception.detections import Detections, overlaps
from edge.tracking.tracker import CONFIRM_HITS, LOST_S, TRACKS_MAX, Track, Tracker

FPS = 10
Box = tuple[float, float, float, float]


def person(x: float, y: float = 100.0, width: float = 40.0, height: float = 100.0) -> Box:
    return (x, y, x + width, y + height)


def seen(*boxes: Box, score: float = 0.9) -> Detections:
    return Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), score, np.float32))


def follow(*pictures: Detections, tracker: Tracker | None = None, from_s: float = 0.0) -> list[tuple[Track, ...]]:
    tracker = tracker or Tracker()
    return [tracker.update(picture, from_s + index / FPS) for index, picture in enumerate(pictures)]


def confirmed(tracks: tuple[Track, ...]) -> list[int]:
    return [track.number for track in tracks if track.confirmed]


def test_a_person_is_confirmed_after_a_few_pictures_and_keeps_the_number() -> None:
    tracks = follow(*[seen(person(10.0 * n)) for n in range(20)])
    assert [bool(confirmed(t)) for t in tracks[: CONFIRM_HITS + 1]] == [False] * (CONFIRM_HITS - 1) + [True, True]
    assert {number for t in tracks for number in confirmed(t)} == {1}
    assert tracks[-1][0].box == pytest.approx(person(190.0), abs=3)


def test_something_seen_once_is_nobody() -> None:
    tracks = follow(seen(person(10)), seen(), seen(), seen(person(10)))
    assert tracks[1] == ()
    assert [track.number for track in tracks[3]] == [2]


def test_a_person_who_goes_behind_a_pillar_keeps_the_number() -> None:
    walk = [seen(person(10.0 * n)) if not 10 <= n < 18 else seen() for n in range(30)]
    tracks = follow(*walk)
    assert confirmed(tracks[-1]) == [1]
    hidden = tracks[14][0]
    assert not hidden.seen
    assert hidden.box[0] == pytest.approx(140, abs=10)


def test_a_person_who_is_gone_for_longer_comes_back_as_another() -> None:
    away = int(LOST_S * FPS) + 2
    tracks = follow(*[seen(person(10))] * 5, *[seen()] * away, *[seen(person(10))] * 5)
    assert confirmed(tracks[4]) == [1]
    assert tracks[5 + away - 1] == ()
    assert confirmed(tracks[-1]) == [2]


def test_two_people_who_cross_keep_their_numbers() -> None:
    def at(n: int) -> Detections:
        left, right = person(15.0 * n, 100), person(400 - 15.0 * n, 130)
        return seen(left, right) if n % 2 else seen(right, left)

    tracks = follow(*[at(n) for n in range(27)])
    by_number = {track.number: float(track.box[0]) for track in tracks[-1] if track.confirmed}
    assert sorted(by_number) == [1, 2]
    began = {track.number: float(track.box[0]) for track in tracks[2]}
    assert (by_number[1] > by_number[2]) == (began[1] < began[2])


def test_an_unsure_detection_keeps_a_person_but_begins_none() -> None:
    tracks = follow(*[seen(person(10))] * 4, *[seen(person(10), score=0.3)] * 30)
    assert confirmed(tracks[-1]) == [1]
    assert follow(*[seen(person(10), score=0.3)] * 10)[-1] == ()


def test_of_two_near_a_detection_the_one_it_covers_more_takes_it() -> None:
    tracks = follow(*[seen(person(0), person(30))] * 5, seen(person(2)), seen(person(2)))
    assert [(track.number, track.seen) for track in tracks[-1]] == [(1, True), (2, False)]


def test_a_crowd_beyond_the_limit_begins_no_tracks() -> None:
    crowd = seen(*[person(50.0 * n) for n in range(TRACKS_MAX + 20)])
    assert len(follow(crowd, crowd)[-1]) == TRACKS_MAX


def test_pictures_may_not_go_back_in_time() -> None:
    tracker = Tracker()
    tracker.update(seen(), 1.0)
    tracker.update(seen(), 1.0)
    with pytest.raises(AssertionError, match="back in time"):
        tracker.update(seen(), 0.9)


boxes = st.tuples(st.integers(0, 500), st.integers(0, 300), st.integers(5, 120), st.integers(5, 200)).map(
    lambda b: (float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3]))
)
pictures = st.lists(
    st.tuples(st.lists(boxes, max_size=6), st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from([0.0, 0.03, 0.1, 1.5])),
    max_size=25,
)


@settings(max_examples=80, deadline=None)
@given(pictures)
def test_whatever_is_detected_numbers_are_unique_rise_and_are_the_same_again(
    film: list[tuple[list[Box], float, float]],
) -> None:
    def run() -> list[list[tuple[int, bool, bool, bytes]]]:
        tracker, t_s, said = Tracker(), 0.0, []
        for found, score, step_s in film:
            t_s += step_s
            tracks = tracker.update(seen(*found, score=score), t_s)
            assert all(np.isfinite(track.box).all() for track in tracks)
            said.append([(track.number, track.confirmed, track.seen, track.box.tobytes()) for track in tracks])
        return said

    said = run()
    assert said == run()
    alive: set[int] = set()
    highest = 0
    for tracks in said:
        numbers = [track[0] for track in tracks]
        assert numbers == sorted(set(numbers))
        born = set(numbers) - alive
        assert all(number > highest for number in born)
        highest = max([highest, *numbers])
        alive = set(numbers)


@given(st.lists(boxes, min_size=1, max_size=5), st.lists(boxes, min_size=1, max_size=5))
def test_overlap_is_a_share_the_same_both_ways_and_one_with_itself(a: list[Box], b: list[Box]) -> None:
    one, other = np.array(a, np.float32), np.array(b, np.float32)
    shared = overlaps(one, other)
    assert shared.shape == (len(a), len(b))
    assert ((shared >= 0) & (shared <= 1 + 1e-6)).all()
    assert np.allclose(shared, overlaps(other, one).T)
    assert np.allclose(np.diag(overlaps(one, one)), 1)


def test_boxes_without_any_area_overlap_nothing() -> None:
    point = np.array([[5, 5, 5, 5]], np.float32)
    assert overlaps(point, point).tolist() == [[0.0]]
    assert len(Detections.none()) == 0
    with pytest.raises(AssertionError):
        Detections(np.zeros((2, 4), np.float32), np.zeros(1, np.float32))
