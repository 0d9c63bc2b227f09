"""The truth that goes with a recording, read whole and checked against itself.

Each part may be missing: who labels receipts alone can have receipts scored. What is there must not contradict itself
or the store: a score against it would mean nothing. `contradictions.py` says what cannot be.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from protocol.contradictions import Finding, Labelled, contradictions
from protocol.document import FileError, parse, read_as, read_text
from protocol.recording import ReceiptsFile, Recording, TruthEvent, numbered_lines

PROBLEMS_MAX = 20
FLOOR_COLUMNS = ("t_s", "shopper", "x_m", "y_m")


@dataclass(frozen=True, slots=True)
class FeetOnFloor:
    """Where somebody stands at `t_s`: metres on the store's plan. `shopper` names the person, visitor or not."""

    t_s: float
    shopper: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened, as far as it is labelled; None for what is not.

    `events` by time; `receipts` shopper → SKU → quantity; `floor` by time; `boxes` camera → MOTChallenge text, whose
    rows are not read yet; `readings` says what could be read in more than one way, and how it was.
    """

    events: tuple[TruthEvent, ...] | None
    receipts: dict[str, dict[str, int]] | None
    floor: tuple[FeetOnFloor, ...] | None
    boxes: dict[str, Path]
    readings: tuple[str, ...]


def read_checked_truth(recording: Recording) -> Truth:
    """The truth of `recording`. FileError lists what contradicts itself, with file and line."""
    folder = recording.folder / "truth"
    events_path, receipts_path, floor_path = (folder / name for name in ("events.jsonl", "receipts.json", "floor.csv"))
    labelled = [Labelled(line, event) for line, event in numbered_lines(events_path, TruthEvent)]
    receipts, lines = _receipts(receipts_path)
    found = contradictions(labelled if events_path.exists() else None, receipts, recording.store, recording.file)
    problems = [*_said(found.problems, events_path, receipts_path, lines)]
    boxes, box_problems = _boxes(folder / "boxes", recording)
    problems += box_problems
    floor = None
    if floor_path.exists():
        rows, floor_problems = _floor(floor_path, recording.file.duration_s)
        floor = tuple(sorted(rows, key=lambda feet: feet.t_s))
        problems += floor_problems
    if problems:
        more = [f"(and {len(problems) - PROBLEMS_MAX} more)"] if len(problems) > PROBLEMS_MAX else []
        raise FileError("\n".join([*problems[:PROBLEMS_MAX], *more]))
    events = tuple(sorted((each.event for each in labelled), key=lambda event: event.t_s))
    return Truth(events if events_path.exists() else None, receipts, floor, boxes, found.readings)


def _receipts(path: Path) -> tuple[dict[str, dict[str, int]] | None, dict[tuple[str, ...], int]]:
    """The receipts, and the line of each shopper and of each of their products."""
    if not path.exists():
        return None, {}
    document = parse(read_text(path), str(path))
    receipts = read_as(ReceiptsFile, document).root
    lines: dict[tuple[str, ...], int] = {(shopper,): document.line((shopper,)) for shopper in receipts}
    lines |= {(shopper, sku): document.line((shopper, sku)) for shopper, items in receipts.items() for sku in items}
    return receipts, lines


def _said(found: tuple[Finding, ...], events: Path, receipts: Path, lines: dict[tuple[str, ...], int]) -> Iterator[str]:
    for finding in found:
        if isinstance(finding.where, int):
            yield f"{events}:{finding.where}: {finding.message}"
        else:
            line = lines.get(finding.where) or lines.get(finding.where[:1]) or 1
            yield f"{receipts}:{line}: {'.'.join(finding.where)}: {finding.message}"


def _boxes(folder: Path, recording: Recording) -> tuple[dict[str, Path], list[str]]:
    """The box files by camera; those of cameras that the recording does not have are problems."""
    known = {camera.id for camera in recording.file.cameras}
    paths = {path.stem: path for path in sorted(folder.glob("*.txt"))} if folder.is_dir() else {}
    problems = [
        f"{path}: the recording has no camera {camera!r}; it has: {', '.join(sorted(known)) or 'none'}"
        for camera, path in paths.items()
        if camera not in known
    ]
    return paths, problems


def _floor(path: Path, duration_s: float) -> tuple[list[FeetOnFloor], list[str]]:
    rows: list[FeetOnFloor] = []
    problems: list[str] = []
    seen: dict[tuple[float, str], int] = {}
    reader = csv.DictReader(read_text(path).splitlines())
    missing = [name for name in FLOOR_COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        return [], [f"{path}:1: no column {missing[0]!r}; the first line is {','.join(FLOOR_COLUMNS)}"]
    for row in reader:
        at = f"{path}:{reader.line_num}"
        try:
            feet = FeetOnFloor(float(row["t_s"]), row["shopper"] or "", float(row["x_m"]), float(row["y_m"]))
        except (TypeError, ValueError):
            problems.append(f"{at}: t_s, x_m and y_m must be numbers, and {row} is not so")
            continue
        before = seen.setdefault((feet.t_s, feet.shopper), reader.line_num)
        if not all(map(math.isfinite, (feet.t_s, feet.x_m, feet.y_m))):
            problems.append(f"{at}: t_s, x_m and y_m must be finite")
        elif not 0 <= feet.t_s <= duration_s:
            problems.append(f"{at}: t_s {feet.t_s:g} lies outside the recording of {duration_s:g} s")
        elif not feet.shopper:
            problems.append(f"{at}: shopper is empty")
        elif before != reader.line_num:
            problems.append(f"{at}: {feet.shopper!r} stands in two places at {feet.t_s:g}; line {before} has the other")
        else:
            rows.append(feet)
    return rows, problems
