"""How many photographed QR codes the gate's reader reads, each as a picture of its own.

A code counts as read when its text is the labelled one. Line ends are compared as one: a CSV file that was edited keeps
`\\n` where the code holds `\\r\\n`; `exact` counts without that leniency.
"""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edge.gate.codes import as_it_is, grey_of, read_still
from hardware.cameras.image_folder import read_image
from hardware.errors import CameraError
from hardware.ports import Image
from tillfree.errors import EvaluationError

EMPTY = (480, 640, 3)
EMPTY_RUNS = 20
UNREAD_MAX = 20


def evaluate_qr(labels: Path, advance: Callable[[float, float], None]) -> dict[str, Any]:
    """Score the pictures that `labels` names (columns file, relative to it, and text).

    Raises EvaluationError for a label file, or by line for pictures, that cannot be read: a missing picture is no
    missed code.
    """
    rows = _rows(labels)
    missed: list[str] = []
    exact = unaided = 0
    spent_ms: list[float] = []
    unread: list[str] = []
    for number, (line, file, text) in enumerate(rows):
        try:
            picture = read_image(labels.parent / file)
        except CameraError as error:
            unread.append(f"{labels}:{line}: {error}")
            continue
        begun = time.perf_counter()
        found = read_still(picture)
        spent_ms.append((time.perf_counter() - begun) * 1000.0)
        exact += text in found
        unaided += _plain(text) in map(_plain, as_it_is(grey_of(picture)))
        if _plain(text) not in map(_plain, found):
            missed.append(file)
        advance(number + 1, len(rows))
    if unread:
        more = [f"and {len(unread) - UNREAD_MAX} more"] if len(unread) > UNREAD_MAX else []
        raise EvaluationError("\n".join([*unread[:UNREAD_MAX], *more]))
    return {
        "read": len(rows) - len(missed),
        "total": len(rows),
        "exact": exact,
        "as_they_are": unaided,
        "ms_per_picture": float(np.mean(spent_ms)),
        "ms_empty": _empty_ms(),
        "missed": missed,
    }


def _rows(labels: Path) -> list[tuple[int, str, str]]:
    """Line, file and text of each row."""
    try:
        with labels.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"file", "text"} <= set(reader.fieldnames or ()):
                raise EvaluationError(f"{labels}:1: the columns `file` and `text` are needed")
            rows = [(reader.line_num, row["file"], row["text"]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{labels}: cannot be read ({error})") from None
    for line, name, text in rows:
        if not name or text is None:
            raise EvaluationError(f"{labels}:{line}: `file` and `text` are needed in each row")
    if not rows:
        raise EvaluationError(f"{labels}: it names no pictures")
    return rows


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _empty_ms() -> float:
    """What a picture without a code takes when every attempt is made: 640×480 of noise, from a named seed."""
    noise = np.random.default_rng(0).normal(110.0, 6.0, EMPTY)
    empty: Image = np.clip(noise, 0.0, 255.0).astype(np.uint8)
    begun = time.perf_counter()
    for _ in range(EMPTY_RUNS):
        read_still(empty)
    return (time.perf_counter() - begun) * 1000.0 / EMPTY_RUNS
