"""The tracker alone on public detections: HOTA, IDF1, MOTA and milliseconds a frame, sequence by sequence and over
all.

python tests/bench/tracking_public.py FOLDER [--online] [--sensitivity] [--only NAME …]

FOLDER holds one folder a sequence with det.txt, gt.txt and seqinfo.ini (MOTChallenge). With --sensitivity every
parameter of the tracker is made a fifth smaller and a fifth larger, one at a time: a figure that stands on a knife's
edge shows.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from edge.tracking import association, doubles, looking_back, motion, refining, returning, tracker
from tillfree.evaluate.tracks.score import evaluate_tracks
from tillfree.track.detections_file import read_detections
from tillfree.track.following import follow_detections

PARAMETERS: tuple[tuple[ModuleType, str], ...] = (
    (tracker, "SURE"),
    (tracker, "UNSURE"),
    (tracker, "EVIDENCE"),
    (tracker, "TENTATIVE_S"),
    (tracker, "HIDDEN_S"),
    (tracker, "SUPPORT_S"),
    (tracker, "SUPPORT_MIN"),
    (tracker, "APART"),
    (doubles, "SAME"),
    (motion, "CALM_S"),
    (tracker, "OTHERS"),
    (tracker, "OTHERS_UNSURE"),
    (association, "SURPRISE_MAX"),
    (returning, "OTHERS"),
    (refining, "DELAY_S"),
    (refining, "SUPPORT_S"),
    (refining, "SUPPORT_MIN"),
    (looking_back, "BACK_S"),
    (looking_back, "SUPPORT_MIN"),
)
ROWS: tuple[tuple[str, str, list[int]], ...] = (
    ("_NOISE", "SWERVE", [0, 1]),
    ("_NOISE", "SWELL", [2, 3]),
    ("_SPEEDS", "SPEED", [0, 1]),
    ("_SPEEDS", "SWELLING", [2, 3]),
    ("_VARIANCE", "ERROR of x", [0]),
    ("_VARIANCE", "ERROR of y", [1]),
    ("_VARIANCE", "ERROR of height", [2]),
    ("_VARIANCE", "ERROR of width", [3]),
)
"""What motion.py keeps as arrays: which, called what, which elements."""


@contextmanager
def changed(module: ModuleType, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def variants() -> Iterator[tuple[str, Callable[[], Any]]]:
    for factor in (0.8, 1.2):
        for module, name in PARAMETERS:
            value = getattr(module, name) * factor
            yield f"{module.__name__.rpartition('.')[2]}.{name} × {factor}", partial(changed, module, name, value)
        for array, name, elements in ROWS:
            values = np.array(getattr(motion, array))
            values[elements] *= factor**2 if array == "_VARIANCE" else factor
            yield f"motion.{name} × {factor}", partial(changed, motion, array, values)


def run(sequences: list[Path], *, online: bool) -> tuple[dict[str, Any], list[float]]:
    milliseconds = []
    with tempfile.TemporaryDirectory() as folder:
        outs = []
        for sequence in sequences:
            about = ConfigParser()
            about.read(sequence / "seqinfo.ini")
            fps = about.getfloat("Sequence", "frameRate")
            outs.append(Path(folder, f"{sequence.name}.txt"))
            found = read_detections(sequence / "det.txt")
            report = follow_detections(found, fps, outs[-1], online=online)
            milliseconds.append(float(report["ms_per_frame"]))
        score = evaluate_tracks([sequence / "gt.txt" for sequence in sequences], outs, excuse=False)
    return score, milliseconds


def line(name: str, score: dict[str, Any], more: str = "") -> str:
    return (
        f"{name:32} HOTA {score['hota']:5.1f}  IDF1 {score['idf1']:5.1f}  MOTA {score['mota']:5.1f}  "
        f"switches {score['id_switches']:3}  {more}"
    )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--online", action="store_true")
    arguments.add_argument("--sensitivity", action="store_true")
    arguments.add_argument("--only", nargs="*", default=[])
    chosen = arguments.parse_args()
    sequences = sorted(path.parent for path in chosen.folder.glob("*/det.txt"))
    sequences = [sequence for sequence in sequences if not chosen.only or sequence.name in chosen.only]
    score, milliseconds = run(sequences, online=chosen.online)
    for sequence, of_one, taken_ms in zip(sequences, score["sequences"], milliseconds, strict=True):
        say(line(sequence.name, of_one, f"{taken_ms:.2f} ms a frame"))
    say(line("together", score))
    if chosen.sensitivity:
        for name, change in variants():
            with change():
                say(line(name, run(sequences, online=chosen.online)[0]))


if __name__ == "__main__":
    main()
