"""Detections as MOTChallenge text: `frame,-1,left,top,width,height,score[,…]` a line, frames from 1, pixels.

Scores are taken for probabilities where all lie in 0–1. Where one does not they are none: they are divided by a
number, 60 unless another is given, and cut to 0–1. (The detector of MOT15's files, ACF, gives scores of −1 to 120; of
those at 60 nearly all are people, of those at 30 about half.)
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.perception.detections import Detections
from edge.tracking.sound import PIXEL_MAX
from tillfree.track.errors import TrackError

COLUMNS_MIN = 7
SCALE = 60.0
FRAME_MAX = 1_000_000
"""Nine hours at 30 a second; a larger number is a slip, and would be waited for picture by picture."""
PROBLEMS_MAX = 10


@dataclass(frozen=True, slots=True, eq=False)
class DetectionsFile:
    """The detections of a film, frame by frame.

    `frames` int64 (n,), rising; `boxes` float32 (n, 4; left, top, right, bottom), pixels; `scores` float32 (n,), 0–1;
    `divided_by` is what the file's scores were divided by.
    """

    frames: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    divided_by: float

    @property
    def last_frame(self) -> int:
        """The last frame that has a detection; 0 where there is none."""
        return int(self.frames[-1]) if len(self.frames) else 0

    def pictures(self) -> Iterator[Detections]:
        """The detections of frame 1, of frame 2, …, of the last; empty ones too."""
        ends = np.searchsorted(self.frames, np.arange(self.last_frame + 1), side="right")
        for start, end in pairwise(ends.tolist()):
            yield Detections(self.boxes[start:end], self.scores[start:end])


def read_detections(path: Path, scale: float | None = None) -> DetectionsFile:
    """The detections at `path`, scores divided by `scale` (None: see above). TrackError names lines."""
    rows = np.array(_rows(path), np.float64).reshape(-1, COLUMNS_MIN)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    scores = rows[:, 6]
    if scale is None:
        scale = 1.0 if not len(scores) or (scores.min() >= 0.0 and scores.max() <= 1.0) else SCALE
    boxes = np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1)
    scaled = np.clip(scores / scale, 0.0, 1.0)
    return DetectionsFile(rows[:, 0].astype(np.int64), boxes.astype(np.float32), scaled.astype(np.float32), scale)


def _rows(path: Path) -> list[list[float]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TrackError(f"{path}: {error.strerror}; give a file of detections") from None
    except UnicodeDecodeError as error:
        raise TrackError(f"{path}: no text ({error.reason} at byte {error.start}); give a det.txt") from None
    rows: list[list[float]] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        row = _row(line)
        if isinstance(row, list):
            rows.append(row)
        else:
            problems.append(f"{path}:{number}: {row}")
        if len(problems) == PROBLEMS_MAX:
            problems.append("(and perhaps more)")
            break
    if problems:
        raise TrackError("\n".join(problems))
    return rows


def _row(line: str) -> list[float] | str:
    """The numbers of a line, or what is wrong with it and what to do."""
    parts = line.split(",")
    if len(parts) < COLUMNS_MIN:
        return f"{len(parts)} columns; frame,id,left,top,width,height,score are needed, with commas between"
    try:
        row = [float(part) for part in parts[:COLUMNS_MIN]]
    except ValueError:
        return f"{line.strip()[:80]!r}: not numbers; is this a heading? take it out"
    return _fault(parts[0], row) or row


def _fault(written: str, row: list[float]) -> str | None:
    frame, _, left, top, width, height, _ = row
    if not all(math.isfinite(value) for value in row):
        return "a number that is not finite; leave such a detection out"
    if frame != int(frame) or not 1 <= frame <= FRAME_MAX:
        return f"frame {written.strip()}; frames are whole numbers from 1 to {FRAME_MAX}"
    if width <= 0.0 or height <= 0.0:
        return f"a box {width:g} wide and {height:g} high; leave such a detection out"
    if max(abs(left), abs(top), abs(left + width), abs(top + height)) > PIXEL_MAX:
        return f"a box beyond ±{PIXEL_MAX:.0f} pixels; are these pixels?"
    return None
