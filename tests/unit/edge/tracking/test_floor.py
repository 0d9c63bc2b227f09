"""From pixels to metres: exact where points are exact, and refused where they determine nothing."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.calibration.errors import CalibrationError
from edge.tracking.floor import Floor
from protocol.store import MarkedPoint

CORNERS = [((0.0, 700.0), (0.0, 0.0)), ((1200.0, 700.0), (4.0, 0.0)), ((900.0, 300.0), (4.0, 4.0)), ((300.0, 300.0), (0.0, 4.0))]  # fmt: skip  # noqa: E501 - a table reads better in one line
Pair = tuple[tuple[float, float], tuple[float, float]]


def floor_of(*pairs: Pair) -> Floor:
    return Floor("aisle", [MarkedPoint(pixel=pixel, floor=floor) for pixel, floor in pairs])


def test_the_marked_corners_are_where_they_were_marked() -> None:
    floor = floor_of(*CORNERS)
    for pixel, metres in CORNERS:
        assert floor.at(*pixel) == pytest.approx(metres, abs=1e-9)


def test_a_person_stands_under_the_middle_of_the_box() -> None:
    floor = floor_of(*CORNERS)
    under = floor.under(np.array([250, 100, 350, 300], np.float32))
    assert under is not None
    assert under[:2] == pytest.approx((0.0, 4.0), abs=1e-6)


def test_a_pixel_is_more_floor_far_away_than_near_by() -> None:
    floor = floor_of(*CORNERS)
    near, far = (floor.under(np.array(box, np.float32)) for box in ([460, 580, 520, 690], [460, 250, 520, 360]))
    assert near is not None
    assert far is not None
    assert 0.0 < near[2] < far[2]


def test_what_is_above_the_horizon_is_not_on_the_floor() -> None:
    """The sides of the area meet at (600, −100): there the floor is infinitely far away."""
    floor = floor_of(*CORNERS)
    assert floor.at(600, -90) is not None
    assert floor.at(600, -110) is None
    assert floor.under(np.array([0, -300, 50, -200], np.float32)) is None


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        pytest.param([(p, (p[0] / 100, 1.0)) for p, _ in CORNERS], "lie on a line", id="one line on the floor"),
        pytest.param([((n * 100.0, n * 50.0), f) for n, (_, f) in enumerate(CORNERS)], "lie on a line", id="in pixels"),
        pytest.param([((5.0, 5.0), floor) for _, floor in CORNERS], "are all the same point", id="one pixel"),
        pytest.param([(pixel, (1.0, 1.0)) for pixel, _ in CORNERS], "are all the same point", id="one place"),
        pytest.param(
            [*CORNERS[:3], (CORNERS[0][0], CORNERS[0][1])], "lie on a line", id="one of the four is another again"
        ),
        pytest.param(
            [
                ((0.0, 0.0), (0.0, 0.0)),
                ((50.0, 0.0), (1.0, 1.0)),
                ((100.0, 0.0), (2.0, 0.0)),
                ((50.0, 90.0), (1.0, 3.0)),
            ],
            "lie on a line",
            id="three in line in the picture, not on the floor",
        ),
        pytest.param(
            [CORNERS[0], CORNERS[1], (CORNERS[2][0], CORNERS[3][1]), (CORNERS[3][0], CORNERS[2][1])],
            "contradict each other; are two exchanged",
            id="two exchanged",
        ),
        pytest.param([*CORNERS, ((600.0, 500.0), (0.0, 1.3))], "contradict each other; by the others", id="one wrong"),
    ],
)
def test_points_that_determine_no_floor_are_refused(pairs: list[Pair], says: str) -> None:
    with pytest.raises(CalibrationError, match=says) as caught:
        floor_of(*pairs)
    assert "camera 'aisle'" in str(caught.value)


@given(
    st.tuples(*[st.floats(-0.3, 0.3)] * 4, *[st.floats(-0.0008, 0.0008)] * 2),
    st.lists(st.tuples(st.integers(0, 640), st.integers(0, 480)), min_size=5, max_size=9, unique=True),
    st.tuples(st.integers(0, 640), st.integers(0, 480)),
)
def test_any_view_of_a_floor_is_found_again(
    bend: tuple[float, ...], pixels: list[tuple[int, int]], other: tuple[int, int]
) -> None:
    a, b, c, d, g, h = bend
    matrix = np.array([[(1 + a) / 100, b / 100, 1], [c / 100, -(1 + d) / 100, 5], [g, h, 1.0]])
    corners = [(0, 0), (640, 0), (640, 480), (0, 480)]

    def seen(pixel: tuple[int, int]) -> tuple[float, float]:
        x, y, w = matrix @ (*pixel, 1.0)
        assume(w > 0.2)
        return (float(x / w), float(y / w))

    floor = floor_of(*(((float(u), float(v)), seen((u, v))) for u, v in [*corners, *pixels]))
    assert floor.at(*other) == pytest.approx(seen(other), abs=1e-5)
