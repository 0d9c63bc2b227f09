from datetime import UTC, datetime, timedelta

import pytest

from cloud.domain.errors import TransitionError
from cloud.domain.progress import Gap, Progress
from cloud.domain.settlement import Exit, Happening, Readiness, State, after, readiness

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEAVING = Exit("hub", epoch=2, seq=5, ts=NOON, received_at=NOON)


def seconds(count: float) -> datetime:
    return NOON + timedelta(seconds=count)


def progress(contiguous: int, last: int, until_s: float | None, epoch: int = 2) -> Progress:
    return Progress(epoch, contiguous, (), last, None if until_s is None else seconds(until_s))


def ask(*hub: Progress, now_s: float = 1, horizon: int | None = None, gaps: tuple[Gap, ...] = ()) -> Readiness:
    epochs = {each.epoch: each for each in hub}
    return readiness(LEAVING, horizon, epochs, gaps, entered=seconds(-60), now=seconds(now_s), settle_within_s=30)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(ask(), Readiness(False, False, None), id="the hub has said nothing yet"),
        pytest.param(ask(progress(5, 5, 0)), Readiness(False, False, None), id="observed up to the exit, not past it"),
        pytest.param(ask(progress(5, 5, 0.1)), Readiness(True, True, 5), id="observed past it, nothing lacks"),
        pytest.param(
            ask(progress(4, 6, 1)), Readiness(False, False, 6, (Gap(2, 5, 6),)), id="what it had on disk lacks"
        ),
        pytest.param(ask(progress(6, 90, 9), horizon=6), Readiness(True, True, 6), id="what it said later is others'"),
        pytest.param(
            ask(progress(4, 6, 1), now_s=30), Readiness(True, False, 6, (Gap(2, 5, 6),)), id="the time limit passed"
        ),
        pytest.param(
            ask(progress(6, 6, 1), gaps=(Gap(2, 1, 3),)),
            Readiness(True, False, 6, (Gap(2, 1, 3),)),
            id="what can no longer come is not waited for, but said",
        ),
        pytest.param(
            ask(progress(3, 4, -30, epoch=1), progress(6, 6, 1)),
            Readiness(False, False, 6, (Gap(1, 4, 4),)),
            id="the outbox was made anew during the visit, and its end lacks",
        ),
        pytest.param(
            ask(progress(3, 4, -90, epoch=1), progress(6, 6, 1)),
            Readiness(True, True, 6),
            id="an outbox that ended before the visit does not matter",
        ),
    ],
)
def test_readiness(asked: Readiness, expected: Readiness) -> None:
    if not asked.settle and asked.horizon is None:
        expected = Readiness(False, False, None, asked.missing)
    assert asked == expected


def test_a_visit_that_nobody_entered_waits_for_its_entry_until_the_time_limit() -> None:
    hub = {2: progress(5, 5, 1)}
    for now_s, settles in ((1, False), (30, True)):
        ready = readiness(LEAVING, None, hub, (), entered=None, now=seconds(now_s), settle_within_s=30)
        assert ready.settle is settles


@pytest.mark.parametrize("state", list(State))
def test_entries_and_exits_that_are_said_again_are_harmless(state: State) -> None:
    for happening in (Happening.ENTERED, Happening.EXITED):
        once = after(state, happening)
        assert after(once, happening) == once


@pytest.mark.parametrize("happening", [each for each in Happening if each not in ("entered", "exited")])
@pytest.mark.parametrize("state", [State.SETTLED, State.REFUSED])
def test_nothing_leads_out_of_the_end(state: State, happening: Happening) -> None:
    with pytest.raises(TransitionError, match=state):
        after(state, happening)
