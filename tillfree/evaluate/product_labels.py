"""Label files of product pictures: CSV with the columns `file` (relative to the CSV) and `fine_class_id`."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hardware.cameras.image_folder import read_image
from hardware.errors import CameraError
from hardware.ports import Image
from tillfree.errors import EvaluationError

COLUMNS = ("file", "fine_class_id")
ROWS_MAX = 100_000
SIDE_MIN_PX = 8
"""A picture smaller than this shows no product."""


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One row of a label file."""

    path: Path
    product: str
    where: str
    """`file:line` for messages."""

    def picture(self) -> Image:
        """The picture. EvaluationError names the row where there is none."""
        try:
            image = read_image(self.path)
        except CameraError as error:
            raise EvaluationError(f"{self.where}: {error}") from None
        height, width = image.shape[:2]
        if min(height, width) < SIDE_MIN_PX:
            raise EvaluationError(f"{self.where}: {self.path} has {width}×{height} pixels; no product shows in that")
        return image


def read_product_labels(path: Path) -> tuple[LabelledPicture, ...]:
    """The rows of the CSV at `path`. EvaluationError lists every bad row as `file:line: what`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(_rows(file, path))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except csv.Error as error:
        raise EvaluationError(f"{path}: no CSV: {error}") from None


def _rows(lines: Iterator[str], path: Path) -> list[LabelledPicture]:
    reader = csv.DictReader(lines, skipinitialspace=True)
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    if missing := [name for name in COLUMNS if name not in reader.fieldnames]:
        raise EvaluationError(f"{path}:1: no column {missing[0]!r}; the first line names {', '.join(COLUMNS)}")
    rows: list[LabelledPicture] = []
    problems: list[str] = []
    for entry in reader:
        where = f"{path}:{reader.line_num}"
        if len(rows) >= ROWS_MAX:
            raise EvaluationError(f"{where}: more than {ROWS_MAX} rows")
        name, product = ((entry[column] or "").strip() for column in COLUMNS)
        if not name or not product:
            problems.append(f"{where}: {'file' if not name else 'fine_class_id'} is empty")
        elif not (path.parent / name).is_file():
            problems.append(f"{where}: no file {path.parent / name}")
        else:
            rows.append(LabelledPicture(path.parent / name, product, where))
    if problems:
        raise EvaluationError("\n".join(problems))
    if not rows:
        raise EvaluationError(f"{path}: names no pictures, so there is nothing to score")
    return rows
