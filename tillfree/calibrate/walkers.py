"""Feet of people in the recordings of two cameras: detected and followed as the node does it, or read from a file."""

import csv
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.people import Feet, Places, whole
from edge.calibration.view import View
from edge.perception.networks import Networks
from edge.tracking.floor import Floor
from edge.tracking.tracker import Tracker
from hardware.playback import open_camera
from protocol.recording import Recording
from protocol.store import Camera as CameraPlan
from tillfree.calibrate.view_of import view_of

Doubles = npt.NDArray[np.float64]

EDGE_PX = 3.0
"""A box that ends so near to the picture's edge is cut off there, and its feet are outside."""
BOXES_MAX = 200_000


def boxes_of(recording: Recording, plan: CameraPlan, networks: Networks) -> Doubles:
    """Everybody whom the camera follows in the recording: t_s, track, left, top, right, bottom (n, 6)."""
    recorded = next((camera for camera in recording.file.cameras if camera.id == plan.id), None)
    if recorded is None:
        raise CalibrationError(f"{recording.folder}: the recording has no pictures of camera {plan.id!r}")
    assert networks.persons is not None, "a store with an area camera has a detector"
    tracker = Tracker()
    rows: list[list[float]] = []
    with closing(open_camera(recording.folder, recorded, plan, recording.file.duration_s)) as camera:
        for frame in camera.frames():
            for track in tracker.update(networks.persons.detect(frame.image), frame.t_s):
                if track.confirmed and track.seen and len(rows) < BOXES_MAX:
                    rows.append([frame.t_s, track.number, *(float(side) for side in track.box)])
    return np.array(rows, np.float64).reshape(-1, 6)


def boxes_in(path: Path, fps: float) -> Doubles:
    """The same from MOTChallenge text: frame (from 1), id, left, top, width and height."""
    rows = []
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            for line, row in enumerate(csv.reader(stream), start=1):
                try:
                    frame, number, left, top, width, height = (float(value) for value in row[:6])
                except ValueError:
                    raise CalibrationError(
                        f"{path}:{line}: a box is frame,id,left,top,width,height, in pixels"
                    ) from None
                rows.append([(frame - 1.0) / fps, number, left, top, left + width, top + height])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CalibrationError(f"{path}: {error}") from None
    found = np.array(rows, np.float64).reshape(-1, 6)
    if not np.isfinite(found).all():
        raise CalibrationError(f"{path}: holds a number that is none")
    return found


def feet_of(boxes: Doubles, size: tuple[int, int]) -> Feet:
    """Where boxes end, of those whose feet are in the picture."""
    kept = boxes[(boxes[:, 5] < size[1] - EDGE_PX) & (boxes[:, 2] > EDGE_PX) & (boxes[:, 4] < size[0] - EDGE_PX)]
    return Feet(kept[:, 0], np.column_stack([(kept[:, 2] + kept[:, 4]) / 2.0, kept[:, 5]]), kept[:, 5] - kept[:, 3])


def places_of(boxes: Doubles, plan: CameraPlan) -> Places:
    """Where the calibrated camera's people stood. CalibrationError where the camera is not calibrated."""
    if not plan.floor_points and plan.floor_view is None:
        raise CalibrationError(f"camera {plan.id!r} is not calibrated itself: begin with it, by points or a board")
    floor, view = Floor.of(plan), view_of(plan)
    feet = (boxes[:, 5] < plan.size[1] - EDGE_PX) & (boxes[:, 2] > EDGE_PX) & (boxes[:, 4] < plan.size[0] - EDGE_PX)
    kept = boxes[feet]
    if view is not None and len(kept):
        kept = kept[_whole(view, kept)]
    rows = []
    for t_s, number, *box in kept.tolist():
        under = floor.under(np.array(box, np.float32))
        if under is not None:
            rows.append([t_s, number, *under])
    told = np.array(rows, np.float64).reshape(-1, 5)
    return Places(told[:, 0], told[:, 2:4], told[:, 4], told[:, 1].astype(np.int64))


def _whole(view: View, boxes: Doubles) -> npt.NDArray[np.bool_]:
    pixels = np.column_stack([(boxes[:, 2] + boxes[:, 4]) / 2.0, boxes[:, 5]])
    return whole(view, pixels, boxes[:, 5] - boxes[:, 3])
