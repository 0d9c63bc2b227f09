"""Pictures of a camera to calibrate with: a picture, a video, a folder of pictures, or what it sees now."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

import numpy as np

from edge.calibration.errors import CalibrationError
from hardware.cameras.image_folder import SUFFIXES, ImageFolder, read_image
from hardware.cameras.source import open_source
from hardware.cameras.timing import Timing
from hardware.cameras.video_file import VideoFile
from hardware.errors import CameraError
from hardware.ports import Camera, Frame, Image
from protocol.store import Camera as CameraPlan

LIVE = "live"
PICTURES_MAX = 31
"""As many as a median needs; a video is thinned out to about so many."""
LIVE_EVERY_S = 0.25


def pictures_of(source: str, plan: CameraPlan, folder: Path) -> list[Image]:
    """Up to `PICTURES_MAX` pictures of `source`: a file, a folder, or `live` for the store file's own source.

    Raises CameraError where there is none, CalibrationError where they are not of the camera's size.
    """
    images = [frame.image for frame in islice(_frames(source, plan, folder), PICTURES_MAX)]
    if not images:
        raise CameraError(f"camera {plan.id!r}: {source}: no picture came")
    for image in images:
        refuse_size(image, plan, source)
    return images


def refuse_size(image: Image, plan: CameraPlan, source: str) -> None:
    """Raise CalibrationError where a picture has another size than the store file says."""
    height, width = image.shape[:2]
    if (width, height) != plan.size:
        raise CalibrationError(
            f"camera {plan.id!r}: {source} is {width}×{height} pixels, and the store file says {plan.size[0]}×"
            f"{plan.size[1]}: everything is measured in these pixels. Set the camera to that size, or `size` to "
            "this one and calibrate anew"
        )


def still(images: list[Image]) -> Image:
    """What stays when people walk through: the median of the pictures."""
    if len(images) == 1:
        return images[0]
    return np.asarray(np.median(np.stack(images), axis=0), np.uint8)


def _frames(source: str, plan: CameraPlan, folder: Path) -> Iterator[Frame]:
    if source == LIVE:
        yield from _live(plan, folder)
        return
    path = Path(source)
    if path.is_file() and path.suffix.lower() in SUFFIXES:
        yield Frame(0.0, plan.id, 0, read_image(path))
        return
    camera: Camera
    if path.is_dir():
        camera = ImageFolder(plan.id, path, Timing(fps=1.0))
    else:
        camera = VideoFile(plan.id, path, Timing(fps_max=_rate(path, plan.id)))
    yield from camera.frames()


def _rate(path: Path, camera: str) -> float:
    """Pictures a second that spread `PICTURES_MAX` over the whole video."""
    last_s = 0.0
    # What breaks here breaks again, and is told, where the pictures are read.
    with suppress(CameraError):
        for frame in VideoFile(camera, path, Timing(fps_max=2.0)).frames():
            last_s = frame.t_s
    return min(240.0, PICTURES_MAX / max(last_s, 1e-3))


def _live(plan: CameraPlan, folder: Path) -> Iterator[Frame]:
    due_s = 0.0
    with closing(open_source(plan, folder, time.monotonic)) as camera:
        for frame in camera.frames():
            if frame.t_s >= due_s:
                due_s = frame.t_s + LIVE_EVERY_S
                yield frame
