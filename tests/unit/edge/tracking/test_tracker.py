"""Following people: who is hidden, who crosses whom, and numbers that are never used again."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.perception.detections import Detections, overlaps
from edge.tracking.returning import ABSENT_MAX
from edge.tracking.sound import FAR_OUTSIDE, NO_AREA, NO_SCORE, NOT_FINITE
from edge.tracking.tracker import CONFIRM_HITS, HIDDEN_S, TENTATIVE_S, TRACKS_MAX, Track, Tracker

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
    away = int(TENTATIVE_S * FPS) + 1
    tracks = follow(seen(person(10)), *[seen()] * away, seen(person(10)))
    assert not any(confirmed(t) for t in tracks)
    assert tracks[away] == ()
    assert [track.number for track in tracks[-1]] == [2]


def test_a_person_who_goes_behind_a_pillar_keeps_the_number() -> None:
    walk = [seen(person(10.0 * n)) if not 10 <= n < 18 else seen() for n in range(30)]
    tracks = follow(*walk)
    assert confirmed(tracks[-1]) == [1]
    hidden = tracks[14][0]
    assert not hidden.seen
    assert hidden.box[0] == pytest.approx(140, abs=10)


def test_a_person_who_is_gone_for_longer_comes_back_as_another() -> None:
    away = int(HIDDEN_S * FPS) + 2
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


def test_two_boxes_around_one_person_are_one_person() -> None:
    tracks = follow(*[seen(person(10.0 + n), person(18.0 + n, width=44.0)) for n in range(10)])
    assert confirmed(tracks[-1]) == [1]
    assert len(tracks[-1]) == 1


def test_what_is_hardly_ever_seen_again_is_given_up_before_its_time() -> None:
    barely = Detections(np.array([person(10)], np.float32), np.array([0.12], np.float32))
    tracks = follow(*[seen(person(10), score=0.7)] * 3, *[barely if n % 4 == 0 else seen() for n in range(60)])
    assert confirmed(tracks[3]) == [1]
    assert tracks[-1] == ()


def test_a_person_behind_another_is_kept_while_covered() -> None:
    far, near = person(200.0), person(200.0, y=102.0, width=46.0, height=110.0)
    covered = follow(*[seen(far, person(320.0, y=102.0, width=46.0, height=110.0))] * 10, *[seen(near)] * 20)
    assert 1 in confirmed(covered[-1])


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_a_walk_is_one_track_at_any_rate_of_pictures(fps: int) -> None:
    tracker, said = Tracker(), set()
    for n in range(4 * fps):
        t_s = n / fps
        hidden = 1.5 <= t_s < 2.4
        said |= set(confirmed(tracker.update(seen() if hidden else seen(person(50.0 * t_s)), t_s)))
    assert said == {1}


def test_dropped_pictures_change_nothing_for_who_walks_on() -> None:
    tracker, said = Tracker(), set()
    for n in range(60):
        if n % 7 not in (3, 4) and n % 5:
            said |= set(confirmed(tracker.update(seen(person(60.0 * n / 15), person(500 - 60.0 * n / 15, 40)), n / 15)))
    assert said == {1, 2}


def coat(colour: float) -> list[float]:
    return [colour] * 12


def test_a_person_who_was_away_for_long_is_known_by_the_look_and_a_stranger_is_not() -> None:
    def stay(tracker: Tracker, colour: float, from_s: float) -> set[int]:
        look = np.array([coat(colour)], np.float32)
        pictures = [tracker.update(seen(person(10)), from_s + n / FPS, look) for n in range(12)]
        return set(confirmed(pictures[-1]))

    def away(tracker: Tracker, from_s: float) -> None:
        for n in range(50):
            assert tracker.update(seen(), from_s + n / FPS) == () or n < int(HIDDEN_S * FPS) + 2

    tracker = Tracker()
    assert stay(tracker, 4.0, 0.0) == {1}
    away(tracker, 1.2)
    assert stay(tracker, 5.5, 6.2) == {2}
    away(tracker, 7.4)
    assert stay(tracker, 4.05, 12.4) == {1}


def test_a_track_tells_where_what_and_how_sure() -> None:
    tracker = Tracker()
    looks = np.array([coat(4.2)], np.float32)
    tracks = [tracker.update(seen(person(10)), n / FPS, looks) for n in range(10)]
    last = tracks[-1][0]
    assert last.look is not None
    assert last.look == pytest.approx(np.full(12, 4.2), abs=1e-4)
    assert 0.0 < last.look_sigma < 0.15
    assert 0.0 < last.sigma_px < 0.1 * 100
    assert last.support == pytest.approx(0.9)
    hidden = tracker.update(seen(), 1.5)[0]
    assert hidden.sigma_px > last.sigma_px
    assert hidden.support < last.support


@pytest.mark.parametrize(
    ("box", "score", "reason"),
    [
        ((np.nan, 0, 10, 10), 0.9, NOT_FINITE),
        ((0, 0, np.inf, 10), 0.9, NOT_FINITE),
        ((0, 0, 10, 10), np.nan, NOT_FINITE),
        ((10, 0, 0, 10), 0.9, NO_AREA),
        ((0, 10, 10, 10), 0.9, NO_AREA),
        ((0, 0, 1e7, 10), 0.9, FAR_OUTSIDE),
        ((0, 0, 10, 10), 1.5, NO_SCORE),
        ((0, 0, 10, 10), -0.1, NO_SCORE),
    ],
)
def test_a_detection_that_makes_no_sense_is_left_out_with_its_reason(box: Box, score: float, reason: str) -> None:
    tracker = Tracker()
    boxes = np.array([box, person(300)], np.float32)
    tracks = tracker.update(Detections(boxes, np.array([score, 0.9], np.float32)), 0.0)
    assert [track.box[0] for track in tracks] == pytest.approx([300])
    assert tracker.refused == {reason: 1}


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


wild = st.floats(width=32, allow_nan=True, allow_infinity=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(wild, wild, wild, wild, wild), max_size=5), max_size=12))
def test_no_detection_however_wild_spoils_a_track(film: list[list[tuple[float, float, float, float, float]]]) -> None:
    tracker = Tracker()
    for n, found in enumerate(film):
        rows = np.array(found, np.float32).reshape(-1, 5)
        for track in tracker.update(Detections(rows[:, :4], rows[:, 4]), n / FPS):
            assert np.isfinite(track.box).all()
            assert (track.box[2:] > track.box[:2]).all()
            assert np.isfinite([track.sigma_px, track.support]).all()


@settings(max_examples=60, deadline=None)
@given(pictures, st.randoms(use_true_random=False))
def test_the_order_of_a_pictures_detections_says_nothing(
    film: list[tuple[list[Box], float, float]], shuffler: Random
) -> None:
    one, other, t_s = Tracker(), Tracker(), 0.0
    for found, score, step_s in film:
        t_s += step_s
        mixed = list(found)
        shuffler.shuffle(mixed)
        a, b = one.update(seen(*found, score=score), t_s), other.update(seen(*mixed, score=score), t_s)
        assert [(t.number, t.confirmed, t.box.tobytes()) for t in a] == [
            (t.number, t.confirmed, t.box.tobytes()) for t in b
        ]


def test_an_endless_crowd_of_strangers_is_held_in_bounded_memory() -> None:
    tracker, random = Tracker(), np.random.default_rng(0)
    for n in range(300):
        x, y = random.uniform(0, 5000, 40), random.uniform(0, 3000, 40)
        looks = random.normal(size=(40, 12)).astype(np.float32)
        tracks = tracker.update(seen(*[person(a, b) for a, b in zip(x, y, strict=True)]), n / FPS, looks)
        assert len(tracks) <= TRACKS_MAX
    assert tracker.known <= TRACKS_MAX + ABSENT_MAX


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
