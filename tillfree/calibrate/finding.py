"""The methods of `tillfree calibrate`, each from what was asked for to what was found."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.calibration.board import Board, Place, calibrate_by_board
from edge.calibration.errors import CalibrationError
from edge.calibration.lines import bend_from_lines
from edge.calibration.optics import Optics
from edge.calibration.people import calibrate_by_people
from edge.calibration.pictures.board_seen import find_board, join_still
from edge.calibration.pictures.grid import Mark
from edge.calibration.points import calibrate
from protocol.store import Camera, MarkedPoint
from tillfree.calibrate.found import Found
from tillfree.calibrate.pictures import pictures_of
from tillfree.calibrate.walkers import feet_of, places_of

Doubles = npt.NDArray[np.float64]


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
    marks = tuple(Mark(point.pixel, point.floor, index in found.left_out) for index, point in enumerate(points))
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
        marks.append(Mark((float(pixel[0]), float(pixel[1])), (float(x_y[0]), float(x_y[1]))))
    return Found(plan.id, "board", found.view, found.errors_cm, tuple(marks), tuple(notes))


def by_people(plan: Camera, other: Camera, own_boxes: Doubles, other_boxes: Doubles) -> Found:
    """From people whom both cameras saw; boxes as walkers.py has them."""
    feet, places = feet_of(own_boxes, plan.size), places_of(other_boxes, other)
    found = calibrate_by_people(feet, places, plan.size, plan.id, other=other.id, known=known_lens(plan))
    notes = (
        f"{found.pairs} moments agree; the clock of {plan.id!r} is {-found.offset_s:+.2f} s off that of {other.id!r}.",
        "The error is how far the cameras have people apart; what both have wrong in one way is not in it.",
        "Look at the grid (--picture) before you believe it: where few people walked it is a guess.",
    )
    return Found(plan.id, "people", found.view, found.errors_cm, (), notes)


def known_lens(plan: Camera) -> Optics | None:
    """The lens of the store file where it was calibrated by a pattern; what points told of it is told anew by them."""
    if plan.lens is None or plan.lens.model != "brown":
        return None
    return Optics.of(plan.lens, plan.size, plan.id)
