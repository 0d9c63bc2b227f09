from datetime import UTC, datetime, timedelta

from edge.delivery.watermarks import AT_ONCE_S, EVERY_S, Mark, Watermarks

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def mark(seconds: float, last_seq: int = 0) -> Mark:
    return Mark(NOON + timedelta(seconds=seconds), last_seq)


def said_at(watermarks: Watermarks, now_s: float) -> bool:
    due = watermarks.due(now_s)
    if due:
        watermarks.said(due, now_s)
    return due is not None


def test_nothing_is_said_before_anything_was_observed() -> None:
    watermarks = Watermarks()
    assert watermarks.silent
    assert watermarks.all_said
    assert watermarks.wake_s is None
    assert watermarks.due(100.0) is None


def test_the_latest_mark_is_said_several_times_a_second_even_when_nothing_happens() -> None:
    watermarks = Watermarks()
    watermarks.observed(mark(1))
    assert [now_s for now_s in (10.0, 10.1, 10.2, 10.3, 10.4) if said_at(watermarks, now_s)] == [10.0, 10.2, 10.4]
    assert EVERY_S == 0.2


def test_a_mark_that_passes_a_new_event_is_said_at_once_but_not_in_a_flood() -> None:
    watermarks = Watermarks()
    watermarks.observed(mark(1))
    assert said_at(watermarks, 10.0)
    watermarks.appended(mark(2).until)
    watermarks.observed(mark(1.9))
    assert not said_at(watermarks, 10.1)
    watermarks.observed(mark(2, 1))
    assert said_at(watermarks, 10.1)
    watermarks.observed(mark(2.1, 1))
    assert not said_at(watermarks, 10.1 + AT_ONCE_S / 2)
    assert said_at(watermarks, 10.1 + AT_ONCE_S)
    watermarks.observed(mark(2.2, 1))
    assert not said_at(watermarks, 10.1 + 2 * AT_ONCE_S)


def test_what_may_not_have_been_heard_is_said_again() -> None:
    watermarks = Watermarks()
    watermarks.observed(mark(1))
    assert said_at(watermarks, 10.0)
    all_said = [watermarks.all_said]
    watermarks.again()
    all_said.append(watermarks.all_said)
    assert said_at(watermarks, 10.0 + AT_ONCE_S)
    all_said.append(watermarks.all_said)
    assert all_said == [True, False, True]
