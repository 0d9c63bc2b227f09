"""What several cameras saw of one hand in one slot is one stay, told once."""

import numpy as np

from edge.shelves.interaction import Interaction
from edge.shelves.stay import WAITS_S, SlotStays

CROP = np.zeros((4, 4, 3), np.uint8)
NONE: tuple[str, ...] = ()


def look(camera: str, from_s: float, to_s: float, *, doubtful: bool = False) -> Interaction:
    return Interaction("g.s.1", camera, from_s, to_s, to_s + 0.5, CROP, CROP, doubtful)


def test_one_camera_alone_is_a_stay_at_once() -> None:
    stays = SlotStays()
    stays.add(look("a", 1.0, 2.0))
    stay = stays.due(2.5, NONE)
    assert stay is not None
    assert (stay.entered_s, stay.left_s, len(stay.looks)) == (1.0, 2.0, 1)
    assert stays.due(2.6, NONE) is None


def test_two_cameras_that_see_it_end_are_one_stay() -> None:
    stays = SlotStays()
    stays.add(look("a", 1.0, 2.0))
    assert stays.due(2.5, ["b"]) is None
    assert stays.undecided_since_s == 1.0
    stays.add(look("b", 0.8, 2.4, doubtful=True))
    stay = stays.due(2.9, NONE)
    assert stay is not None
    assert (stay.entered_s, stay.left_s, len(stay.looks)) == (0.8, 2.4, 2)
    assert not stay.doubtful


def test_a_camera_that_stays_hidden_is_not_waited_for_and_tells_nothing_anew() -> None:
    stays = SlotStays()
    stays.add(look("a", 1.0, 2.0))
    stay = stays.due(2.5 + WAITS_S, ["b"])
    assert stay is not None
    stays.add(look("b", 1.1, 9.0))
    assert stays.due(20.0, NONE) is None
    stays.add(look("a", 5.0, 6.0))
    assert stays.due(6.5, NONE) is not None
