"""What seeing persons costs beside the bare network, and what looking only where something changed saves.

    python tests/bench/pipeline.py RECORDING [--cameras A,B] [--pictures N] [--json FILE]
    python tests/bench/pipeline.py --video FILM [--json FILE]

Every area camera of the recording (or the film) is played twice through detector, clothing and tracker on one thread:
looking at every picture, and only at those that changed. After each look the bare network is run once more on what it
was just shown: pipeline and baseline see the same machine at the same moment. Times are processor time.

TILLFREE_PRECISION=float or int8 says how the network runs; without it, as it does in a store on this machine.

`ratio` is the pipeline's time, from decoded picture to tracks, in bare runs; `ratio_with_decoding` from the film's
bytes. `cameras_10fps` is how many such cameras one core carries, decoding too. HOTA is given where the recording has
boxes. A recording of `tillfree simulate` gives simulated figures: never call them real.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.perception.certainty import certain
from edge.perception.clothing import clothing
from edge.perception.detections import Detections
from edge.perception.network import Tensor
from edge.perception.person_watch import PersonWatch
from edge.perception.persons import PersonDetector
from edge.perception.precision import person_network
from edge.perception.running import running_here
from edge.tracking.tracker import Tracker
from hardware.cameras.timing import Timing
from hardware.cameras.video_file import VideoFile
from hardware.playback import open_camera
from hardware.ports import Camera, Frame, Image
from protocol.recording import read_recording
from tillfree.evaluate.tracks.meetings import meetings
from tillfree.evaluate.tracks.mot import Boxes, Role, read_labelled
from tillfree.evaluate.tracks.score import score_of

FPS = 10.0


@dataclass
class Costs:
    """Seconds of processor time, by part; `looks` are times that the network was run."""

    decoding_s: float = 0.0
    pipeline_s: float = 0.0
    bare_s: float = 0.0
    pictures: int = 0
    looks: int = 0
    rows: list[tuple[int, int, list[float]]] = field(default_factory=list)


class BareToo:
    """A detector that runs its network once more on the same input after every look, and keeps what that took."""

    def __init__(self, detector: PersonDetector) -> None:
        self._detector = detector
        self._run = type(detector.network).run.__get__(detector.network)
        self._shown: Tensor = np.zeros(0, np.float32)
        detector.network.run = self._remembering  # type: ignore[method-assign] # to run again on the very input
        self.bare_s = 0.0
        self.apart_s = 0.0
        """What the second runs took with all that is around them: nothing of it belongs to the pipeline."""

    def detect(self, image: Image) -> Detections:
        found = self._detector.detect(image)
        began_s = time.thread_time()
        before_s = self._detector.network.run_s
        self._run(self._shown)
        self.bare_s += self._detector.network.run_s - before_s
        self.apart_s += time.thread_time() - began_s
        return found

    def _remembering(self, tensor: Tensor, outputs: list[str] | None = None) -> list[Tensor]:
        self._shown = tensor
        result: list[Tensor] = self._run(tensor, outputs)
        return result


def decoded(frames: Iterator[Frame], costs: Costs) -> Iterator[Frame]:
    while True:
        began = time.thread_time()
        frame = next(frames, None)
        costs.decoding_s += time.thread_time() - began
        if frame is None:
            return
        yield frame


def played(camera: Camera, detector: PersonDetector, *, gated: bool, pictures: int | None = None) -> Costs:
    costs, tracker = Costs(), Tracker()
    both = BareToo(detector)
    watch = PersonWatch(both, gated=gated)
    spent = 0.0
    for frame in decoded(islice(camera.frames(), pictures), costs):
        began = time.thread_time()
        found = certain(watch.detect(frame))
        looks = clothing(frame.image, found.boxes)
        tracks = tracker.update(found, frame.t_s, looks)
        spent += time.thread_time() - began
        for track in tracks:
            if track.confirmed and track.seen:
                costs.rows.append((frame.index + 1, track.number, track.box.tolist()))
    costs.pictures, costs.looks = watch.pictures, watch.looks
    costs.bare_s, costs.pipeline_s = both.bare_s, spent - both.apart_s
    return costs


def hota(costs: Costs, truth: Path) -> dict[str, float]:
    boxes = np.array([row[2] for row in costs.rows], np.float64).reshape(-1, 4)
    boxes[:, 2:] -= boxes[:, :2]
    said = Boxes(
        np.array([row[0] for row in costs.rows], np.int64),
        np.array([row[1] for row in costs.rows], np.int64),
        boxes,
        np.full(len(boxes), Role.SCORED, np.int8),
        np.arange(1, len(boxes) + 1),
    )
    score = score_of(meetings(read_labelled(truth, excuse=True), said)).to_json()
    return {"hota": score["hota"], "idf1": score["idf1"]}


def told(costs: Costs) -> dict[str, Any]:
    each_s = (costs.pipeline_s + costs.decoding_s) / max(costs.pictures, 1)
    bare_s = costs.bare_s / max(costs.looks, 1)
    return {
        "pictures": costs.pictures,
        "looks": costs.looks,
        "bare_ms": round(1000.0 * bare_s, 2),
        "decoding_ms": round(1000.0 * costs.decoding_s / max(costs.pictures, 1), 2),
        "pipeline_ms": round(1000.0 * costs.pipeline_s / max(costs.pictures, 1), 2),
        "ratio": round(costs.pipeline_s / costs.pictures / bare_s, 3),
        "ratio_with_decoding": round(each_s / bare_s, 3),
        "cameras_10fps": round(1.0 / FPS / each_s, 1),
    }


def films(options: argparse.Namespace) -> Iterator[tuple[str, Callable[[], Camera], Path | None]]:
    """What is played: its name, how it is opened, and its truth."""
    if options.video is not None:
        film: Path = options.video
        yield film.stem, lambda: VideoFile(film.stem, film, Timing()), None
        return
    recording = read_recording(options.recording)
    for recorded in recording.file.cameras:
        plan = recording.store.camera(recorded.id)
        wanted = options.cameras is None or recorded.id in options.cameras.split(",")
        if wanted and plan is not None and plan.role == "area":
            truth = options.recording / "truth" / "boxes" / f"{recorded.id}.txt"
            opened = partial(open_camera, recording.folder, recorded, plan, recording.file.duration_s)
            yield recorded.id, opened, truth if truth.exists() else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path, nargs="?")
    parser.add_argument("--video", type=Path)
    parser.add_argument("--cameras", help="of the recording, only these, with commas between")
    parser.add_argument("--pictures", type=int, help="only so many of each camera; HOTA is then not given")
    parser.add_argument("--json", help="a file, or - for standard output")
    options = parser.parse_args()
    if (options.recording is None) == (options.video is None):
        parser.error("name a recording, or --video FILM")
    cv2.setNumThreads(1)
    running = running_here()
    path = person_network(running)
    detector = PersonDetector(path, running=running)
    precision = "int8" if "int8" in path.parts[-3] else "float"
    out: dict[str, Any] = {"provider": detector.network.provider, "precision": precision, "cameras": {}}
    for name, opened, truth in films(options):
        row: dict[str, Any] = {}
        for kind, gated in (("every", False), ("gated", True)):
            costs = played(opened(), detector, gated=gated, pictures=options.pictures)
            row[kind] = told(costs) | (hota(costs, truth) if truth is not None and options.pictures is None else {})
            sys.stderr.write(f"{name:10} {kind:6} {row[kind]}\n")
        out["cameras"][name] = row
    for kind in ("every", "gated"):
        rows = [row[kind] for row in out["cameras"].values()]
        each_ms = sum(row["pipeline_ms"] + row["decoding_ms"] for row in rows) / len(rows)
        out[kind] = {
            "ratio": round(sum(row["ratio"] for row in rows) / len(rows), 3),
            "ratio_with_decoding": round(sum(row["ratio_with_decoding"] for row in rows) / len(rows), 3),
            "cameras_10fps": round(1000.0 / FPS / each_ms, 1),
            **{
                what: round(sum(row[what] for row in rows) / len(rows), 2)
                for what in ("hota", "idf1")
                if all(what in row for row in rows)
            },
        }
        sys.stderr.write(f"{'all':10} {kind:6} {out[kind]}\n")
    text = json.dumps(out, indent=2) + "\n"
    if options.json == "-":
        sys.stdout.write(text)
    elif options.json is not None:
        Path(options.json).write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
