"""What nodes saw of slots, from a recording: looks.jsonl, read as it is played."""

from collections.abc import Iterator
from pathlib import Path

from hardware.by_time import by_time
from hardware.json_lines import json_lines
from hardware.ports import Look
from protocol.recording import LookLine
from protocol.store import Store


class LookFile:
    """The looks of a recording made in `store`."""

    def __init__(self, path: Path, store: Store) -> None:
        self.path = path
        self._views = {(camera.id, view.slot) for camera in store.cameras for view in camera.views} - {
            (camera.id, slot) for camera in store.cameras for slot in store.free()
        }
        self.strangers: set[str] = set()
        """Cameras that the store has not, or to which it gives no such slot, and whose lines were left out."""

    def looks(self) -> Iterator[Look]:
        """The looks by time, whatever the order of the lines. DeviceError names the line that is none."""
        return by_time(self.path, self._lines)

    def _lines(self) -> Iterator[Look]:
        for line in json_lines(self.path, LookLine):
            if (line.camera, line.slot) in self._views:
                yield looked(line)
            else:
                self.strangers.add(line.camera)


def looked(line: LookLine) -> Look:
    """The reading that a line of looks.jsonl is."""
    span_s = None if line.from_s is None or line.to_s is None else (line.from_s, line.to_s)
    return Look(
        line.t_s,
        line.camera,
        line.slot,
        line.covered,
        span_s,
        line.changed,
        line.edges,
        line.before,
        line.after,
        line.doubtful,
    )
