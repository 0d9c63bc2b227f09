"""A source's own times on our clock: offset, drift, jumps; and what holds whatever it says."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cameras.source_clock import JUMP_S, LATE_S, SourceClock

FPS = 10.0


def shots(
    seconds: float, *, offset_s: float = 1000.0, drift: float = 0.0, delay_s: float = 0.02, spread_s: float = 0.0
) -> Iterator[tuple[float, float, float]]:
    """When each was taken, what the source says to that, and when it arrived."""
    chance = random.Random(5)
    for number in range(int(seconds * FPS)):
        taken_s = 50.0 + number / FPS
        own_s = (taken_s - 50.0) / (1.0 + drift) + offset_s
        late_s = chance.expovariate(1.0 / spread_s) if spread_s else 0.0
        yield taken_s, own_s, taken_s + delay_s + late_s


@pytest.mark.parametrize("drift", [0.0, 50e-6, -100e-6])
@pytest.mark.parametrize("spread_s", [0.0, 0.03])
def test_times_are_as_even_as_they_were_taken_however_they_come(drift: float, spread_s: float) -> None:
    clock = SourceClock()
    errors = [
        clock.taken_at(own_s, arrived_s) - taken_s
        for taken_s, own_s, arrived_s in shots(180.0, drift=drift, spread_s=spread_s)
    ]
    # The least delay of 20 ms cannot be known; beyond it, half a minute is enough to know the offset to a few ms.
    settled = [error - 0.02 for error in errors[300:]]
    assert max(map(abs, settled)) < 0.012
    assert clock.drift == pytest.approx(drift, abs=40e-6)
    assert clock.jumps == 0


@pytest.mark.parametrize("step_s", [5.0, -5.0, 3600.0, -3600.0])
def test_a_source_whose_clock_is_set_is_mapped_anew(step_s: float) -> None:
    clock = SourceClock()
    for _, own_s, arrived_s in shots(30.0):
        clock.taken_at(own_s, arrived_s)
    errors = []
    for taken_s, own_s, arrived_s in shots(30.0, offset_s=1000.0 + step_s):
        errors.append(clock.taken_at(own_s, arrived_s + 30.0) - (taken_s + 30.0))
    assert clock.jumps == 1
    assert max(map(abs, errors[int((LATE_S + 1.0) * FPS) :])) < 0.03


def test_a_congested_network_is_not_a_clock_that_was_set() -> None:
    clock = SourceClock()
    for number, (taken_s, own_s, arrived_s) in enumerate(shots(60.0)):
        late_s = 2.0 * JUMP_S if 300 <= number < 300 + (LATE_S - 1.0) * FPS else 0.0
        found_s = clock.taken_at(own_s, arrived_s + late_s)
        assert found_s - taken_s < 0.05
    assert clock.jumps == 0


def test_a_source_without_times_was_taken_when_it_came() -> None:
    clock = SourceClock()
    assert [clock.taken_at(None, each) for each in (1.0, 1.1, 1.2)] == [1.0, 1.1, 1.2]


TIMES = st.one_of(st.none(), st.floats(-1e9, 1e9))


@given(st.lists(st.tuples(TIMES, st.floats(0.001, 5.0)), max_size=200))
def test_whatever_a_source_says_times_go_on_and_do_not_run_ahead(said: list[tuple[float | None, float]]) -> None:
    clock = SourceClock()
    arrived_s, before_s = 0.0, -1.0
    for own_s, step_s in said:
        arrived_s += step_s
        taken_s = clock.taken_at(own_s, arrived_s)
        assert before_s < taken_s <= arrived_s
        before_s = taken_s
