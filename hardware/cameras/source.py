"""A store file's live camera behind the camera port, for whoever wants its pictures alone and no second try."""

import threading
from collections.abc import Iterator
from pathlib import Path

from hardware.cameras.live_camera import Clock, LiveCamera
from hardware.errors import CameraError
from hardware.ports import Fault, Frame
from protocol.store import Camera as CameraPlan


class OneTry:
    """A live camera whose first fault ends it: to look through it before the store opens."""

    def __init__(self, camera: LiveCamera, stop: threading.Event) -> None:
        self.id = camera.id
        self._camera = camera
        self._stop = stop

    def frames(self) -> Iterator[Frame]:
        """Its pictures. Raises CameraError at the first thing that is wrong."""
        for reading in self._camera.readings():
            if isinstance(reading, Fault):
                raise CameraError(f"camera {self.id!r}: {reading.reason}")
            if isinstance(reading, Frame):
                yield reading

    def close(self) -> None:
        """Let the source go: the stream of frames ends."""
        self._stop.set()


def open_source(plan: CameraPlan, folder: Path, clock: Clock) -> OneTry:
    """The camera that `plan.source` names (see docs/cameras.md), its paths relative to `folder`.

    Raises CameraError where the source is none of a live camera.
    """
    stop = threading.Event()
    try:
        return OneTry(LiveCamera(plan, folder, clock, stop), stop)
    except CameraError as error:
        raise CameraError(f"camera {plan.id!r}: {error}") from None
