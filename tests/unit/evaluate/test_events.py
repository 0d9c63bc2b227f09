"""Scoring events: right, false and missed, told apart in every case that a labeller meets."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.events import NewEvent
from protocol.events import Change, Entered, Exited, Faulted, Interaction
from protocol.recording import TruthEvent
from tillfree.evaluate.calibration import expected_calibration_error
from tillfree.evaluate.events import EventScore, Occurrence, match, said_occurrences, true_occurrences
from tillfree.evaluate.shoppers import shoppers_of

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANNA, BERT = UUID(int=1), UUID(int=2)
SLOT, OTHER_SLOT = "wall.top.left", "wall.top.right"


def said(
    t_s: float, kind: str = "pick", sku: str | None = "water", slot: str = SLOT, who: str | None = "anna"
) -> Occurrence:
    return Occurrence(kind, who, sku, slot, t_s, t_s)


def true(
    from_s: float, to_s: float, kind: str = "pick", sku: str | None = "water", slot: str | None = SLOT
) -> Occurrence:
    return Occurrence(kind, "anna", sku, slot, from_s, to_s)


@pytest.mark.parametrize(
    ("said_", "true_", "score"),
    [
        pytest.param([], [], (0, 0, 0), id="nothing happened and nothing was said"),
        pytest.param([said(5)], [true(4, 6)], (1, 0, 0), id="right"),
        pytest.param([said(4)], [true(4, 6)], (1, 0, 0), id="at the window's edge"),
        pytest.param([said(6.0005)], [true(4, 6)], (1, 0, 0), id="cut to milliseconds"),
        pytest.param([said(6.1)], [true(4, 6)], (0, 1, 1), id="late"),
        pytest.param([said(5, sku="cola")], [true(4, 6)], (0, 1, 1), id="another product"),
        pytest.param([said(5, sku=None)], [true(4, 6)], (0, 1, 1), id="a product nobody enrolled"),
        pytest.param([said(5, who="bert")], [true(4, 6)], (0, 1, 1), id="another shopper"),
        pytest.param([said(5, who=None)], [true(4, 6)], (0, 1, 1), id="nobody"),
        pytest.param([said(5, slot=OTHER_SLOT)], [true(4, 6)], (0, 1, 1), id="another slot"),
        pytest.param([said(5, slot=OTHER_SLOT)], [true(4, 6, slot=None)], (1, 0, 0), id="the truth names no slot"),
        pytest.param([said(5, "put_back")], [true(4, 6)], (0, 1, 1), id="the other way round"),
        pytest.param([said(5), said(5.1)], [true(4, 6)], (1, 1, 0), id="said twice"),
        pytest.param([said(5)], [true(4, 6)] * 2, (1, 0, 1), id="two pieces, one said"),
        pytest.param([said(5), said(5)], [true(4, 6)] * 2, (2, 0, 0), id="two pieces"),
        pytest.param([said(5), said(9)], [true(4, 10), true(4, 6)], (2, 0, 0), id="the narrow window is served first"),
        pytest.param([said(2), said(5)], [true(1, 5), true(2, 3)], (2, 0, 0), id="whatever their order"),
    ],
)
def test_matching(said_: list[Occurrence], true_: list[Occurrence], score: tuple[int, int, int]) -> None:
    assert match(said_, true_).total() == EventScore(*score)


def test_touches_count_only_where_the_truth_has_any() -> None:
    touch = said(5, "touch", None)
    assert match([touch], []).total() == EventScore(0, 0, 0)
    assert match([touch], []).scores()["touch"] == EventScore(0, 1, 0)
    labelled = true(7, 9, "touch", None)
    assert match([touch], [labelled]).total() == EventScore(0, 1, 1)


def test_entries_and_exits_are_listed_but_not_counted() -> None:
    found = match([said(1, "enter", None)], [Occurrence("enter", "anna", None, None, 0, 2)])
    assert found.scores()["enter"] == EventScore(1, 0, 0)
    assert found.total() == EventScore(0, 0, 0)


occurrences = st.builds(
    Occurrence,
    type=st.sampled_from(["pick", "put_back"]),
    shopper=st.just("anna"),
    sku=st.sampled_from(["water", "cola"]),
    slot=st.just(SLOT),
    from_s=st.integers(0, 12),
    to_s=st.integers(13, 20),
)


@given(st.lists(occurrences, max_size=12), st.lists(occurrences, max_size=12))
def test_each_is_counted_once_whatever_was_said(said_: list[Occurrence], true_: list[Occurrence]) -> None:
    found = match(said_, true_)
    total = found.total()
    assert total.true + total.false == len(said_)
    assert total.true + total.missed == len(true_)
    assert 0.0 <= total.f1 <= 1.0
    assert 0.0 <= min(total.precision, total.recall) <= total.f1 <= max(total.precision, total.recall) <= 1.0
    assert match(list(reversed(said_)), list(reversed(true_))).total() == total


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6)), max_size=7), st.lists(st.integers(0, 26), max_size=7))
def test_of_equal_kinds_as_many_are_served_as_can_be(windows: list[tuple[int, int]], times: list[int]) -> None:
    true_ = [true(from_s, from_s + length) for from_s, length in windows]
    served = match([said(t_s) for t_s in times], true_).total().true

    def best(left: list[Occurrence], free: list[int]) -> int:
        if not left:
            return 0
        first, rest = left[0], left[1:]
        options = {n for n in free if first.from_s <= n <= first.to_s}
        without = [best(rest, [*free[: free.index(n)], *free[free.index(n) + 1 :]]) + 1 for n in options]
        return max([best(rest, free), *without])

    if len(windows) <= 4:
        assert served == best(true_, times)


@pytest.mark.parametrize(
    ("score", "precision", "recall", "f1"),
    [
        ((8, 0, 0), 1, 1, 1),
        ((0, 0, 0), 1, 1, 1),
        ((0, 2, 0), 0, 1, 0),
        ((0, 0, 2), 1, 0, 0),
        ((2, 2, 0), 0.5, 1, 2 / 3),
    ],
)
def test_rates(score: tuple[int, int, int], precision: float, recall: float, f1: float) -> None:
    found = EventScore(*score)
    assert (found.precision, found.recall) == (precision, recall)
    assert found.f1 == pytest.approx(f1)


def event(t_s: float, what: Entered | Exited | Interaction | Faulted, visit: UUID | None = ANNA) -> NewEvent:
    return NewEvent(START + timedelta(seconds=t_s), visit, what)


def interaction(t_s: float, *changes: Change, number: int = 7, revision: int = 1) -> Interaction:
    at = START + timedelta(seconds=t_s)
    return Interaction(
        interaction=UUID(int=number),
        revision=revision,
        cameras=("shelf",),
        slot=SLOT,
        entered=at - timedelta(seconds=1),
        left=at,
        changes=changes,
        p=0.9,
        reasons={},
    )


def pick(qty: int = 1, p: float = 0.9) -> Change:
    return Change(type="pick", sku="water", qty=qty, slot=SLOT, p=p)


def test_what_was_said_piece_by_piece() -> None:
    events = [
        event(1, Entered(lane="door", token="anna")),
        event(5, interaction(5, pick(qty=2))),
        event(6, interaction(6, number=8), BERT),
        event(7, Faulted(part="camera shelf", reason="gone"), None),
        event(9, Exited(lane="door")),
    ]
    found = said_occurrences(events, {ANNA: "anna"}, START)
    assert [(o.type, o.shopper, o.from_s) for o in found] == [
        ("enter", "anna", 1.0),
        ("pick", "anna", 5.0),
        ("pick", "anna", 5.0),
        ("touch", None, 6.0),
        ("exit", "anna", 9.0),
    ]


def test_of_an_interaction_that_was_revised_the_last_word_counts() -> None:
    events = [event(5, interaction(5, pick(p=0.99))), event(9, interaction(5, pick(p=0.5), revision=2))]
    (found,) = said_occurrences(events, {ANNA: "anna"}, START)
    assert (found.p, found.from_s) == (0.5, 5.0)


def test_the_truth_piece_by_piece() -> None:
    truth = [
        TruthEvent(t_s=1, shopper="anna", type="enter"),
        TruthEvent(t_s=5, shopper="anna", type="pick", sku="water", qty=2, window_s=(4, 5.5)),
        TruthEvent(t_s=8, shopper="anna", type="touch", sku="water", qty=3, slot=SLOT),
    ]
    assert [(o.type, o.sku, o.from_s, o.to_s) for o in true_occurrences(truth, tolerance_s=1)] == [
        ("enter", None, 0, 2),
        ("pick", "water", 4, 5.5),
        ("pick", "water", 4, 5.5),
        ("touch", None, 7, 9),
    ]


def enters(*entries: tuple[UUID, str, float]) -> list[NewEvent]:
    return [event(t_s, Entered(lane="door", token=token), visit) for visit, token, t_s in entries]


def truth_of(*entries: tuple[str, float]) -> list[TruthEvent]:
    return [TruthEvent(t_s=t_s, shopper=shopper, type="enter") for shopper, t_s in entries]


@pytest.mark.parametrize(
    ("entries", "truth", "wanted"),
    [
        pytest.param([(ANNA, "anna", 1)], [("anna", 99)], {ANNA: "anna"}, id="the token is the name"),
        pytest.param([(ANNA, "qr-1", 1)], [("s1", 2)], {ANNA: "s1"}, id="near in time"),
        pytest.param([(ANNA, "qr-1", 1)], [("s1", 30)], {}, id="too far in time"),
        pytest.param(
            [(ANNA, "x", 1), (BERT, "y", 3)], [("s1", 3.1), ("s2", 1.5)], {ANNA: "s2", BERT: "s1"}, id="the nearest"
        ),
        pytest.param([(ANNA, "x", 1), (BERT, "y", 2)], [("s1", 2.1)], {BERT: "s1"}, id="one of two is a stranger"),
        pytest.param([(ANNA, "s1", 1), (BERT, "y", 2)], [("s1", 2)], {ANNA: "s1"}, id="a name is taken"),
        pytest.param([(ANNA, "s1", 1), (BERT, "s1", 50)], [("s1", 1)], {ANNA: "s1", BERT: "s1"}, id="comes twice"),
        pytest.param([], [("s1", 2)], {}, id="nobody was seen to enter"),
    ],
)
def test_which_visit_is_whose(
    entries: list[tuple[UUID, str, float]], truth: list[tuple[str, float]], wanted: dict[UUID, str]
) -> None:
    assert shoppers_of(enters(*entries), truth_of(*truth), START) == wanted


@pytest.mark.parametrize(
    ("said_", "error"),
    [
        ([], None),
        ([(1.0, True)] * 4, 0.0),
        ([(1.0, False)] * 4, 1.0),
        ([(0.0, False)], 0.0),
        ([(0.9, True)] * 9 + [(0.9, False)], 0.0),
        ([(0.95, True), (0.55, False)], (0.05 + 0.55) / 2),
    ],
)
def test_whether_a_probability_means_what_it_says(said_: list[tuple[float, bool]], error: float | None) -> None:
    assert expected_calibration_error(said_) == (None if error is None else pytest.approx(error))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_a_calibration_error_is_a_share(said_: list[tuple[float, bool]]) -> None:
    error = expected_calibration_error(said_)
    assert error is not None
    assert 0.0 <= error <= 1.0


def test_what_somebody_without_a_visit_does_is_rightly_nobodys() -> None:
    truth = [
        TruthEvent(t_s=1.0, shopper="sam", type="enter"),
        TruthEvent(t_s=5.0, shopper="sam", type="put_back", sku="water"),
        TruthEvent(t_s=6.0, shopper="anna", type="pick", sku="water"),
    ]
    occurrences = true_occurrences(truth, outsiders={"sam"})
    assert [(one.type, one.shopper) for one in occurrences] == [("put_back", None), ("pick", "anna")]
