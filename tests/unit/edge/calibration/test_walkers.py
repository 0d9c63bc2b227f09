"""People who walk calibrate a camera by another, or two by each other: feet, heads, strides, clocks, and refusals."""

import numpy as np
import numpy.typing as npt
import pytest

from edge.calibration.errors import CalibrationError
from edge.calibration.view import View
from edge.calibration.walkers.anchor import Mark, anchored
from edge.calibration.walkers.at_once import at_once
from edge.calibration.walkers.body import away, shown
from edge.calibration.walkers.calibrating import PeopleView, Sight, calibrate_by_people
from edge.calibration.walkers.heights import heights
from edge.calibration.walkers.placing import by_feet, by_heads, placed_together
from edge.calibration.walkers.seen import Boxes, measured
from edge.calibration.walkers.strides import PACE_MAX_M_S, PER_M_S, STANDING_M, strode
from tests.unit.edge.calibration.hung import floor_seen, hung, off_cm

Doubles = npt.NDArray[np.float64]
SIZE = (640, 360)
MINE = hung(eye=(0.2, -0.5, 2.8), target=(2.5, 3.0, 0.3), size=SIZE, bend=-0.03)
THEIRS = hung(eye=(5.2, 6.0, 2.6), target=(2.5, 2.5, 0.3), size=SIZE)


def walk(t_s: Doubles, person: int) -> Doubles:
    """Where a person who strolls all over the floor is, (n, 2)."""
    way = 0.35 * t_s + 1.7 * person
    x = 2.6 + 1.7 * np.sin(way) * np.cos(0.31 * way + person)
    return np.column_stack([x, 2.8 + 1.7 * np.sin(0.73 * way + 0.5 * person)])


def boxes(view: View, t_s: Doubles, people: int, rng: np.random.Generator, *, hidden: float = 0.0) -> Boxes:
    """Boxes of the people, as a network would draw them; of a share `hidden` the legs are behind a shelf."""
    rows = []
    for person in range(people):
        stood = walk(t_s, person)
        pace = (walk(t_s + 0.1, person) - walk(t_s - 0.1, person)) / 0.2
        way = (view.eye[:2] - stood) / np.linalg.norm(view.eye[:2] - stood, axis=1, keepdims=True)
        shoe_m = STANDING_M + PER_M_S * np.minimum(np.abs((pace * way).sum(axis=1)), PACE_MAX_M_S)
        edges, depth = shown(view, stood, np.full(len(t_s), 1.6 + 0.07 * person), shoe_m)
        high = edges[:, 1] - edges[:, 2]
        edges = edges + rng.normal(0.0, 1.0, (len(t_s), 3)) * (0.03, 0.03, 0.02) * high[:, None]
        edges[:, 1] -= (rng.random(len(t_s)) < hidden) * 0.35 * high
        left, right = edges[:, 0] - 0.15 * high, edges[:, 0] + 0.15 * high
        clipped = np.column_stack(
            [left.clip(0), edges[:, 2].clip(0), right.clip(None, SIZE[0]), edges[:, 1].clip(None, SIZE[1])]
        )
        seen = (depth > 0.3) & (clipped[:, 2] - clipped[:, 0] > 8) & (clipped[:, 3] - clipped[:, 1] > 0.5 * high)
        rows += [(t, person, *box) for t, box, ok in zip(t_s, clipped.tolist(), seen, strict=True) if ok]
    return Boxes.of(np.array(rows).reshape(-1, 6))


def sights(people: int, offset_s: float, *, hidden: float = 0.0, seconds: float = 60.0) -> tuple[Sight, Sight]:
    """What the two cameras saw of the same people; their clocks are `offset_s` apart and their pictures not at once."""
    rng = np.random.default_rng(people)
    t_s = np.arange(0.0, seconds, 0.4)
    mine, theirs = boxes(MINE, t_s, people, rng, hidden=hidden), boxes(THEIRS, t_s + 0.17, people, rng, hidden=hidden)
    return (
        Sight("mine", SIZE, mine),
        Sight("theirs", SIZE, Boxes(theirs.t_s + offset_s, theirs.tracks + 40, theirs.sides)),
    )


def marked(places: Doubles, pixels: Doubles) -> list[Mark]:
    """Marks that the other camera sees."""
    ends = zip(pixels.tolist(), places.tolist(), strict=True)
    return [Mark(0, (u, v), (x, y)) for (u, v), (x, y) in ends]


def boxed(t_s: Doubles, edges: Doubles) -> Boxes:
    """Boxes of one person with these middles, lower and upper edges (n, 3)."""
    middle, lower, upper = edges.T
    return Boxes.of(np.column_stack([t_s, np.ones(len(t_s)), middle - 20.0, upper, middle + 20.0, lower]))


