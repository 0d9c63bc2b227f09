"""People who walk calibrate a camera by another: their feet, their heights, and how far the clocks are apart."""

import numpy as np
import numpy.typing as npt
import pytest

from edge.calibration.errors import CalibrationError
from edge.calibration.people import SHOE_M, Feet, PeopleView, Places, calibrate_by_people, whole
from edge.calibration.view import View
from tests.unit.edge.calibration.hung import hung, off_cm

Doubles = npt.NDArray[np.float64]
SIZE = (640, 360)
MINE = hung(eye=(0.2, -0.5, 2.8), target=(2.5, 3.0, 0.3), size=SIZE, bend=-0.03)
THEIRS = hung(eye=(5.2, 6.0, 2.6), target=(2.5, 2.5, 0.3), size=SIZE)


def walk(t_s: Doubles, person: int) -> Doubles:
    """Where a person who strolls all over the floor is, (n, 2)."""
    way = 0.35 * t_s + 1.7 * person
    x = 2.6 + 1.7 * np.sin(way) * np.cos(0.31 * way + person)
    return np.column_stack([x, 2.8 + 1.7 * np.sin(0.73 * way + 0.5 * person)])


def boxes(view: View, t_s: Doubles, people: int, rng: np.random.Generator) -> tuple[Doubles, ...]:
    """Times, who, lower middles and heights of boxes of the people who are wholly in the picture."""
    rows = []
    for person in range(people):
        stood = walk(t_s, person)
        way = view.eye[:2] - stood
        shoes = stood + SHOE_M * way / np.linalg.norm(way, axis=1, keepdims=True)
        tall = 1.6 + 0.05 * person
        low, _ = view.pixels(np.column_stack([shoes, np.zeros(len(t_s))]))
        high, depth = view.pixels(np.column_stack([stood, np.full(len(t_s), tall)]))
        inside = (
            (depth > 0.3) & (low[:, 1] < SIZE[1] - 3) & (low[:, 0] > 9) & (low[:, 0] < SIZE[0] - 9) & (high[:, 1] > 0)
        )
        height = low[:, 1] - high[:, 1]
        seen = low + rng.normal(0.0, 0.012, (len(t_s), 2)) * height[:, None]
        rows += [(t, person, *pixel, h) for t, pixel, h, ok in zip(t_s, seen, height, inside, strict=True) if ok]
    found = np.array(sorted(rows))
    return found[:, 0], found[:, 1], found[:, 2:4], found[:, 4]


def calibrated(people: int, offset_s: float, *, wrong: float = 0.0, seconds: float = 60.0) -> PeopleView:
    """Two cameras see the same people; a share `wrong` of the feet is hidden, and the boxes end too high."""
    rng = np.random.default_rng(people)
    t_s = np.arange(0.0, seconds, 0.5)
    own_s, _, pixels, heights = boxes(MINE, t_s, people, rng)
    hidden = rng.random(len(pixels)) < wrong
    pixels[hidden, 1] -= 0.35 * heights[hidden]
    heights = np.where(hidden, 0.65 * heights, heights)
    theirs_s, who, there, tall = boxes(THEIRS, t_s, people, rng)
    good = whole(THEIRS, there, tall)
    eye = (float(THEIRS.eye[0]), float(THEIRS.eye[1]))
    places = Places(
        theirs_s[good] + offset_s, THEIRS.floor(there[good]), np.full(int(good.sum()), 0.06), who[good].astype(int), eye
    )
    return calibrate_by_people(Feet(own_s, pixels, heights), places, SIZE, "mine", other="theirs")


@pytest.mark.parametrize(("people", "offset_s", "wrong"), [(1, 0.0, 0.0), (1, -0.7, 0.1), (3, 0.45, 0.2)])
def test_walkers_give_the_camera_and_its_clock(people: int, offset_s: float, wrong: float) -> None:
    found = calibrated(people, offset_s, wrong=wrong)
    assert found.offset_s == pytest.approx(offset_s, abs=0.1)
    assert np.median(off_cm(found.view, MINE)) < 15.0
    assert 1.0 < np.median(found.errors_cm) < 25.0


def test_the_same_walk_gives_the_same_camera() -> None:
    one, other = calibrated(1, 0.2, seconds=40.0), calibrated(1, 0.2, seconds=40.0)
    assert (one.view.matrix() == other.view.matrix()).all()


def _places(t_s: Doubles, metres: Doubles) -> Places:
    return Places(t_s, metres, np.full(len(t_s), 0.06), np.zeros(len(t_s), np.int64))


def _feet(t_s: Doubles, metres: Doubles) -> Feet:
    low, _ = MINE.pixels(np.column_stack([metres, np.zeros(len(metres))]))
    high, _ = MINE.pixels(np.column_stack([metres, np.full(len(metres), 1.7)]))
    return Feet(t_s, low, low[:, 1] - high[:, 1])


T_S = np.arange(0.0, 60.0, 0.4)
NOBODY = np.zeros(0)


@pytest.mark.parametrize(
    ("feet", "places", "says"),
    [
        (Feet(NOBODY, np.zeros((0, 2)), NOBODY), _places(T_S, walk(T_S, 0)), "camera 'mine' saw nobody"),
        (_feet(T_S, walk(T_S, 0)), _places(NOBODY, np.zeros((0, 2))), "camera 'theirs' saw nobody"),
        (_feet(T_S, walk(T_S, 0)), _places(T_S + 500.0, walk(T_S, 0)), "are not the same"),
        (
            _feet(T_S, np.column_stack([1.0 + T_S / 30.0, 2.0 + T_S / 30.0])),
            _places(T_S, np.column_stack([1.0 + T_S / 30.0, 2.0 + T_S / 30.0])),
            "nearly on a line|are not the same",
        ),
        (
            _feet(T_S, walk(T_S, 0)),
            _places(T_S, np.random.default_rng(1).uniform(0.0, 1.0, (len(T_S), 2)) + walk(T_S[::-1], 4)),
            "are not the same|too few to be sure of",
        ),
    ],
    ids=["nobody here", "nobody there", "never at once", "along a line", "other people"],
)
def test_what_tells_nothing_is_refused(feet: Feet, places: Places, says: str) -> None:
    with pytest.raises(CalibrationError, match=says):
        calibrate_by_people(feet, places, SIZE, "mine", other="theirs")


def test_boxes_that_end_at_a_shelf_are_known_by_their_height() -> None:
    stood = np.array([[2.0, 2.5], [3.0, 3.5]])
    feet = _feet(np.zeros(2), stood)
    assert whole(MINE, feet.pixels, feet.heights_px).all()
    cut = feet.pixels - np.column_stack([np.zeros(2), 0.45 * feet.heights_px])
    assert not whole(MINE, cut, 0.55 * feet.heights_px).any()
