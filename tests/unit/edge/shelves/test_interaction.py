"""When a hand was in a slot: the watch's table of transitions, walked line by line, and what always holds."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.shelves.interaction import (
    DEAD_STILL_S,
    GAP_S,
    SETTLE_MAX_S,
    SETTLE_S,
    Interaction,
    SlotWatch,
)
from tests.unit.edge.shelves.sights import SLOT, Span, greys, sights

QUIET = Span(2.0, shows=10)
HAND = Span(1.0, reach=0.5, moved=0.3, shows=99)
AFTER = Span(2.0, shows=20)


def watched(*spans: Span, watch: SlotWatch | None = None, from_s: float = 0.0) -> list[Interaction]:
    watch = watch or SlotWatch()
    ended = [watch.observe(sight) for sight in sights(*spans, from_s=from_s)]
    return [interaction for interaction in ended if interaction is not None]


def test_a_hand_that_came_and_went() -> None:
    (interaction,) = watched(QUIET, HAND, AFTER)
    assert (interaction.slot, interaction.camera) == (SLOT, "shelf")
    assert interaction.entered_s == pytest.approx(2.0)
    assert interaction.left_s == pytest.approx(3.0)
    assert interaction.settled_s == pytest.approx(3.0 + SETTLE_S, abs=0.11)
    assert greys([interaction.before, interaction.after]) == [10, 20]
    assert not interaction.doubtful


@pytest.mark.parametrize(
    ("spans", "how_many"),
    [
        pytest.param((Span(20, shows=1),), 0, id="nothing happens"),
        pytest.param((QUIET, Span(0.1, reach=0.5, moved=0.5), AFTER), 0, id="one picture alone is a flicker"),
        pytest.param((QUIET, Span(2, reach=0.02, moved=0.1), AFTER), 0, id="beside the slot"),
        pytest.param((QUIET, HAND, AFTER, HAND, AFTER), 2, id="twice"),
        pytest.param((QUIET, HAND, Span(0.3), HAND, AFTER), 1, id="out and in again is one interaction"),
        pytest.param((QUIET, HAND, Span(1.0, reach=0.02, moved=0.2), HAND, AFTER), 1, id="hovers at the edge"),
        pytest.param((QUIET, HAND, Span(0.3, moved=0.3), AFTER), 1, id="the bottle swings"),
        pytest.param((QUIET, HAND, Span(20, moved=0.3)), 1, id="a curtain moves behind for good"),
        pytest.param((QUIET, Span(60, reach=0.5, moved=0.2)), 0, id="a hand that stays and moves"),
        pytest.param((QUIET, Span(60, reach=0.5)), 1, id="something stands in front for a minute"),
        pytest.param((QUIET, Span(60, reach=0.5), AFTER), 1, id="and is then taken for the shelf"),
        pytest.param((QUIET, Span(30, reach=0.5), HAND, AFTER), 2, id="an arm that leant there, and then took"),
        pytest.param((Span(5, moved=0.5), HAND, Span(5, moved=0.5)), 1, id="a screen that always moves"),
    ],
)
def test_how_many_interactions(spans: tuple[Span, ...], how_many: int) -> None:
    assert len(watched(*spans)) == how_many


def test_the_picture_before_is_older_than_the_hands_shadow() -> None:
    """The shadow falls into the slot up to half a second before the hand."""
    (interaction,) = watched(QUIET, Span(0.4, reach=0.01, shows=77), HAND, AFTER)
    assert greys([interaction.before]) == [10]


def test_a_slot_that_never_settles_ends_all_the_same() -> None:
    (interaction,) = watched(QUIET, HAND, Span(10, moved=0.3))
    assert interaction.settled_s - interaction.left_s == pytest.approx(SETTLE_MAX_S, abs=0.11)


def test_what_stands_dead_still_is_a_doubt_and_frees_the_watermark() -> None:
    watch = SlotWatch()
    (interaction,) = watched(QUIET, Span(0.5, reach=0.5, moved=0.5), Span(DEAD_STILL_S + 0.3, reach=0.5), watch=watch)
    assert interaction.doubtful
    assert interaction.left_s == pytest.approx(2.5, abs=0.11)
    assert watch.undecided_since_s is None


def test_an_arm_that_leant_and_then_takes_enters_when_it_moves() -> None:
    leant, took = watched(QUIET, Span(30, reach=0.5), HAND, AFTER)
    assert leant.doubtful
    assert not took.doubtful
    assert took.entered_s == pytest.approx(32.0)


def test_pictures_that_stop_while_the_hand_leaves_end_the_interaction_where_they_stopped() -> None:
    watch = SlotWatch()
    assert watched(QUIET, HAND, Span(0.3, shows=20), watch=watch) == []
    taken_next = Span(1.0, reach=0.5, moved=0.5, shows=55)
    first, second = watched(taken_next, AFTER, watch=watch, from_s=3.3 + GAP_S + 2.0)
    assert first.doubtful
    assert greys([first.before, first.after]) == [10, 20]
    assert [first.left_s, first.settled_s] == pytest.approx([3.0, 3.2])
    assert second.entered_s == pytest.approx(3.3 + GAP_S + 2.0)


def test_a_gap_while_the_hand_is_in_is_the_same_interaction() -> None:
    watch = SlotWatch()
    watched(QUIET, HAND, watch=watch)
    (interaction,) = watched(HAND, AFTER, watch=watch, from_s=6.0)
    assert interaction.entered_s == pytest.approx(2.0)
    assert interaction.left_s == pytest.approx(7.0)


def test_a_lost_camera_gives_what_was_open_as_a_doubt_and_begins_anew() -> None:
    watch = SlotWatch()
    watched(QUIET, HAND, watch=watch)
    lost = watch.lost("shelf", SLOT, 3.0)
    assert lost is not None
    assert lost.doubtful
    assert lost.entered_s == pytest.approx(2.0)
    assert lost.left_s == 3.0
    assert watch.undecided_since_s is None
    assert watch.lost("shelf", SLOT, 4.0) is None
    assert len(watched(QUIET, HAND, AFTER, watch=watch, from_s=10.0)) == 1


def test_a_camera_that_never_gave_a_picture_loses_nothing() -> None:
    assert SlotWatch().lost("shelf", SLOT, 0.0) is None


@pytest.mark.parametrize("fps", [4, 10, 15, 30])
def test_whatever_the_frame_rate(fps: int) -> None:
    watch = SlotWatch()
    ended = [watch.observe(sight) for sight in sights(QUIET, HAND, AFTER, fps=fps)]
    assert len([interaction for interaction in ended if interaction is not None]) == 1


shares = st.sampled_from([0.0, 0.01, 0.02, 0.05, 0.5, 1.0])
steps = st.tuples(st.sampled_from([0.03, 0.07, 0.1, 0.5, 1.5, 8.0]), shares, shares)


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=60))
def test_whatever_is_seen_interactions_follow_each_other_and_the_watermark_never_goes_back(
    seen: list[tuple[float, float, float]],
) -> None:
    watch, t_s = SlotWatch(), 0.0
    ended: list[Interaction] = []
    marks = [0.0]
    for step_s, reach, moved in seen:
        t_s += step_s
        sight = next(iter(sights(Span(0.1, reach, moved), from_s=t_s)))
        interaction = watch.observe(sight)
        if interaction is not None:
            assert marks[-1] <= interaction.left_s
            ended.append(interaction)
        since_s = watch.undecided_since_s
        marks.append(t_s if since_s is None else since_s)
    assert all(earlier <= later for earlier, later in pairwise(marks))
    for interaction in ended:
        assert interaction.entered_s <= interaction.left_s <= interaction.settled_s
    for one, other in pairwise(ended):
        assert one.left_s <= other.entered_s
