"""The plates of a recording: scales.csv with the columns t_s, plate, grams."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from hardware.by_time import by_time
from hardware.errors import DeviceError
from hardware.ports import Weight


class ScaleFile:
    """Every sample of a recording's plates, read as it is played."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def weights(self) -> Iterator[Weight]:
        """The samples by time, whatever the order of the lines. DeviceError names the line that is no sample.

        A weight that is no number is a sample: plates say so when they are broken, and are watched for it.
        """
        return by_time(self._path, self._lines)

    def _lines(self) -> Iterator[Weight]:
        try:
            with self._path.open(newline="", encoding="utf-8") as stream:
                for number, row in enumerate(csv.DictReader(stream), start=2):
                    yield _sample(row, f"{self._path}:{number}")
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise DeviceError(f"{self._path}: {error}") from None


def _sample(row: dict[str, str], where: str) -> Weight:
    try:
        weight = Weight(float(row["t_s"]), row["plate"], float(row["grams"].strip() or math.nan))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DeviceError(f"{where}: not a sample; the columns are t_s, plate, grams") from None
    if not math.isfinite(weight.t_s):
        raise DeviceError(f"{where}: t_s is a number, not {row['t_s']}")
    return weight
