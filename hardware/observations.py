"""What nodes saw of people, from a recording: observations.jsonl, read as it is played."""

import math
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from hardware.errors import DeviceError
from hardware.ports import Observation
from protocol.recording import ObservationLine
from protocol.store import Store


class ObservationFile:
    """The observations of a recording made in `store`."""

    def __init__(self, path: Path, store: Store) -> None:
        self._path = path
        self._cameras = {camera.id for camera in store.cameras}

    def observations(self) -> Iterator[Observation]:
        """The observations in order. DeviceError names the line that is none, or that goes back in time."""
        last_s = -math.inf
        try:
            with self._path.open(encoding="utf-8") as stream:
                for number, text in enumerate(stream, start=1):
                    if not text.strip():
                        continue
                    observation = self._read(text, f"{self._path}:{number}")
                    if observation.t_s < last_s:
                        raise DeviceError(f"{self._path}:{number}: t_s goes back from {last_s} to {observation.t_s}")
                    last_s = observation.t_s
                    yield observation
        except (OSError, UnicodeDecodeError) as error:
            raise DeviceError(f"{self._path}: {error}") from None

    def _read(self, text: str, where: str) -> Observation:
        try:
            line = ObservationLine.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            raise DeviceError(f"{where}: {key + ': ' if key else ''}{first['msg']}") from None
        if line.camera not in self._cameras:
            raise DeviceError(f"{where}: camera: the store has no camera {line.camera!r}")
        return observed(line)


def observed(line: ObservationLine) -> Observation:
    """The reading that a line of observations.jsonl is."""
    return Observation(line.t_s, line.camera, line.track, *line.floor, line.sigma_m, line.wrists)
