import numpy as np

from edge.delays import KEPT, Delays
from hardware.ports import Frame


def frame(index: int, camera: str = "a") -> Frame:
    return Frame(index / 5.0, camera, index, np.zeros((2, 2, 3), np.uint8))


def test_quantiles_are_delays_that_so_many_pictures_stay_within() -> None:
    delays = Delays()
    for number in range(100):
        delays.add(frame(number), (number + 1) / 1000.0)
    assert delays.quantile_s(1.0) == 0.1
    assert delays.to_json() == {"seen": 100, "left_out": 0, "delay_ms": {"p50": 51, "p99": 100}}


def test_a_play_that_keeps_no_time_has_pictures_and_no_delays() -> None:
    delays = Delays()
    delays.add(frame(0), None)
    assert delays.to_json() == {"seen": 1, "left_out": 0, "delay_ms": None}


def test_numbers_that_no_picture_came_with_are_counted_for_each_camera() -> None:
    delays = Delays()
    for each in (frame(0), frame(1, "b"), frame(3), frame(2, "b"), frame(4)):
        delays.add(each, None)
    assert (delays.frames, delays.left_out) == (5, 3)


def test_only_the_newest_are_kept() -> None:
    delays = Delays()
    for number in range(KEPT + 5):
        delays.add(frame(number), float(number))
    assert delays.frames == KEPT + 5
    assert delays.quantile_s(0.0) == 5.0