def calibrated(people: int, offset_s: float, *, hidden: float = 0.0, seconds: float = 60.0) -> PeopleView:
    return calibrate_by_people(*sights(people, offset_s, hidden=hidden, seconds=seconds), THEIRS)


@pytest.mark.parametrize(("people", "offset_s", "hidden"), [(1, 0.0, 0.0), (1, -0.7, 0.25), (3, 0.45, 0.15)])
def test_walkers_give_the_camera_and_its_clock(people: int, offset_s: float, hidden: float) -> None:
    found = calibrated(people, offset_s, hidden=hidden)
    assert found.offset_s == pytest.approx(offset_s, abs=0.1)
    assert np.median(off_cm(found.view, MINE)) < 18.0
    assert 1.0 < np.median(found.errors_cm) < 40.0


def test_the_same_walk_gives_the_same_camera() -> None:
    one, other = calibrated(1, 0.2, seconds=24.0), calibrated(1, 0.2, seconds=24.0)
    assert (one.view.matrix() == other.view.matrix()).all()


def test_two_cameras_of_which_neither_is_known_are_laid_on_the_plan_by_two_marks() -> None:
    places, pixels = floor_seen(THEIRS)
    far = [int(places[:, 0].argmin()), int(places[:, 0].argmax())]
    marks = marked(places[far], pixels[far])
    found = calibrate_by_people(*sights(2, 0.3, seconds=36.0), None, lay=lambda views: anchored(views, marks).views)
    assert np.median(off_cm(found.view, MINE)) < 30.0
    assert np.median(off_cm(found.other, THEIRS)) < 30.0
    assert len(found.other_errors_cm)


def test_hidden_feet_are_found_by_the_head() -> None:
    stood, tall = walk(np.arange(0.0, 20.0, 0.5), 0), np.full(40, 1.7)
    edges, _ = shown(MINE, stood, tall, np.full(40, 0.12))
    high = edges[:, 1] - edges[:, 2]
    seen = measured(boxed(np.arange(40.0), edges - np.outer(0.4 * high, (0.0, 1.0, 0.0))), SIZE)
    assert np.median(np.hypot(*(by_feet(MINE, seen, tall) - stood).T)) > 0.8
    assert np.median(np.hypot(*(by_heads(MINE, seen, tall) - stood).T)) < 0.1
    # One camera cannot know which of the two is right; another one that sees the same person does.
    theirs, _ = shown(THEIRS, stood, tall, np.full(40, 0.12))
    other = measured(boxed(np.arange(40.0), theirs), SIZE)
    assert np.median(np.hypot(*(placed_together((MINE, THEIRS), (seen, other), tall)[0] - stood).T)) < 0.1


def test_a_side_on_the_pictures_edge_is_not_measured() -> None:
    rows = np.array([[0.0, 1, 0.0, 50.0, 60.0, 200.0], [1.0, 1, 300.0, 200.0, 360.0, 360.0], [2.0, 1, 300, 0, 360, 90]])
    seen = measured(Boxes.of(rows), SIZE)
    assert (seen.sigma_px > 1e4).tolist() == [[True, False, False], [False, True, False], [False, False, True]]


def test_heights_are_told_by_track() -> None:
    rng = np.random.default_rng(3)
    walked = boxes(THEIRS, np.arange(0.0, 30.0, 0.4), 3, rng)
    tall_m = heights(THEIRS, walked, strode(THEIRS, walked, measured(walked, SIZE), 1.69), 1.5, 1.69)
    for person in range(3):
        assert tall_m[walked.tracks == person] == pytest.approx(1.6 + 0.07 * person, abs=0.04)


def test_who_comes_and_goes_has_a_shoe_farther_before_them() -> None:
    t_s = np.arange(0.0, 8.0, 0.4)
    coming = away(np.tile(MINE.eye[:2] + np.array([2.0, 2.5]), (len(t_s), 1)), MINE.eye[:2], 0.4 * t_s)
    crossing = np.column_stack([2.0 + 0.25 * t_s, 3.2 - 0.16 * t_s])
    shoes = []
    for stood in (coming, crossing):
        edges, _ = shown(MINE, stood, np.full(len(t_s), 1.7), np.full(len(t_s), 0.12))
        walked = boxed(t_s, edges)
        shoes.append(float(np.median(strode(MINE, walked, measured(walked, SIZE), 1.7).shoe_m)))
    assert shoes[0] == pytest.approx(STANDING_M + 0.4 * PER_M_S, abs=0.02)
    assert shoes[1] < shoes[0] - 0.03


