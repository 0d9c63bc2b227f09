"""What a network brings late and out of step is heard of in the order of time."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hardware.in_order import HOLD_S, Arrival, InOrder, in_order
from hardware.ports import Fault, Frame, Pass, Reading, Weight

PICTURE = np.zeros((2, 2, 3), np.uint8)
PERIODS_S = {"a": 0.2, "b": 0.2}


def frame(camera: str, t_s: float, at_s: float | None = None) -> Arrival:
    return Arrival(t_s if at_s is None else at_s, Frame(t_s, camera, 0, PICTURE))


def heard(arrivals: list[Arrival], order: InOrder | None = None) -> list[tuple[float, str, float]]:
    """When each was let through, what it was, and its time."""
    given = in_order(arrivals, order or InOrder(PERIODS_S))
    return [(arrival.at_s, name_of(arrival.reading), arrival.reading.t_s) for arrival in given]


def name_of(reading: Reading) -> str:
    return reading.camera if isinstance(reading, Frame) else type(reading).__name__


def test_a_picture_on_time_waits_for_nobody_whose_next_one_is_not_due() -> None:
    said = heard([frame("a", 0.0), frame("b", 0.1), frame("a", 0.2), frame("b", 0.3)])
    assert said == [(0.1, "a", 0.0), (0.1, "b", 0.1), (0.2, "a", 0.2), (0.3, "b", 0.3)]


def test_an_earlier_picture_that_comes_later_is_waited_for() -> None:
    slow = [frame("b", 0.1, 0.14), frame("a", 0.2), frame("a", 0.4), frame("b", 0.3, 0.55), frame("b", 0.5, 0.56)]
    assert heard([frame("a", 0.0), *slow]) == [
        (0.14, "a", 0.0),
        (0.14, "b", 0.1),
        (0.2, "a", 0.2),
        (0.55, "b", 0.3),
        (0.55, "a", 0.4),
        (0.56, "b", 0.5),
    ]


def test_the_gate_is_heard_after_what_was_seen_before_it() -> None:
    leaves = Arrival(0.35, Pass(0.35, "out", "exit", "anna"))
    said = heard([frame("a", 0.0), frame("b", 0.1), frame("a", 0.2), leaves, frame("b", 0.3, 0.45), frame("a", 0.4)])
    assert [name for _, name, _ in said] == ["a", "b", "a", "b", "Pass", "a"]


def test_nobody_is_waited_for_longer_than_a_picture_is_worth() -> None:
    only_a = [frame("a", round(0.2 * number, 1)) for number in range(6)]
    waited_s = [at_s - t_s for at_s, _, t_s in heard([frame("b", 0.0), *only_a])[:4]]
    assert max(waited_s) <= HOLD_S + 0.2


def test_a_camera_that_is_broken_is_not_waited_for_until_it_gives_again() -> None:
    broken = Arrival(0.15, Fault(0.15, "camera b", "no picture"))
    again = [frame("b", 1.0), frame("a", 1.0), frame("a", 1.2)]
    said = heard([frame("a", 0.0), frame("b", 0.1), broken, frame("a", 0.2), frame("a", 0.4), *again])
    assert (0.2, "a", 0.2) in said
    assert (0.4, "a", 0.4) in said
    # Its next picture is due at 1.2: the other's waits for it.
    assert said[-1][:2] == (1.2, "a")


def test_a_picture_that_is_much_too_late_is_left_out_and_counted_and_a_weight_is_not() -> None:
    order = InOrder(PERIODS_S)
    gone_on = [frame("a", round(0.2 * number, 1)) for number in range(1, 12)]
    late = [frame("b", 0.3, 2.21), Arrival(2.22, Weight(0.3, "left", 100.0))]
    said = heard([frame("a", 0.0), frame("b", 0.1), *gone_on, *late], order)
    assert order.too_late == 1
    assert "Weight" in {name for _, name, _ in said}
    assert [t_s for _, _, t_s in said] == sorted(t_s for _, _, t_s in said)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(0.0, 20.0), st.floats(0.0, 3.0), st.booleans()),
        max_size=60,
    )
)
def test_whatever_comes_however_late_time_goes_on_and_only_pictures_are_lost(
    sent: list[tuple[str, float, float, bool]],
) -> None:
    arrivals = sorted(
        (
            replace(frame(name, t_s), at_s=t_s + late_s)
            if seen
            else Arrival(t_s + late_s, Weight(t_s, f"plate {name}", 1.0))
            for name, t_s, late_s, seen in sent
        ),
        key=lambda arrival: arrival.at_s,
    )
    order = InOrder({**PERIODS_S, "c": 0.2})
    said = heard(arrivals, order)
    times = [t_s for _, _, t_s in said]
    assert times == sorted(times)
    assert len(said) + order.too_late == len(sent)
    assert sum(name == "Weight" for _, name, _ in said) == sum(not seen for *_, seen in sent)
    for camera in "abc":
        own = [t_s for _, name, t_s in said if name == camera]
        assert len(set(own)) == len(own)
