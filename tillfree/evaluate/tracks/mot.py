"""MOTChallenge text: a box a line, `frame,id,left,top,width,height[,conf[,…]]`, frames from 1, pixels.

Three shapes of truth are told apart by their columns, all rows alike:
- nine columns, MOT16 to MOT20: `…,conf,class,visibility`. Class 1 with a conf other than 0 is scored; what lies on a
  person on a vehicle, a standing person, a reflection or another distractor neither helps nor hurts;
- any other number, as MOT15 has it (`…,conf,x,y,z`): a row with conf 0 is not scored, and no row excuses a track.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tillfree.errors import EvaluationError

COLUMNS_MIN = 6
WITH_CLASSES = 9
PEDESTRIAN = 1
DISTRACTORS = (2, 7, 8, 12)
"""person on vehicle, static person, distractor, reflection (MOT16, table 2; Milan et al., arXiv:1603.00831)."""

PROBLEMS_MAX = 10
COORDINATE_MAX = 1e6
ID_MAX = 2**53
"""Beyond this a number that is read as a float is no longer the number that was written."""


class Role(IntEnum):
    """What a row of truth is for."""

    SCORED = 0
    """Somebody to be found."""
    LEFT_OUT = 1
    """Not looked for; a track on it is on nobody."""
    EXCUSED = 2
    """Not looked for; a track on it is left out, too."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """The rows of a file, n of them, in the file's order.

    `frames` and `ids` (n,) integers, frames from 1; `boxes` (n, 4) left, top, width, height in pixels; `roles` (n,)
    of `Role` (tracks are all `SCORED`); `lines` (n,) where each row stands.
    """

    frames: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float64]
    roles: npt.NDArray[np.int8]
    lines: npt.NDArray[np.int64]

    @property
    def last_frame(self) -> int:
        """The last frame that has a row; 0 where no row is."""
        return int(self.frames.max(initial=0))


def read_truth_boxes(path: Path, *, excuse: bool = False) -> Boxes:
    """The truth at `path`. With `excuse`, a track on any row that is not scored is left out.

    EvaluationError names the lines that cannot be.
    """
    truth = read_labelled(path, excuse=excuse)
    if not len(truth.frames):
        raise EvaluationError(f"{path}: holds no row, so there is nothing to score")
    if not (truth.roles == Role.SCORED).any():
        raise EvaluationError(f"{path}: every row has conf 0 or another class, so there is nothing to score")
    return truth


def read_labelled(path: Path, *, excuse: bool) -> Boxes:
    """The same, though there may be nobody to be found."""
    rows = _rows(path)
    made = _boxes(rows)
    conf = np.array([row[6] if len(row) > COLUMNS_MIN else 1.0 for _, row in rows])
    roles = np.where(conf == 0, Role.LEFT_OUT, Role.SCORED).astype(np.int8)
    if rows and all(len(row) == WITH_CLASSES for _, row in rows):
        kinds = np.array([row[7] for _, row in rows])
        roles[kinds != PEDESTRIAN] = Role.LEFT_OUT
        roles[np.isin(kinds, DISTRACTORS)] = Role.EXCUSED
    if excuse:
        roles[roles == Role.LEFT_OUT] = Role.EXCUSED
    return replace(made, roles=roles)


def read_tracks(path: Path) -> Boxes:
    """The tracks at `path`; none where the file is empty. EvaluationError names the lines that cannot be."""
    return _boxes(_rows(path))


def _boxes(rows: list[tuple[int, list[float]]]) -> Boxes:
    values = np.array([row[:COLUMNS_MIN] for _, row in rows], np.float64).reshape(-1, COLUMNS_MIN)
    roles = np.full(len(rows), Role.SCORED, np.int8)
    lines = np.array([number for number, _ in rows], np.int64)
    return Boxes(values[:, 0].astype(np.int64), values[:, 1].astype(np.int64), values[:, 2:], roles, lines)


def _rows(path: Path) -> list[tuple[int, list[float]]]:
    """The numbers of each line that holds any, with the line's number."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: no text ({error.reason} at byte {error.start})") from None
    rows: list[tuple[int, list[float]]] = []
    problems: list[str] = []
    seen: dict[tuple[float, float], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        problem = _take(line, rows, number, seen)
        if problem is not None:
            problems.append(f"{path}:{number}: {problem}")
        if len(problems) == PROBLEMS_MAX:
            problems.append("(and perhaps more)")
            break
    if problems:
        raise EvaluationError("\n".join(problems))
    return rows


def _take(
    line: str, rows: list[tuple[int, list[float]]], number: int, seen: dict[tuple[float, float], int]
) -> str | None:
    """Add the line to `rows`, or say what is wrong with it."""
    fields = line.rstrip().rstrip(",").split(",") if "," in line else line.split()
    try:
        row = [float(field) for field in fields]
    except ValueError as error:
        return f"{error}; a row is frame,id,left,top,width,height,conf,…"
    problem = _problem(row)
    if problem is None:
        before = seen.setdefault((row[0], row[1]), number)
        if before != number:
            return f"id {row[1]:.0f} is in frame {row[0]:.0f} twice; line {before} has it, too"
        rows.append((number, row))
    return problem


def _problem(row: list[float]) -> str | None:
    """What cannot be in a row, if anything."""
    if len(row) < COLUMNS_MIN:
        return f"{len(row)} columns, and a row has at least {COLUMNS_MIN}: frame,id,left,top,width,height"
    return _misnumbered(*row[:2]) or _misshapen(*row[2:COLUMNS_MIN])


def _misnumbered(frame: float, number: float) -> str | None:
    if not (frame.is_integer() and 1 <= frame <= ID_MAX):
        return f"frame {frame:g} is none; frames are whole numbers from 1"
    if number == -1:
        return "id -1: this is a detection, not a track"
    if not (number.is_integer() and 0 <= number <= ID_MAX):
        return f"id {number:g} is none; ids are whole numbers from 0"
    return None


def _misshapen(left: float, top: float, width: float, height: float) -> str | None:
    if not all(abs(value) <= COORDINATE_MAX for value in (left, top, width, height)):  # NaN fails it, too
        return "left, top, width and height must be numbers of pixels"
    if width <= 0 or height <= 0:
        return f"a box of {width:g} × {height:g} pixels has no area"
    return None
