"""The methods of `tillfree calibrate`, each from what was asked for to what was found."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.calibration.board import Board, Place, calibrate_by_board
from edge.calibration.errors import CalibrationError
from edge.calibration.lines import bend_from_lines
from edge.calibration.optics import Optics
from edge.calibration.pictures.board_seen import find_board, join_still
from edge.calibration.pictures.grid import Mark as GridMark
from edge.calibration.points import calibrate
from edge.calibration.view import View
from edge.calibration.walkers.anchor import Anchored, Mark, anchored
from edge.calibration.walkers.calibrating import PeopleView, Sight, calibrate_by_people
from protocol.store import Camera, MarkedPoint
from tillfree.calibrate.found import Found
from tillfree.calibrate.pictures import pictures_of
from tillfree.calibrate.view_of import view_of

Doubles = npt.NDArray[np.float64]

STOOD_MAX = 120
"""Places where people stood that are drawn."""


def by_points(plan: Camera, points: Sequence[MarkedPoint], lines: Sequence[Doubles]) -> Found:
    """From marked points, and from straight edges where some were marked."""
    pixels = np.array([point.pixel for point in points], np.float64).reshape(-1, 2)
    metres = np.array([point.floor for point in points], np.float64).reshape(-1, 2)
    notes = []
    bend = None
    known = known_lens(plan)
    if lines and known is None:
        bend, sigma = bend_from_lines(lines, plan.size, plan.id)
        notes.append(f"The lens bends by λ = {bend:.3f} ± {sigma:.3f}, from {len(lines)} straight edges.")
    found = calibrate(pixels, metres, plan.size, plan.id, known=known, bend=bend)
    for index in found.left_out:
        off_cm = 100.0 * float(np.hypot(*(found.view.floor(pixels[index : index + 1]) - metres[index])[0]))
        notes.append(f"Point {index + 1} is left out: the others have it {off_cm:.0f} cm from where it was measured.")
    if len(pixels) - len(found.left_out) == 4:
        notes.append("Four points foretell nothing, so the error is not known: mark eight, all over the floor.")
    marks = tuple(GridMark(point.pixel, point.floor, index in found.left_out) for index, point in enumerate(points))
    return Found(plan.id, "points", found.view, found.errors_cm, marks, tuple(notes), found.left_out)


def by_board(plan: Camera, sources: Sequence[str], places: Sequence[Place], board: Board, folder: Path) -> Found:
    """From a board on the floor at known places; a source (picture, video, `live`) for each."""
    if len(sources) != len(places):
        raise CalibrationError(
            f"{len(sources)} times --seen and {len(places)} times --at: say for each picture where the board lay in it"
        )
    seen = []
    for source in sources:
        images = pictures_of(source, plan, folder)
        sightings, refusals = [], []
        for image in images:
            try:
                sightings.append(find_board(image, board, source, plan.id))
            except CalibrationError as error:
                refusals.append(error)
        # A board that is hidden now and then is no worse than one in a single picture.
        if not sightings:
            raise refusals[0]
        seen.append(join_still(sightings, plan.id))
    found = calibrate_by_board(seen, places, plan.size, plan.id, known_lens(plan))
    notes = []
    if len(seen) == 1:
        notes.append("One placement foretells nothing, so the error is not known: lay the board at three places.")
    for one, was, now in zip(seen, places, found.places, strict=True):
        moved_cm = 100.0 * float(np.hypot(now.x_m - was.x_m, now.y_m - was.y_m))
        notes.append(f"{one.name}: {len(one.pixels)} corners; it lay {moved_cm:.1f} cm beside where --at has it.")
    marks = []
    for one in seen:
        origin = int(np.hypot(*one.on_board.T).argmin())
        pixel, x_y = one.pixels[origin], found.view.floor(one.pixels[origin : origin + 1])[0]
        marks.append(GridMark((float(pixel[0]), float(pixel[1])), (float(x_y[0]), float(x_y[1]))))
    return Found(plan.id, "board", found.view, found.errors_cm, tuple(marks), tuple(notes))


def by_people(mine: Sight, theirs: Sight, other: Camera, tall_m: float) -> Found:
    """From people whom a calibrated camera saw too. CalibrationError where the other one is not calibrated."""
    view = view_of(other)
    if view is None and other.floor_points:
        view = by_points(other, other.floor_points, ()).view
    if view is None:
        raise CalibrationError(
            f"camera {other.id!r} is not calibrated itself: begin with it, by points or a board; or run `tillfree "
            "calibrate together`, which asks for less"
        )
    found = calibrate_by_people(mine, theirs, view, tall_m=tall_m)
    notes = (_agreed(found, mine, theirs), GUESS)
    return Found(mine.camera, "people", found.view, found.errors_cm, _stood(found, found.view), notes)


def by_each_other(
    mine: Sight, theirs: Sight, marks: Sequence[Mark], up_m: float | None, tall_m: float
) -> tuple[Found, Found]:
    """Both cameras from nothing but people, laid on the plan by marks where there are any; this one and the other."""
    laid: list[Anchored] = []

    def lay(views: tuple[View, View]) -> tuple[View, View]:
        laid.append(anchored(views, marks, up_m))
        return laid[-1].views

    found = calibrate_by_people(mine, theirs, None, tall_m=tall_m, lay=lay)
    # The first are the cameras themselves; others were laid to see how far off they may be.
    first = laid[0]
    notes = [_agreed(found, mine, theirs)]
    if not marks:
        notes.append(
            f"No marks: the floor begins beneath {theirs.camera!r}, and y runs along its look. "
            "Two marks (--mark) lay it on the plan."
        )
    if not marks and up_m is None:
        notes.append(
            f"A metre is as long as people are tall ({tall_m:.2f} m); measure a height and say it "
            "(--hangs, --tall) to know it better."
        )
    if len(marks) > 1:
        notes.append(
            f"The marks are {100.0 * float(first.off_m.max()):.0f} cm off at the most; by them people are "
            f"{found.tall_m * first.stretch:.2f} m tall."
        )
    notes.append(GUESS)
    return (
        Found(mine.camera, "people", found.view, found.errors_cm, _marked(marks, 1), tuple(notes)),
        Found(theirs.camera, "people", found.other, found.other_errors_cm, _marked(marks, 0), tuple(notes)),
    )


GUESS = "Look at the grid (--picture) before you believe it: where few people walked it is a guess."


def _agreed(found: PeopleView, mine: Sight, theirs: Sight) -> str:
    return (
        f"{found.pairs} moments agree; the clock of {mine.camera!r} is {-found.offset_s:+.2f} s off that of "
        f"{theirs.camera!r}."
    )


def _stood(found: PeopleView, view: View) -> tuple[GridMark, ...]:
    """Some of the places where people stood, to be drawn into the grid."""
    rows = np.linspace(0, len(found.stood) - 1, min(len(found.stood), STOOD_MAX)).astype(int)
    places = found.stood[rows]
    pixels, depth = view.pixels(np.column_stack([places, np.zeros(len(places))]))
    inside = (depth > 0.0) & (pixels >= 0.0).all(axis=1) & (pixels <= np.array(view.size)).all(axis=1)
    return tuple(
        GridMark((float(u), float(v)), (float(x), float(y)))
        for (u, v), (x, y) in zip(pixels[inside].tolist(), places[inside].tolist(), strict=True)
    )


def _marked(marks: Sequence[Mark], camera: int) -> tuple[GridMark, ...]:
    return tuple(GridMark(mark.pixel, mark.floor) for mark in marks if mark.camera == camera)


def known_lens(plan: Camera) -> Optics | None:
    """The lens of the store file where it was calibrated by a pattern; what points told of it is told anew by them."""
    if plan.lens is None or plan.lens.model != "brown":
        return None
    return Optics.of(plan.lens, plan.size, plan.id)
