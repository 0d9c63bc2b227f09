"""The machine's clock is set while the store is live: it is said, and times go on evenly."""

from hypothesis import given
from hypothesis import strategies as st

from edge.wall_clock import SET_S, WallClock
from hardware.ports import Fault, Restored, Weight


class Machine:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.now_s, self.off_s = 100.0, 1_700_000_000.0

    def utc(self) -> float:
        return self.now_s + self.off_s

    def monotonic(self) -> float:
        return self.now_s


def watched() -> tuple[Machine, WallClock]:
    machine = Machine()
    return machine, WallClock(machine.utc, machine.monotonic)


def test_a_clock_that_nobody_sets_is_not_spoken_of() -> None:
    machine, clock = watched()
    for t_s in range(100):
        machine.now_s += 1.0
        machine.off_s += 0.3 if t_s % 2 else -0.3
        assert clock.look(float(t_s)) is None


def test_a_clock_that_was_set_is_said_once_and_once_when_it_is_back() -> None:
    machine, clock = watched()
    machine.off_s += 3600.0
    said = clock.look(5.0)
    assert isinstance(said, Fault)
    assert (said.part, said.t_s) == ("clock", 5.0)
    assert "3600.0 s forward" in said.reason
    assert clock.look(6.0) is None
    machine.off_s -= 3600.0
    assert clock.look(7.0) == Restored(7.0, "clock")
    assert clock.look(8.0) is None


def test_a_clock_that_is_set_again_is_said_again() -> None:
    machine, clock = watched()
    machine.off_s -= 30.0
    first = clock.look(1.0)
    machine.off_s -= 30.0
    second = clock.look(2.0)
    assert isinstance(first, Fault)
    assert isinstance(second, Fault)
    assert "30.0 s back" in first.reason
    assert "60.0 s back" in second.reason


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_readings_keep_their_order_whatever_is_done_to_the_clock(settings: list[float]) -> None:
    machine, clock = watched()

    def live() -> list[Weight]:
        return [Weight(float(t_s), "plate", 0.0) for t_s in range(len(settings))]

    times, faults = [], 0
    for reading in clock.readings(live()):
        times.append(reading.t_s)
        faults += isinstance(reading, Fault)
        if isinstance(reading, Weight):
            machine.off_s = 1_700_000_000.0 + settings[int(reading.t_s)]
    assert times == sorted(times)
    changes = sum(abs(b - a) > SET_S for a, b in zip([0.0, *settings], settings, strict=False))
    assert faults <= changes + sum(abs(off) > SET_S for off in settings)
