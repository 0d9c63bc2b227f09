"""What is said of a happening."""

from datetime import UTC, datetime
from uuid import UUID

from edge.visits.saying import Reach, sayings
from edge.visits.stories.lines import Lines
from edge.visits.stories.story import Part

ANN = UUID(int=1)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_what_is_wholly_in_doubt_is_said_with_no_certainty_and_ends_nothing() -> None:
    act = (Part(ANN, "pick", "tea", 1, "g.s.1"),)
    lines = Lines([], [act], {(ANN, "tea"): 0.0})
    (saying,) = sayings("run", Reach(1, "g.s.1", (), NOW, NOW, {}, ANN), [(act, 0.0)], lines, doubted=False)
    assert saying.visit == ANN
    assert saying.event.p == saying.event.reasons["who"] == saying.event.reasons["what"] == 0.0
