"""A store at work notices a camera that was knocked, and only that: drawn pictures, a store's modes, its node."""

from collections.abc import Iterator

import numpy as np
import pytest

from edge.calibration.knock_watch import UNTOLD_S
from edge.calibration.pictures.reference import features_of
from edge.calibration.pictures.watching import PICTURES, Watching, view_part
from edge.modes import Mode, Modes, required
from hardware.ports import Fault, Frame, Image, Reading, Restored
from protocol.store_file import parse_store
from tests.unit.edge.calibration.test_knocked import lit, scene, with_people

STORE = parse_store(
    "format: 1\nstore: corner\nname: Corner\ncurrency: EUR\ncameras:\n"
    "  - {id: aisle, role: area, size: [640, 360]}\n  - {id: back, role: area, size: [640, 360]}\n",
    "store.yaml",
)
WAS = {"aisle": features_of([scene()])}
STRAIGHT, ASKEW = scene(), scene(0, 3.0, -1.0)
DARK: Image = np.zeros_like(STRAIGHT)


def day(*spans: tuple[float, Image], step_s: float = 0.5) -> Iterator[Frame]:
    """Pictures of the aisle: so many seconds of each, people walking through all the while."""
    t_s, index = 0.0, 0
    for seconds, image in spans:
        until_s = t_s + seconds
        while t_s < until_s:
            # People are drawn where it matters only: drawing them every time takes longer than looking.
            shown = with_people(image, index % 7) if index % 3 == 0 and image.any() else image
            yield Frame(t_s, "aisle", index, shown)
            t_s, index = t_s + step_s, index + 1


def told(readings: list[Reading]) -> list[tuple[str, float]]:
    return [
        ("knocked" if isinstance(each, Fault) else "well", each.t_s)
        for each in readings
        if isinstance(each, Fault | Restored)
    ]


def test_a_knock_is_told_and_taken_back_when_the_camera_is_put_back() -> None:
    watching = Watching(STORE, WAS)
    heard = list(watching.readings(day((70.0, STRAIGHT), (70.0, ASKEW), (90.0, lit(STRAIGHT, 3)))))
    (first, at_s), (second, back_s) = told(heard)
    assert (first, second) == ("knocked", "well")
    assert 70.0 < at_s < 125.0
    assert 140.0 < back_s < 200.0
    fault = next(each for each in heard if isinstance(each, Fault))
    assert fault.part == "view aisle"
    # The store file tells no lens, so degrees are those of a usual one.
    assert "camera aisle was knocked askew: it looks 2.8°" in fault.reason
    assert [each.state for each in watching.health()] == ["well"]


@pytest.mark.parametrize("seed", range(3))
def test_people_light_and_goods_are_no_knock(seed: int) -> None:
    rng = np.random.default_rng(seed)
    restocked = scene().copy()
    for _ in range(25):
        x, y = int(rng.integers(0, 600)), int(rng.integers(0, 330))
        restocked[y : y + 25, x : x + 35] = rng.integers(0, 255, 3)
    heard = list(
        Watching(STORE, WAS).readings(day((40.0, lit(STRAIGHT, seed)), (60.0, STRAIGHT), (80.0, lit(restocked, seed))))
    )
    assert told(heard) == []


def test_all_readings_go_on_in_order_and_a_fault_comes_before_its_picture() -> None:
    given = list(day((3.0, ASKEW)))
    heard = list(Watching(STORE, WAS).readings([*given, Restored(9.0, "camera back")]))
    assert isinstance(heard[0], Fault)
    assert heard[1:-1] == given
    assert [each.t_s for each in heard] == sorted(each.t_s for each in heard)


def test_a_store_does_not_go_up_by_a_camera_that_was_knocked_at_night() -> None:
    modes = Modes(required(STORE))
    modes.ask(Mode.UP)
    modes.well("camera back")

    def heed(readings: list[Reading]) -> None:
        for each in readings:
            match each:
                case Frame():
                    modes.well(f"camera {each.camera}")
                case Fault():
                    modes.failed(each.part, each.reason)
                case Restored():
                    modes.well(each.part)
                case _:
                    pass

    watching = Watching(STORE, WAS)
    heed(list(watching.readings(day((3.0, ASKEW)))))
    assert modes.mode.name == "DOWN"
    assert list(modes.in_the_way) == [view_part("aisle")]
    heed([Frame(3.0 + each.t_s, *(each.camera, each.index, each.image)) if isinstance(each, Frame) else each
          for each in watching.readings(
              Frame(10.0 + each.t_s, each.camera, each.index, each.image) for each in day((40.0, STRAIGHT))
          )])  # fmt: skip
    assert modes.mode.name == "UP"


def test_darkness_for_long_reaches_the_operator_too() -> None:
    heard = list(Watching(STORE, WAS).readings(day((30.0, STRAIGHT), (UNTOLD_S + 120.0, DARK), step_s=3.0)))
    (what, at_s), *more = told(heard)
    assert not more
    assert what == "knocked"
    assert UNTOLD_S < at_s < UNTOLD_S + 120.0
    assert "not been possible to tell" in next(each for each in heard if isinstance(each, Fault)).reason


def test_a_picture_of_another_shape_is_told_once() -> None:
    heard = list(Watching(STORE, WAS).readings(day((90.0, np.ascontiguousarray(STRAIGHT[:, :480])))))
    faults = [each for each in heard if isinstance(each, Fault)]
    assert len(faults) == 1
    assert "was calibrated with pictures of 640×360 pixels, and they are 480×360 now" in faults[0].reason


def test_kept_are_three_pictures_at_the_most_and_nothing_of_other_cameras() -> None:
    watching = Watching(STORE, WAS)
    most = 0
    for each in watching.readings(day((60.0, STRAIGHT))):
        assert isinstance(each, Frame)
        most = max(most, *(len(kept) for kept in watching._kept.values()), 0)
    list(watching.readings(Frame(100.0 + n, "back", n, STRAIGHT) for n in range(5)))
    assert most < PICTURES
    assert "back" not in watching._kept
    assert [each.camera for each in watching.health()] == ["aisle"]


def test_the_same_pictures_say_the_same() -> None:
    spans = ((40.0, STRAIGHT), (70.0, ASKEW))
    one, other = (told(list(Watching(STORE, WAS).readings(day(*spans)))) for _ in range(2))
    assert one == other != []
