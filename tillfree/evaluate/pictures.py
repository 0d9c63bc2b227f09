"""A recording's pictures, looked up: how many there are, and those of some moments."""

from collections.abc import Iterable, Mapping
from contextlib import closing

import av

from hardware.cameras.image_folder import SUFFIXES
from hardware.errors import CameraError
from hardware.playback import open_camera
from hardware.ports import Image
from protocol.recording import RecordedCamera, Recording


def picture_counts(recording: Recording, cameras: Iterable[str]) -> dict[str, int]:
    """How many pictures each of `cameras` has in its file or folder. CameraError where that cannot be told."""
    return {camera.id: _count(recording, camera) for camera in recording.file.cameras if camera.id in set(cameras)}


def pictures_at(recording: Recording, wanted: Mapping[str, Iterable[float]]) -> dict[tuple[str, float], Image]:
    """By camera and moment: the first picture at the moment or after it, else the camera's last one.

    Each camera is decoded once; one that breaks off gives what it has.
    """
    found: dict[tuple[str, float], Image] = {}
    for recorded in recording.file.cameras:
        moments = sorted(set(wanted.get(recorded.id, ())), reverse=True)
        plan = recording.store.camera(recorded.id)
        if not moments or plan is None:
            continue
        last: Image | None = None
        try:
            for frame in open_camera(recording.folder, recorded, plan, recording.file.duration_s).frames():
                last = frame.image
                while moments and moments[-1] <= frame.t_s:
                    found[recorded.id, moments.pop()] = last
                if not moments:
                    break
        except CameraError:
            # The report says it already: the replay met the same break.
            pass
        if last is not None:
            found.update({(recorded.id, t_s): last for t_s in moments})
    return found


def _count(recording: Recording, camera: RecordedCamera) -> int:
    path = recording.folder / camera.file
    if path.is_dir():
        return sum(entry.suffix.lower() in SUFFIXES for entry in path.iterdir())
    try:
        with closing(av.open(str(path))) as container:
            # A packet is a picture; reading packets decodes nothing.
            return sum(packet.size > 0 for packet in container.demux(video=0))
    except (av.FFmpegError, OSError) as error:
        raise CameraError(f"camera {camera.id!r}: {path}: not a whole video ({error.strerror})") from None
