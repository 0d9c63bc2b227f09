"""People in the recordings of two cameras: detected and followed as the node does it, or read from a file."""

import csv
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.perception.certainty import certain
from edge.perception.networks import Networks
from edge.tracking.tracker import Tracker
from hardware.playback import open_camera
from protocol.recording import Recording
from protocol.store import Camera as CameraPlan

Doubles = npt.NDArray[np.float64]

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
            for track in tracker.update(certain(networks.persons.detect(frame.image)), frame.t_s):
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
