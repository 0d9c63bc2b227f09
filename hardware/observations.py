"""What nodes saw of people, from a recording: observations.jsonl, read as it is played."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from hardware.by_time import by_time
from hardware.errors import DeviceError
from hardware.ports import Observation
from protocol.recording import ObservationLine
from protocol.store import Store


class ObservationFile:
    """The observations of a recording made in `store`."""

    def __init__(self, path: Path, store: Store) -> None:
        self.path = path
        self._cameras = {camera.id for camera in store.cameras}
        self.strangers: set[str] = set()
        """Cameras that the store has not, and whose lines were left out."""

    def observations(self) -> Iterator[Observation]:
        """The observations by time, whatever the order of the lines. DeviceError names the line that is none."""
        return by_time(self.path, self._lines)

    def _lines(self) -> Iterator[Observation]:
        try:
            with self.path.open(encoding="utf-8") as stream:
                for number, text in enumerate(stream, start=1):
                    if not text.strip():
                        continue
                    observation = self._read(text, f"{self.path}:{number}")
                    if observation.camera in self._cameras:
                        yield observation
                    else:
                        self.strangers.add(observation.camera)
        except (OSError, UnicodeDecodeError) as error:
            raise DeviceError(f"{self.path}: {error}") from None

    def _read(self, text: str, where: str) -> Observation:
        try:
            line = ObservationLine.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            raise DeviceError(f"{where}: {key + ': ' if key else ''}{first['msg']}") from None
        return observed(line)


def observed(line: ObservationLine) -> Observation:
    """The reading that a line of observations.jsonl is."""
    return Observation(line.t_s, line.camera, line.track, *line.floor, line.sigma_m, line.wrists)
