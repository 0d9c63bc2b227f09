"""A recording as devices: everything that its cameras, plates and gate say, in the order of time.

A device that breaks becomes one `Fault` in the stream, at the moment it broke; the others go on.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hardware.cameras.image_folder import ImageFolder
from hardware.cameras.timing import Timing, read_times
from hardware.cameras.video_file import VideoFile
from hardware.errors import CameraError, DeviceError
from hardware.gates.recorded import RecordedGate
from hardware.looks import LookFile
from hardware.observations import ObservationFile
from hardware.ports import Camera, Fault, Look, Observation, Pass, Reading
from hardware.scales.file import ScaleFile
from protocol.recording import RecordedCamera, Recording
from protocol.store import Camera as CameraPlan

ENDS_EARLY_S = 1.0
"""A camera whose last picture is this much before the recording's end has lost something."""


def open_camera(folder: Path, recorded: RecordedCamera, plan: CameraPlan, until_s: float) -> Camera:
    """The camera that `recorded` describes, its path relative to `folder`. CameraError where it cannot be opened."""
    path = folder / recorded.file
    timing = Timing(fps=recorded.fps, fps_max=plan.fps_max, until_s=until_s)
    files = None
    if recorded.times is not None:
        times, files = read_times(folder / recorded.times)
        timing = replace(timing, times_s=times)
    if path.is_dir():
        return ImageFolder(recorded.id, path, timing, files)
    return VideoFile(recorded.id, path, timing)


def readings(recording: Recording) -> Iterator[Reading]:
    """Every reading of the recording's devices up to its duration, by time; of one moment, gate before pictures."""
    until_s = recording.file.duration_s
    gate = RecordedGate([Pass(line.t_s, line.lane, line.event, line.token, line.party) for line in recording.gate])
    streams: list[Iterator[Reading]] = [(seen for seen in gate.passes() if seen.t_s <= until_s)]
    scales = recording.folder / "scales.csv"
    if scales.exists():
        streams.append(_guarded_scale(ScaleFile(scales), until_s))
    observations = recording.folder / "observations.jsonl"
    if observations.exists():
        streams.append(_guarded_observations(ObservationFile(observations, recording.store), until_s))
    looks = recording.folder / "looks.jsonl"
    if looks.exists():
        streams.append(_guarded_looks(LookFile(looks, recording.store), until_s))
    for recorded in recording.file.cameras:
        plan = recording.store.camera(recorded.id)
        assert plan is not None, "read_recording refuses a camera that the store does not know"
        streams.append(_guarded_camera(recording.folder, recorded, plan, until_s))
    return heapq.merge(*streams, key=lambda reading: reading.t_s)


def _guarded_camera(folder: Path, recorded: RecordedCamera, plan: CameraPlan, until_s: float) -> Iterator[Reading]:
    t_s = 0.0
    try:
        camera = open_camera(folder, recorded, plan, until_s)
        for frame in camera.frames():
            t_s = frame.t_s
            height, width = frame.image.shape[:2]
            if (width, height) != plan.size:
                raise CameraError(
                    f"camera {plan.id!r}: a picture of {width}×{height}, but the store file says "
                    f"{plan.size[0]}×{plan.size[1]}, and its views and points are in those pixels. "
                    "Correct `size` and what was drawn in it, or the camera's settings"
                )
            yield frame
    except DeviceError as error:
        yield Fault(t_s, f"camera {recorded.id}", str(error))
        return
    if until_s - t_s > ENDS_EARLY_S:
        reason = f"its pictures end at {t_s:.1f} s, the recording at {until_s:.1f} s; is the file whole?"
        yield Fault(t_s, f"camera {recorded.id}", reason)


def _guarded_scale(scale: ScaleFile, until_s: float) -> Iterator[Reading]:
    t_s = 0.0
    try:
        for weight in scale.weights():
            if weight.t_s > until_s:
                return
            t_s = weight.t_s
            yield weight
    except DeviceError as error:
        yield Fault(t_s, "scales", str(error))


def _guarded_observations(file: ObservationFile, until_s: float) -> Iterator[Reading]:
    reason = f"{file.path}: the store file has no such camera: what it saw of people is left out"
    return _guarded_lines(file.observations(), file.strangers, ("observations", "camera"), reason, until_s)


def _guarded_looks(file: LookFile, until_s: float) -> Iterator[Reading]:
    reason = f"{file.path}: the store file gives no such camera such slots, or they are free: its looks are left out"
    return _guarded_lines(file.looks(), file.strangers, ("looks", "looks of"), reason, until_s)


def _guarded_lines(
    lines: Iterator[Observation] | Iterator[Look],
    strangers: set[str],
    parts: tuple[str, str],
    reason: str,
    until_s: float,
) -> Iterator[Reading]:
    """The lines up to `until_s`. `parts`: of what a fault in the file is one, and one for a camera that is left out."""
    t_s, told = 0.0, set[str]()
    part, of_camera = parts
    try:
        for line in lines:
            if line.t_s > until_s:
                break
            t_s = line.t_s
            yield from _strangers(strangers - told, told, t_s, (of_camera, reason))
            yield line
        yield from _strangers(strangers - told, told, t_s, (of_camera, reason))
    except DeviceError as error:
        yield Fault(t_s, part, str(error))


def _strangers(strangers: set[str], told: set[str], t_s: float, fault: tuple[str, str]) -> Iterator[Fault]:
    """Say once of each camera whose lines are left out that they are."""
    part, reason = fault
    for stranger in sorted(strangers):
        told.add(stranger)
        yield Fault(t_s, f"{part} {stranger}", reason)
