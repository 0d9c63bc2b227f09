"""Where two cameras saw people walk: a recording, or boxes in files."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.walkers.calibrating import Sight
from edge.calibration.walkers.seen import Boxes
from edge.perception.networks import Networks
from hardware.playback import open_camera
from hardware.ports import Image
from protocol.recording import read_recording
from protocol.store import Camera
from tillfree.calibrate.finding import known_lens
from tillfree.calibrate.pictures import PICTURES_MAX
from tillfree.calibrate.walkers import boxes_in, boxes_of

Doubles = npt.NDArray[np.float64]


def sights(
    plans: tuple[Camera, Camera], recording: Path | None, detections: Sequence[str], fps: float
) -> tuple[Sight, Sight]:
    """What each of two cameras saw. CalibrationError where it is not said, for one of them or at all."""
    one, other = plans
    files = dict(each.partition("=")[::2] for each in detections)
    if {one.id, other.id} <= files.keys():
        first, second = (boxes_in(Path(files[plan.id]), fps) for plan in plans)
    elif recording is None:
        raise CalibrationError(
            f"say where {one.id!r} and {other.id!r} saw people: --recording DIR, or --detections {one.id}=FILE "
            f"--detections {other.id}=FILE"
        )
    else:
        played = read_recording(recording)
        networks = Networks.of(played.store)
        first, second = (boxes_of(played, plan, networks) for plan in plans)
    return _sight(one, first), _sight(other, second)


def one_look(recording: Path | None, plan: Camera) -> list[Image]:
    """Some of the recording's pictures of the camera, spread over it; none without a recording of it."""
    if recording is None:
        return []
    played = read_recording(recording)
    recorded = next((camera for camera in played.file.cameras if camera.id == plan.id), None)
    if recorded is None:
        return []
    every_s = played.file.duration_s / PICTURES_MAX
    images: list[Image] = []
    with closing(open_camera(played.folder, recorded, plan, played.file.duration_s)) as camera:
        due_s = 0.0
        for frame in camera.frames():
            if frame.t_s >= due_s and len(images) < PICTURES_MAX:
                images.append(frame.image)
                due_s = frame.t_s + every_s
    return images


def _sight(plan: Camera, boxes: Doubles) -> Sight:
    return Sight(plan.id, plan.size, Boxes.of(boxes), known_lens(plan))
