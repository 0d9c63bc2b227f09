"""A free shelf: when somebody was there, and what has gone and come, by product."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.perception.free_shelf import (
    SETTLE_S,
    VISIT_MAX_S,
    FreeShelf,
    FreeVisit,
    alike,
    cut_out,
    left_over,
    rest_of,
)
from edge.perception.shelf_network import Seen
from hardware.ports import Image

HAND = Seen("hand", (10.0, 10.0, 60.0, 60.0), 0.9)
COLA, WATER, TEA = (20.0, 40.0, 50.0, 90.0), (80.0, 40.0, 110.0, 90.0), (140.0, 40.0, 170.0, 90.0)
PRINTS = {COLA: 1, WATER: 2, TEA: 3}
Box = tuple[float, float, float, float]


def shelf(*boxes: Box, light: float = 1.0, prints: dict[Box, int] | None = None) -> Image:
    """A shelf with printed things in `boxes`."""
    image = np.full((120, 200, 3), 150.0)
    for box in boxes:
        left, top, right, bottom = (int(value) for value in box)
        chance = np.random.default_rng((prints or PRINTS).get(box, 9))
        pattern = chance.integers(0, 255, (5, 3, 3)).repeat(10, axis=0).repeat(10, axis=1)
        image[top:bottom, left:right] = pattern[: bottom - top, : right - left]
    return np.clip(image * light, 0, 255).astype(np.uint8)


def seen(*boxes: tuple[float, float, float, float], score: float = 0.8) -> tuple[Seen, ...]:
    return tuple(Seen("product", box, score) for box in boxes)


def visits(*pictures: tuple[float, Image, tuple[Seen, ...]]) -> list[FreeVisit]:
    watched = FreeShelf()
    return [visit for t_s, image, what in pictures if (visit := watched.see(t_s, image, what)) is not None]


def test_a_hand_begins_a_visit_and_the_first_picture_without_it_ends_it() -> None:
    (visit,) = visits(
        (0.0, shelf(COLA, WATER), seen(COLA, WATER)),
        (1.0, shelf(COLA, WATER), (HAND, *seen(WATER))),
        (2.0, shelf(WATER), (HAND, *seen(WATER))),
        (3.0, shelf(WATER), seen(WATER)),
        (4.0, shelf(WATER), seen(WATER)),
        (5.0, shelf(WATER), seen(WATER)),
    )
    assert (visit.entered_s, visit.left_s, visit.doubtful) == (1.0, 2.0, False)
    assert left_over(visit.before, visit.after) == ([0], [])
    np.testing.assert_array_equal(cut_out(visit.before, 0), shelf(COLA)[40:90, 20:50])


def test_a_hand_out_of_sight_for_a_moment_is_the_same_visit() -> None:
    watched = FreeShelf()
    watched.see(0.0, shelf(COLA), seen(COLA))
    since = [watched.undecided_since_s]
    watched.see(1.0, shelf(COLA), (HAND,))
    assert watched.see(1.0 + SETTLE_S / 2, shelf(COLA), seen(COLA)) is None
    since.append(watched.undecided_since_s)
    watched.see(1.0 + SETTLE_S, shelf(COLA), (HAND,))
    assert watched.see(1.0 + 2 * SETTLE_S, shelf(COLA), seen(COLA)) is None
    visit = watched.see(1.0 + 3 * SETTLE_S, shelf(COLA), seen(COLA))
    assert visit is not None
    assert visit.entered_s == 1.0
    assert [*since, watched.undecided_since_s] == [None, 1.0, None]


def test_what_stands_there_at_first_has_not_come() -> None:
    assert visits((0.0, shelf(COLA), (HAND, *seen(COLA))), (1.0, shelf(COLA), seen(COLA))) == []
    assert visits((0.0, shelf(COLA), seen(COLA)), (1.0, shelf(COLA), seen(COLA))) == []


def test_a_hand_that_nobody_saw_is_a_doubtful_visit_once_two_pictures_agree() -> None:
    first = (0.0, shelf(COLA, WATER), seen(COLA, WATER))
    assert visits(first, (1.0, shelf(WATER), seen(WATER)), (2.0, shelf(COLA, WATER), seen(COLA, WATER))) == []
    (visit,) = visits(first, *((t, shelf(WATER), seen(WATER)) for t in (1.0, 2.0, 3.0, 4.0)))
    assert visit.doubtful
    assert (visit.entered_s, visit.left_s) == (0.0, 1.0)


def test_what_differed_before_the_hand_was_seen_belongs_to_its_visit() -> None:
    (visit,) = visits(
        (0.0, shelf(COLA, WATER), seen(COLA, WATER)),
        (1.0, shelf(WATER), seen(WATER)),
        (2.0, shelf(WATER), (HAND, *seen(WATER))),
        (3.0, shelf(WATER), seen(WATER)),
        (4.0, shelf(WATER), seen(WATER)),
    )
    assert (visit.entered_s, visit.doubtful) == (1.0, False)
    assert left_over(visit.before, visit.after) == ([0], [])


def test_a_hand_that_comes_again_at_once_ends_the_visit_before_it_and_begins_another() -> None:
    first, second = visits(
        (0.0, shelf(COLA, WATER), seen(COLA, WATER)),
        (1.0, shelf(COLA, WATER), (HAND, *seen(WATER))),
        (2.0, shelf(WATER), seen(WATER)),
        (3.0, shelf(WATER), (HAND,)),
        (4.0, shelf(), ()),
        (5.0, shelf(), ()),
    )
    assert [(each.entered_s, each.left_s) for each in (first, second)] == [(1.0, 1.0), (3.0, 3.0)]
    assert left_over(first.before, first.after) == ([0], [])
    assert left_over(second.before, second.after) == ([0], [])


def test_an_arm_that_is_not_seen_as_a_hand_is_waited_out() -> None:
    (visit,) = visits(
        (0.0, shelf(COLA, WATER), seen(COLA, WATER)),
        (1.0, shelf(COLA, WATER), (HAND, *seen(WATER))),
        (2.0, shelf(), ()),
        (3.0, shelf(WATER), seen(WATER)),
        (3.5, shelf(WATER), seen(WATER)),
    )
    assert left_over(visit.before, visit.after) == ([0], [])


def test_what_never_agrees_does_not_hold_up_the_shelf() -> None:
    watched = FreeShelf()
    watched.see(0.0, shelf(COLA, WATER, TEA), seen(COLA, WATER, TEA))
    shows = [(WATER,), (TEA,)]
    found = [watched.see(t + 1.0, shelf(*shows[t % 2]), seen(*shows[t % 2])) for t in range(12)]
    (visit,) = (each for each in found if each is not None)
    assert visit.doubtful


def test_a_camera_that_is_lost_says_since_when_somebody_was_there_and_begins_anew() -> None:
    watched = FreeShelf()
    watched.see(0.0, shelf(COLA), seen(COLA))
    assert watched.lost(0.5) is None
    watched.see(1.0, shelf(COLA), seen(COLA))
    watched.see(2.0, shelf(COLA), (HAND,))
    assert watched.lost(2.5) == (2.0, 2.5)
    assert watched.undecided_since_s is None
    assert [watched.see(t, shelf(), ()) for t in (3.0, 4.0, 5.0)] == [None] * 3


def test_something_that_is_taken_for_a_hand_for_ever_does_not_stop_the_shelf() -> None:
    pictures = [(float(t), shelf(COLA), (HAND, *seen(COLA))) for t in range(1, int(VISIT_MAX_S) + 3)]
    (visit,) = visits((0.0, shelf(COLA), seen(COLA)), *pictures)
    assert visit.doubtful
    assert left_over(visit.before, visit.after) == ([], [])


def test_another_light_is_no_change_and_another_thing_in_the_same_place_is() -> None:
    before = rest_of(0.0, shelf(COLA, WATER), seen(COLA, WATER))
    assert left_over(before, rest_of(1.0, shelf(COLA, WATER, light=0.6), seen(COLA, WATER))) == ([], [])
    swapped = rest_of(1.0, shelf(COLA, WATER, prints={COLA: 7, WATER: 2}), seen(COLA, WATER))
    assert left_over(before, swapped) == ([0], [0])


def test_a_thing_that_is_unsure_after_has_not_gone() -> None:
    pictures = [(float(t), shelf(COLA), seen(COLA, score=score)) for t, score in enumerate((0.6, 0.2, 0.2, 0.2))]
    assert visits(*pictures) == []


def test_a_thing_that_the_network_boxes_twice_or_otherwise_has_not_changed() -> None:
    twice = rest_of(0.0, shelf(COLA), seen(COLA, (22.0, 40.0, 52.0, 90.0)))
    once = rest_of(1.0, shelf(COLA), seen((10.0, 30.0, 60.0, 100.0)))
    missed = rest_of(2.0, shelf(COLA), ())
    assert [left_over(one, other) for one in (twice, once, missed) for other in (twice, once, missed)] == [([], [])] * 9


def test_of_two_things_in_one_box_the_one_that_stays_has_not_come() -> None:
    both = rest_of(0.0, shelf(COLA, WATER), seen((20.0, 40.0, 110.0, 90.0)))
    one = rest_of(1.0, shelf(COLA), seen((18.0, 40.0, 58.0, 90.0)))
    gone, come = left_over(both, one)
    assert (gone, come) == ([0], [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 3), st.booleans(), st.sets(st.sampled_from(list(PRINTS)))), max_size=12))
def test_visits_never_overlap_and_each_begins_where_the_last_one_rested(
    steps: list[tuple[float, bool, set[tuple[float, float, float, float]]]],
) -> None:
    watched, t_s, last = FreeShelf(), 0.0, None
    for gap_s, hand, standing in steps:
        t_s += gap_s
        boxes = sorted(standing)
        what = (*((HAND,) if hand else ()), *seen(*boxes))
        visit = watched.see(t_s, shelf(*boxes), what)
        since = watched.undecided_since_s
        assert since is None or since <= t_s
        if visit is not None:
            assert visit.before.t_s <= visit.entered_s <= visit.left_s <= visit.after.t_s <= t_s
            assert last is None or visit.before.t_s >= last.after.t_s
            last = visit


def test_flat_cut_outs_are_alike_only_with_each_other() -> None:
    flat, printed = np.full((30, 30, 3), 90, np.uint8), cut_out(rest_of(0.0, shelf(COLA), seen(COLA)), 0)
    assert alike(flat, flat) == 1.0
    assert alike(flat, printed) == 0.0
    assert alike(printed, printed) == pytest.approx(1.0)
