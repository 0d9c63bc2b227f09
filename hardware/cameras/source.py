"""A store file's live camera behind the camera port, for whoever wants its pictures alone and no second try."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hardware.cameras.live_camera import Clock, LiveCamera
from hardware.errors import CameraError
from hardware.ports import Fault, Frame
from protocol.store import Camera as CameraPlan


class OneTry:
    """A live camera whose first fault ends it, and whose pictures may have any size: for a look before trading."""

    def __init__(self, plan: CameraPlan, folder: Path, clock: Clock) -> None:
        self.id = plan.id
        self._folder = folder
        self._clock = clock
        self._plan = plan
        self._stop = threading.Event()
        self._camera = self._hang(plan)

    def frames(self) -> Iterator[Frame]:
        """Its pictures, all of one size. Raises CameraError at the first thing that is wrong."""
        yield from self._frames()
        size = self._camera.health().size
        if size is not None and size != self._plan.size and not self._stop.is_set():
            self._plan = self._plan.model_copy(update={"size": size})
            self._camera = self._hang(self._plan)
            yield from self._frames()

    def close(self) -> None:
        """Let the source go: the stream of frames ends."""
        self._stop.set()

    def _frames(self) -> Iterator[Frame]:
        """Pictures until the end, or none where they have another size than was thought."""
        with closing(self._camera.readings()) as readings:
            for reading in readings:
                if isinstance(reading, Frame):
                    yield reading
                elif isinstance(reading, Fault):
                    if self._camera.health().size not in (None, self._plan.size):
                        return
                    raise CameraError(f"camera {self.id!r}: {reading.reason}")

    def _hang(self, plan: CameraPlan) -> LiveCamera:
        return LiveCamera(plan, self._folder, self._clock, self._stop)


def open_source(plan: CameraPlan, folder: Path, clock: Clock) -> OneTry:
    """The camera that `plan.source` names (see docs/cameras.md), its paths relative to `folder`.

    `plan.size` is what is asked for; the camera may give another. Raises CameraError where the source is none of a
    live camera.
    """
    try:
        return OneTry(plan, folder, clock)
    except CameraError as error:
        raise CameraError(f"camera {plan.id!r}: {error}") from None
