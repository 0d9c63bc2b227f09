"""The plates of a recording: scales.csv with the columns t_s, plate, grams."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from hardware.errors import DeviceError
from hardware.ports import Weight


class ScaleFile:
    """Every sample of a recording's plates, read as it is played."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def weights(self) -> Iterator[Weight]:
        """The samples in order. DeviceError names the line that is no sample, or that goes back in time."""
        last_s = -math.inf
        try:
            with self._path.open(newline="", encoding="utf-8") as stream:
                for number, row in enumerate(csv.DictReader(stream), start=2):
                    weight = _sample(row, f"{self._path}:{number}")
                    if weight.t_s < last_s:
                        raise DeviceError(f"{self._path}:{number}: t_s goes back from {last_s} to {weight.t_s}")
                    last_s = weight.t_s
                    yield weight
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DeviceError(f"{self._path}: {error}") from None


def _sample(row: dict[str, str], where: str) -> Weight:
    try:
        weight = Weight(float(row["t_s"]), row["plate"], float(row["grams"]))
    except (KeyError, TypeError, ValueError):
        raise DeviceError(f"{where}: not a sample; the columns are t_s, plate, grams") from None
    if not (math.isfinite(weight.t_s) and math.isfinite(weight.grams)):
        raise DeviceError(f"{where}: t_s and grams are numbers, not {row['t_s']} and {row['grams']}")
    return weight
