"""Lines of a file in the order of time, whatever the order in which they were written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.by_time import HOLD_S, by_time, held
from hardware.errors import DeviceError

FILE = Path(__file__)


@dataclass(frozen=True)
class Line:
    t_s: float
    number: int


def lines(times: list[float]) -> list[Line]:
    return [Line(t_s, number) for number, t_s in enumerate(times)]


@given(st.lists(st.floats(0.0, 100.0), max_size=50))
def test_whatever_the_order_all_are_given_by_time_and_those_of_one_moment_as_written(times: list[float]) -> None:
    written = lines(times)
    given_ = list(by_time(FILE, lambda: iter(written)))
    assert given_ == sorted(written, key=lambda line: line.t_s)


@given(st.lists(st.floats(0.0, HOLD_S), min_size=1, max_size=50))
def test_what_is_a_little_out_of_step_is_never_sorted_whole(late: list[float]) -> None:
    times = [1.0 * number - behind for number, behind in enumerate(late)]
    written = lines(times)
    assert [line.t_s for line in held(written, FILE)] == sorted(times)


def test_nothing_waits_for_longer_than_it_is_held() -> None:
    stream = held(lines([0.0, 1.0, HOLD_S + 0.5, 100.0]), FILE)
    assert next(stream).t_s == 0.0


def test_what_was_read_before_a_line_that_is_none_is_given() -> None:
    def broken() -> Iterator[Line]:
        yield from lines([2.0, 1.0])
        raise DeviceError("f:3: not a sample")

    stream = by_time(FILE, broken)
    assert [next(stream).t_s, next(stream).t_s] == [1.0, 2.0]
    with pytest.raises(DeviceError, match="f:3"):
        next(stream)


def test_a_stream_that_goes_far_back_is_said_to_with_what_to_do() -> None:
    with pytest.raises(DeviceError, match=r"goes back from 100\.0 to 1\.0: sort its lines"):
        list(held(lines([100.0, 1.0]), FILE))
