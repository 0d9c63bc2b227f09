"""When a file's pictures were taken, and which of them are wanted."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import CameraError


@dataclass(frozen=True, slots=True)
class Timing:
    """How a file's pictures lie in time: `fps`, or a list of times, or neither (the file's own presentation times).

    Of pictures that follow each other faster than `fps_max` only so many are given; none after `until_s`.
    """

    fps: float | None = None
    times_s: tuple[float, ...] | None = None
    fps_max: float = 240.0
    until_s: float = float("inf")

    def at(self, index: int, own_s: float | None, where: str) -> float:
        """The time of picture `index` in seconds; `own_s` is the file's own opinion, if it has one."""
        if self.times_s is not None:
            if index >= len(self.times_s):
                raise CameraError(
                    f"{where}: picture {index} has no time; the list of times ends before the pictures do"
                )
            return self.times_s[index]
        if self.fps is not None:
            return index / self.fps
        if own_s is None:
            raise CameraError(f"{where}: the file does not say when picture {index} was taken; give `fps` or `times`")
        return own_s


class Thinning:
    """Leaves out pictures beyond a rate, by their times alone: the same pictures in every run."""

    def __init__(self, fps_max: float) -> None:
        self._step_s = 1.0 / fps_max
        self._due_s = -math.inf

    def wants(self, t_s: float) -> bool:
        """Whether the picture at `t_s` is wanted; call once for each, in order."""
        # A hair of slack: at 30 fps, every second frame is 1/15 s later only up to rounding.
        if t_s < self._due_s - 1e-6:
            return False
        # Counted on from when it was due, so that the mean rate is kept; after a gap, from now.
        late = t_s - self._due_s > self._step_s
        self._due_s = (t_s if late else self._due_s) + self._step_s
        return True


def read_times(path: Path) -> tuple[tuple[float, ...], tuple[str, ...] | None]:
    """The column `t_s` of the CSV at `path`, and its column `file` where it has one. CameraError names the line."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CameraError(f"{path}: {error}") from None
    if not rows or "t_s" not in rows[0]:
        raise CameraError(
            f"{path}:1: the list of times needs a heading with the column t_s, and a line for each picture"
        )
    times: list[float] = []
    for number, row in enumerate(rows, start=2):
        try:
            times.append(float(row["t_s"]))
        except (TypeError, ValueError):
            raise CameraError(f"{path}:{number}: t_s is {row['t_s']!r}, not a number of seconds") from None
        if not math.isfinite(times[-1]):
            raise CameraError(f"{path}:{number}: t_s is {row['t_s']!r}, not a number of seconds")
        if len(times) > 1 and not times[-2] < times[-1]:
            raise CameraError(f"{path}:{number}: t_s does not go on: {times[-2]}, then {times[-1]}")
        if "file" in rows[0] and not row["file"]:
            raise CameraError(f"{path}:{number}: names no file")
    files = tuple(row["file"] for row in rows) if "file" in rows[0] else None
    return tuple(times), files
