"""What nodes saw of people, from a recording: observations.jsonl, read as it is played."""

from collections.abc import Iterator
from pathlib import Path

from hardware.by_time import by_time
from hardware.json_lines import json_lines
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
        for line in json_lines(self.path, ObservationLine):
            if line.camera in self._cameras:
                yield observed(line)
            else:
                self.strangers.add(line.camera)


def observed(line: ObservationLine) -> Observation:
    """The reading that a line of observations.jsonl is."""
    return Observation(line.t_s, line.camera, line.track, *line.floor, line.sigma_m, line.wrists)