def test_moments_lie_between_boxes_of_one_track_and_across_no_gap() -> None:
    theirs = Boxes(np.array([0.0, 0.5, 3.0]), np.array([7, 7, 7]), np.tile([0.0, 0.0, 10.0, 40.0], (3, 1)))
    mine = Boxes(np.array([0.1, 1.5]), np.array([1, 1]), np.tile([0.0, 0.0, 10.0, 40.0], (2, 1)))
    pairs = at_once(mine, theirs, 0.1)
    assert (pairs.mine.tolist(), pairs.before.tolist(), pairs.after.tolist()) == ([0], [0], [1])
    assert pairs.share == pytest.approx([0.4])


NOBODY = Boxes.of(np.zeros((0, 6)))
T_S = np.arange(0.0, 60.0, 0.4)


def _straight(view: View) -> Boxes:
    stood = np.column_stack([1.0 + T_S / 30.0, 2.0 + T_S / 30.0])
    edges, _ = shown(view, stood, np.full(len(T_S), 1.7), np.full(len(T_S), 0.1))
    return boxed(T_S, edges)


@pytest.mark.parametrize(
    ("mine", "theirs", "says"),
    [
        (NOBODY, boxes(THEIRS, T_S, 1, np.random.default_rng(1)), "camera 'mine' saw nobody"),
        (boxes(MINE, T_S, 1, np.random.default_rng(1)), NOBODY, "camera 'theirs' saw nobody"),
        (
            boxes(MINE, T_S, 1, np.random.default_rng(1)),
            boxes(THEIRS, T_S + 500.0, 1, np.random.default_rng(1)),
            "are not the same",
        ),
        (_straight(MINE), _straight(THEIRS), "nearly on a line|are not the same|tell too little"),
        (
            boxes(MINE, T_S, 1, np.random.default_rng(1)),
            boxed(T_S, np.random.default_rng(2).uniform((100, 180, 60), (500, 300, 150), (len(T_S), 3))),
            "are not the same|too few to be sure of|tell too little",
        ),
    ],
    ids=["nobody here", "nobody there", "never at once", "along a line", "no people at all"],
)  # fmt: skip
def test_what_tells_nothing_is_refused(mine: Boxes, theirs: Boxes, says: str) -> None:
    with pytest.raises(CalibrationError, match=says):
        calibrate_by_people(Sight("mine", SIZE, mine), Sight("theirs", SIZE, theirs), THEIRS)


def test_boxes_that_are_none_are_left_out() -> None:
    rows = np.array(
        [[0, 1, 10, 10, 40, 90], [1, 1, np.nan, 10, 40, 90], [2, 1, 40, 10, 10, 90], [3, 1, 10, 90, 40, 10]]
    )
    assert len(Boxes.of(rows)) == 1


@pytest.mark.parametrize(
    ("marks", "up_m", "says"),
    [
        ([Mark(0, (300.0, 250.0), (1.0, 1.0))], None, "one mark does not tell"),
        ([Mark(0, (300.0, 250.0), (1.0, 1.0)), Mark(0, (300.0, 250.0), (1.0, 1.0))], None, "lie at one place"),
        ([Mark(0, (300.0, 1.0), (1.0, 1.0)), Mark(0, (300.0, 250.0), (3.0, 1.0))], None, "above the horizon"),
        (
            [Mark(0, (100.0, 250.0), (1.0, 1.0)), Mark(0, (500.0, 250.0), (90.0, 1.0))],
            None,
            "by the marks people would",
        ),
        ([], 9.0, "by the height people would"),
    ],
)
def test_marks_that_cannot_be_are_refused(marks: list[Mark], up_m: float | None, says: str) -> None:
    level = hung(eye=(5.2, 6.0, 2.6), target=(2.5, 2.5, 1.9), size=SIZE)
    with pytest.raises(CalibrationError, match=says):
        anchored((level, MINE), marks, up_m)


def test_a_mark_that_the_others_contradict_is_named() -> None:
    places, pixels = floor_seen(THEIRS)
    chosen = np.linspace(0, len(places) - 1, 4).astype(int)
    marks = marked(places[chosen], pixels[chosen])
    assert anchored((THEIRS, MINE), marks).stretch == pytest.approx(1.0, abs=1e-6)
    wrong = [*marks[:3], Mark(0, marks[3].pixel, (marks[3].floor[0] + 2.0, marks[3].floor[1]))]
    with pytest.raises(CalibrationError, match=r"mark \d of 4 is [\d.]+ m from where the others"):
        anchored((THEIRS, MINE), wrong)
