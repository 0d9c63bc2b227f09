"""How sure a line of a cart is: by all that may have come to it, and not by one interaction."""

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from edge.visits.saying import Reach, sayings
from edge.visits.stories.lines import Lines
from edge.visits.stories.story import Act, Actor, Part, Story
from tests.unit.edge.visits.test_stories import ANN, BOB, Day, part

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def told(p: float, *acts: Act) -> Story:
    return Story(math.log(p), acts=dict(enumerate(acts)))


def pick(actor: Actor, sku: str, qty: int = 1) -> Act:
    return (Part(actor, "pick", sku, qty, None),)


def put_back(actor: Actor, sku: str) -> Act:
    return (Part(actor, "put_back", sku, 1, None),)


@pytest.mark.parametrize(
    ("stories", "said", "line", "p"),
    [
        pytest.param([told(1.0, pick(ANN, "tea"))], [pick(ANN, "tea")], (ANN, "tea"), 1.0, id="no doubt"),
        pytest.param(
            [
                told(0.6, pick(ANN, "tea"), pick(ANN, "water"), put_back(ANN, "tea")),
                told(0.4, pick(ANN, "tea"), pick(ANN, "water"), put_back(ANN, "water")),
            ],
            [pick(ANN, "tea"), pick(ANN, "water"), put_back(ANN, "tea")],
            (ANN, "water"),
            0.6,
            id="it may be what was put back",
        ),
        pytest.param(
            [
                told(0.5, pick(ANN, "tea"), pick(BOB, "tea")),
                told(0.3, pick(BOB, "tea"), pick(ANN, "tea")),
                told(0.2, pick(ANN, "tea"), pick(ANN, "tea")),
            ],
            [pick(ANN, "tea"), pick(BOB, "tea")],
            (ANN, "tea"),
            1.0,
            id="whichever of the two it was, she has one at least",
        ),
        pytest.param(
            [told(0.7, pick(ANN, "tea", 2)), told(0.3, pick(ANN, "tea"))],
            [pick(ANN, "tea", 2)],
            (ANN, "tea"),
            0.7,
            id="how many",
        ),
    ],
)
def test_a_line_is_as_sure_as_the_stories_that_come_to_it(
    stories: list[Story], said: list[Act], line: tuple[UUID, str], p: float
) -> None:
    assert Lines(stories, said, {}).p(*line) == pytest.approx(p)


def test_what_may_have_been_put_back_is_doubted_though_it_was_surely_taken() -> None:
    day = Day()
    tea, lemonade = day.weighs("tea", -541.0), day.weighs("lemonade", -538.0)
    alone = day.telling.lines().p(ANN, "tea")
    day.weighs("nuts", 539.5)
    (act, sure), lines = day.says(tea), day.telling.lines()
    assert [part(one.actor, one.type, one.sku) for one in act] == [part(ANN, "pick", "tea")]
    assert sure > 0.95
    assert day.says(lemonade)[1] > 0.95
    assert alone > 0.95
    # Whichever of them is said to be left.
    assert min(lines.p(ANN, "tea"), lines.p(ANN, "lemonade")) < 0.9


def test_a_change_is_said_to_be_as_sure_as_its_line_and_the_interaction_as_it_is_by_itself() -> None:
    stories = [
        told(0.6, pick(ANN, "tea"), ()),
        told(0.4, pick(ANN, "tea"), put_back(ANN, "tea")),
    ]
    lines = Lines(stories, [pick(ANN, "tea"), ()], {})
    reach = Reach(0, None, (), AT, AT + timedelta(seconds=1), {}, ANN)
    (said,) = sayings("s", reach, [(pick(ANN, "tea"), 1.0)], lines, doubted=False)
    assert said.event.p == 1.0
    assert [change.p for change in said.event.changes] == [0.6]


def test_that_somebody_leaves_makes_no_line_surer() -> None:
    day = Day()
    day.telling.exchange(ANN, BOB, 0.2)
    water = day.weighs("water", -520.0, hands={ANN: -0.05, None: -5.0})
    day.weighs("tea", -541.0, hands={BOB: -0.05, None: -5.0})
    before = day.telling.lines().p(BOB, "tea")
    day.telling.gone(ANN)
    day.telling.decide(ANN)
    assert water not in day.telling.open
    assert day.telling.lines().p(BOB, "tea") <= before + 1e-12
    assert day.telling.lines().p(BOB, "tea") == pytest.approx(before, rel=1e-4)
