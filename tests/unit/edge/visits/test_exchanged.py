"""Two people whom cameras may follow under each other's numbers: what tells, and what is said meanwhile."""

import math
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from edge.visits.stories.story import Actor, Story
from edge.visits.stories.telling import EACH_MAX, EXCHANGES_MAX, STORIES_MAX
from tests.unit.edge.visits.test_stories import ANN, BOB, Day, bare, part

CAT = UUID(int=3)
DAN = UUID(int=4)


def hand(actor: Actor) -> dict[Actor, float]:
    return {actor: -0.05, None: math.log(0.005)}


def test_after_a_close_encounter_it_is_less_sure_whose_hand_it_was() -> None:
    before, after = Day(), Day()
    after.telling.exchange(ANN, BOB, 0.2)
    (_, sure), (act, less) = (day.says(day.weighs("water", -520.0, hands=hand(ANN))) for day in (before, after))
    assert bare(act) == [part(ANN, "pick", "water")]
    assert 0.15 < sure - less < 0.25


def test_what_comes_back_tells_that_two_were_exchanged() -> None:
    """Ann took water, they passed each other, and who is followed as Bob since then puts it back and takes tea."""
    day = Day()
    day.weighs("water", -520.0, hands=hand(ANN))
    day.telling.exchange(ANN, BOB, 0.2)
    day.weighs("water", 520.0, hands=hand(BOB))
    tea = day.weighs("tea", -541.0, hands=hand(BOB))
    assert bare(day.says(tea)[0]) == [part(ANN, "pick", "tea")]
    assert day.telling.straighten() == {ANN: BOB, BOB: ANN}
    later = day.weighs("nuts", -205.0, hands=hand(ANN))
    assert bare(day.says(later)[0]) == [part(ANN, "pick", "nuts")]


def test_who_is_at_the_exit_when_a_visit_leaves_tells_who_it_was() -> None:
    day = Day()
    day.telling.exchange(ANN, BOB, 0.05)
    tea = day.weighs("tea", -541.0, hands=hand(ANN))
    assert bare(day.says(tea)[0]) == [part(ANN, "pick", "tea")]
    day.telling.seen_leaving(ANN, {ANN: -6.0, BOB: 0.0})
    assert bare(day.says(tea)[0]) == [part(BOB, "pick", "tea")]


def test_what_is_told_after_they_left_is_no_surer_than_who_they_were() -> None:
    """Ann takes tea and leaves; the plate comes to rest, and tells of it, only then."""
    day = Day()
    day.telling.exchange(ANN, BOB, 0.2)
    day.telling.gone(ANN)
    day.telling.decide(ANN)
    late = day.weighs("tea", -541.0, hands={ANN: -0.05, BOB: -9.0, None: -6.0})
    (act, p) = day.says(late)
    assert bare(act) == [part(ANN, "pick", "tea")]
    assert p <= 0.8
    assert day.telling.lines().p(ANN, "tea") <= 0.8
    # Who stays is who they are, once the other is gone.
    later = day.weighs("water", -520.0, hands={BOB: -0.05, None: -6.0})
    assert day.says(later)[1] > 0.9


def test_that_somebody_leaves_makes_nothing_surer() -> None:
    day = Day()
    day.telling.exchange(ANN, BOB, 0.2)
    water, tea = day.weighs("water", -520.0, hands=hand(ANN)), day.weighs("tea", -541.0, hands=hand(BOB))
    before = day.says(tea)
    day.telling.gone(ANN)
    day.telling.decide(ANN)
    act, p = day.says(tea)
    assert water not in day.telling.open
    assert act == before[0]
    assert p <= before[1] + 1e-12
    assert math.isclose(p, before[1], rel_tol=1e-4)


def test_an_exchange_is_remembered_through_much_doubt_about_other_things() -> None:
    """Until something tells: a hundred and more likelier stories of what was taken do not push it out."""
    day = Day()
    day.telling.exchange(ANN, BOB, 0.01)
    for _ in range(12):
        day.weighs("tea", -540.0, hands={ANN: -0.5, CAT: -0.6, None: -5.4})
        day.weighs("lemonade", -540.0, hands={DAN: -0.5, CAT: -0.6, None: -5.4})
    day.telling.seen_leaving(ANN, {ANN: -12.0, BOB: 0.0})
    assert day.telling.straighten() == {ANN: BOB, BOB: ANN}


def test_the_number_of_stories_is_bounded_whoever_meets_whom() -> None:
    day = Day()
    for _ in range(6):
        for one, other in ((ANN, BOB), (BOB, CAT), (CAT, DAN), (DAN, ANN)):
            day.telling.exchange(one, other, 0.3)
        day.weighs("tea", -540.0, hands={ANN: -0.5, CAT: -0.6, None: -5.4})
    assert len(day.telling._stories) <= STORIES_MAX + EACH_MAX * EXCHANGES_MAX


@given(st.lists(st.sampled_from([(ANN, BOB), (BOB, CAT), (ANN, CAT), (CAT, DAN)]), max_size=8))
def test_everybody_is_somebody_and_straightened_is_oneself(pairs: list[tuple[UUID, UUID]]) -> None:
    story = Story()
    for one, other in pairs:
        story = story.exchanged(one, other)
    assert sorted(story.whose) == sorted(story.whose.values())
    assert story.said_anew(story.whose).whose == {}
