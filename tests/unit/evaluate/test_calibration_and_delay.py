"""Whether probabilities mean what they say, and how long a decision waits."""

import pytest

from tillfree.evaluate.calibration import expected_calibration_error, reliability
from tillfree.evaluate.delay import ExitClock, delays_json


def test_a_table_says_how_sure_and_how_right() -> None:
    said = [(0.95, True)] * 9 + [(0.95, False)] + [(0.55, True), (0.55, False)]
    low, high = reliability(said)
    assert (low.low, low.lines, low.right) == (0.5, 2, 0.5)
    assert low.stated == pytest.approx(0.55)
    assert (high.high, high.lines, high.right) == (1.0, 10, 0.9)
    assert expected_calibration_error(said) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("said", "error"), [([], None), ([(1.0, True)], 0.0), ([(1.0, False)], 1.0), ([(0.0, False)], 0.0)]
)
def test_the_ends_of_the_scale(said: list[tuple[float, bool]], error: float | None) -> None:
    assert expected_calibration_error(said) == error


def test_an_exit_waits_for_what_happened_before_it() -> None:
    clock = ExitClock()
    clock.exited(10.0, 100.0)
    clock.observed(8.0, 10.2, 100.5)
    clock.observed(10.0, 10.4, 100.6)
    assert clock.delays == []
    clock.observed(10.4, 10.4, 100.75)
    (delay,) = clock.delays
    assert (delay.exit_s, delay.processing_s) == (10.0, 0.75)
    assert delay.waited_s == pytest.approx(0.4)
    clock.ended(20.0, 200.0)
    assert len(clock.delays) == 1


def test_the_recordings_end_decides_what_is_open() -> None:
    clock = ExitClock()
    clock.exited(19.0, 5.0)
    clock.ended(20.0, 6.0)
    assert delays_json(clock.delays) == {
        "exits": 1,
        "waited_p50_s": 1.0,
        "waited_max_s": 1.0,
        "processing_p50_s": 1.0,
        "processing_max_s": 1.0,
        "total_p50_s": 2.0,
        "total_max_s": 2.0,
    }
    assert delays_json([]) is None
