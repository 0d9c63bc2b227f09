"""One person over all cameras, from pixels: how well people of simulated stores are followed from entry to exit.

    python tests/bench/joining_pixels.py --cache DIR [--layouts 0,2,4] [--json FILE]

Every layout is filmed once into the cache by three of its area cameras (two corners, and the end of the aisle where one
hangs there), at 5 pictures a second, while five shoppers and who comes with them go about the store. The person
detector looks at every film once and what it finds is kept, so that tracking and joining can be played again in
seconds. Printed for each layout and for all together: HOTA and IDF1 store-wide on the floor (a metre apart is the half
that counts), the share of visits whose number never changes, switches, the error of the feet, HOTA and IDF1 of each
camera. On one thread. Simulated figures: never call them real.

Rules of tracking and joining were set while looking at even layouts only; odd ones tell what to expect.
"""

import argparse
import heapq
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.perception.certainty import certain
from edge.perception.clothing import clothing
from edge.perception.detections import Detections, Floats
from edge.perception.person_watch import PersonWatch
from edge.perception.persons import PersonDetector
from edge.tracking.floor import Floor, PersonOnFloor, look_of
from edge.tracking.joining.doors import Doors
from edge.tracking.joining.joining import Joining, Person
from edge.tracking.tracker import Tracker
from hardware.playback import open_camera
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.recording.setup import Filming
from hardware.simulated.recording.with_pictures import record_pictures
from hardware.simulated.scene.crowd import crowd
from models.cache import onnx_path
from protocol.recording import Recording, read_recording
from protocol.store import Store
from protocol.truth import FeetOnFloor, read_checked_truth
from tillfree.evaluate.people import MET_M, PeopleScore, score_people
from tillfree.evaluate.tracks.meetings import best_pairs
from tillfree.evaluate.tracks.score import TrackScore
from tillfree.evaluate.watching import Seen, Standing

SHOPPERS, MINUTES = 5, 0.5
FPS, SIZE, SENSOR = 5.0, (640, 360), "good"
CAMERAS = 3
PREFERRED = ("corner1", "corner2", "aisle", "corner3", "above")
STANDING_S = 0.7
"""Who was seen within as long before is said to stand there still, as visits have it."""
KEPT = 1000.0


@dataclass(frozen=True)
class Look:
    """What the detector found in one picture, and what those people look like."""

    t_s: float
    camera: str
    frame: int
    found: Detections
    looks: Floats


@dataclass
class Walks:
    """Who goes by which number, moment by moment, as CLEAR MOT has it: who was matched stays matched within reach."""

    named: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    moments: Counter[str] = field(default_factory=Counter)

    def add(self, true: dict[str, tuple[float, float]], said: dict[str, tuple[float, float]]) -> None:
        """One moment: true places and said places, by name."""
        names, numbers = list(true), list(said)
        self.moments.update(names)
        if not names or not numbers:
            return
        apart = np.array([[np.hypot(*np.subtract(true[name], said[number])) for number in numbers] for name in names])
        stays = [[self.named[name][-1:] == [number] for number in numbers] for name in names]
        worth = np.where(apart <= MET_M, KEPT * np.array(stays) + MET_M - apart + 1e-6, 0.0)
        for row, column in zip(*best_pairs(worth), strict=True):
            if worth[row, column] > 0.0 and self.named[names[row]][-1:] != [numbers[column]]:
                self.named[names[row]].append(numbers[column])

    @property
    def switches(self) -> int:
        return sum(max(len(numbers) - 1, 0) for numbers in self.named.values())

    @property
    def kept(self) -> int:
        """How many people have one number, which nobody else has, from when they were first seen to the end."""
        users = Counter(number for numbers in self.named.values() for number in set(numbers))
        return sum(len(numbers) == 1 and users[numbers[0]] == 1 for numbers in self.named.values())


def three_cameras(store: Store) -> tuple[str, ...]:
    """The cameras to film with."""
    areas = (camera.id for camera in store.cameras if camera.role == "area")
    return tuple(sorted(areas, key=PREFERRED.index)[:CAMERAS])


def filmed(layout: int, cache: Path) -> Recording:
    """The recording of a layout's five shoppers, drawn if it is not in the cache."""
    folder = cache / f"layout-{layout}"
    if not (folder / "recording.yaml").exists():
        store = generate_layout(layout)
        scene = crowd(store, SHOPPERS, MINUTES, layout)
        record_pictures(scene, folder, Filming(three_cameras(store.store), FPS, SIZE, SENSOR), lambda *_: None)
    return read_recording(folder)


def looks_at(recording: Recording, cache: Path) -> list[Look]:
    """What the detector finds in the recording's pictures, by time; looked at if it is not in the cache."""
    path = cache / f"{recording.folder.name}.npz"
    if not path.exists():
        _write_looks(path, recording)
    with np.load(path) as stored:
        return list(_read_looks(stored))


def _write_looks(path: Path, recording: Recording) -> None:
    detector = PersonDetector(onnx_path("nanodet"), sizes=[SIZE])
    streams = []
    for recorded in recording.file.cameras:
        plan = recording.store.camera(recorded.id)
        assert plan is not None, "read_recording refuses a camera that the store does not know"
        streams.append(open_camera(recording.folder, recorded, plan, recording.file.duration_s).frames())
    watches = {recorded.id: PersonWatch(detector) for recorded in recording.file.cameras}
    rows, boxes, scores, looks = [], [], [], []
    for frame in heapq.merge(*streams, key=lambda frame: (frame.t_s, frame.camera)):
        found = watches[frame.camera].detect(frame)
        rows.append((frame.t_s, frame.camera, frame.index + 1, len(found)))
        boxes.append(found.boxes)
        scores.append(found.scores)
        looks.append(clothing(frame.image, found.boxes))
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        t_s=np.array([row[0] for row in rows]),
        camera=np.array([row[1] for row in rows]),
        frame=np.array([row[2] for row in rows]),
        count=np.array([row[3] for row in rows]),
        boxes=np.concatenate(boxes),
        scores=np.concatenate(scores),
        looks=np.concatenate(looks),
    )
    partial.rename(path)


def _read_looks(stored: Any) -> Iterator[Look]:
    ends = np.cumsum(stored["count"])
    boxes, scores, looks = stored["boxes"], stored["scores"], stored["looks"]
    for t_s, camera, frame, end, count in zip(
        stored["t_s"].tolist(),
        stored["camera"].tolist(),
        stored["frame"].tolist(),
        ends.tolist(),
        stored["count"].tolist(),
        strict=True,
    ):
        rows = slice(end - count, end)
        yield Look(t_s, camera, frame, Detections(boxes[rows], scores[rows]), looks[rows])


@dataclass
class Played:
    """What came of one layout."""

    people: PeopleScore
    walks: Walks
    spent_ms: float
    """Processor time a picture of tracking and joining."""


def play(recording: Recording, looks: Sequence[Look]) -> Played:
    """Follow and join what the detector found, and score it."""
    truth = read_checked_truth(recording)
    assert truth.floor is not None, "a simulated recording says where everybody stood"
    began = time.process_time()
    rows, said = follow(recording, looks)
    spent_ms = 1000.0 * (time.process_time() - began) / max(len(looks), 1)
    standing, walks = stood(truth.floor, said)
    frames = {camera: frozenset(look.frame for look in looks if look.camera == camera) for camera in rows}
    seen = {camera: Seen(tuple(rows[camera]), frames[camera]) for camera in rows}
    pictures = {camera: max(numbers) for camera, numbers in frames.items()}
    boxes = {camera: path for camera, path in truth.boxes.items() if camera in rows}
    return Played(score_people(boxes, seen, pictures, truth.floor, standing), walks, spent_ms)


def follow(
    recording: Recording, looks: Sequence[Look]
) -> tuple[dict[str, list[tuple[int, int, float, float, float, float]]], list[Person]]:
    """As the node does it: what each camera's tracker says, and who stands where on the floor."""
    store = recording.store
    cameras = sorted({look.camera for look in looks})
    trackers = {camera: Tracker() for camera in cameras}
    floors = {plan.id: Floor.of(plan) for plan in store.cameras if plan.id in cameras}
    joining = Joining(Doors(store))
    gate = [line for line in recording.gate if line.event == "enter"]
    rows: dict[str, list[tuple[int, int, float, float, float, float]]] = {camera: [] for camera in cameras}
    said: list[Person] = []
    for look in looks:
        while gate and gate[0].t_s <= look.t_s:
            joining.expect(gate[0].t_s, gate.pop(0).party)
        tracks = trackers[look.camera].update(certain(look.found), look.t_s, look.looks)
        here = []
        for track in tracks:
            if not track.confirmed:
                continue
            left, top, right, bottom = (float(value) for value in track.box)
            rows[look.camera].append((look.frame, track.number, left, top, right - left, bottom - top))
            place = floors[look.camera].under(track.box) if track.seen else None
            if place is not None:
                here.append(PersonOnFloor(look.t_s, look.camera, track.number, *place, look=look_of(track)))
        said += joining.saw(here)
        # Scored is what was said at the time, though it is put right afterwards.
        joining.renamed()
    return rows, said


def stood(floor: Sequence[FeetOnFloor], said: Sequence[Person]) -> tuple[list[Standing], Walks]:
    """Where everybody is said to stand at the moments of the truth, by what was known then; and who is who."""
    true: dict[float, dict[str, tuple[float, float]]] = defaultdict(dict)
    for feet in floor:
        true[feet.t_s][feet.shopper] = (feet.x_m, feet.y_m)
    standing, walks = [], Walks()
    last: dict[str, Person] = {}
    coming = iter(said)
    following = next(coming, None)
    for t_s, places in sorted(true.items()):
        while following is not None and following.t_s <= t_s:
            last[str(following.person)] = following
            following = next(coming, None)
        here = {name: (one.x_m, one.y_m) for name, one in last.items() if t_s - one.t_s <= STANDING_S}
        standing += [Standing(t_s, name, x_m, y_m) for name, (x_m, y_m) in here.items()]
        walks.add(places, here)
    return standing, walks


def report(played: dict[int, Played]) -> dict[str, Any]:
    """The figures of each layout, of those that were looked at and the others, and of all."""
    stores = {layout: _figures([one]) for layout, one in played.items()}
    groups = {
        "even": [one for layout, one in played.items() if layout % 2 == 0],
        "odd": [one for layout, one in played.items() if layout % 2 == 1],
        "all": list(played.values()),
    }
    return {"layouts": stores, **{name: _figures(those) for name, those in groups.items() if those}}


def _figures(played: Sequence[Played]) -> dict[str, Any]:
    feet_cm = 100.0 * np.array([apart for one in played for apart in one.people.feet_m])
    met = len(feet_cm) + sum(one.people.not_met for one in played)
    store = _sum([one.people.store for one in played if one.people.store is not None])
    kinds: dict[str, list[TrackScore]] = defaultdict(list)
    for one in played:
        for camera, score in one.people.cameras.items():
            kinds[camera].append(score)
    people = sum(len(one.walks.moments) for one in played)
    return {
        "hota": round(100.0 * store.hota.hota, 1),
        "idf1": round(100.0 * store.identity.idf1, 1),
        "people": people,
        "never_switched": round(sum(one.walks.kept for one in played) / max(people, 1), 3),
        "switches": sum(one.walks.switches for one in played),
        "met": round(len(feet_cm) / max(met, 1), 3),
        "feet_cm_p50": round(float(np.percentile(feet_cm, 50)), 1) if len(feet_cm) else None,
        "feet_cm_p90": round(float(np.percentile(feet_cm, 90)), 1) if len(feet_cm) else None,
        "ms_per_picture": round(sum(one.spent_ms for one in played) / len(played), 2),
        "cameras": {
            camera: {
                "hota": round(100.0 * (total := _sum(scores)).hota.hota, 1),
                "idf1": round(100.0 * total.identity.idf1, 1),
            }
            for camera, scores in sorted(kinds.items())
        },
    }


def _sum(scores: Sequence[TrackScore]) -> TrackScore:
    total = scores[0]
    for score in scores[1:]:
        total = total + score
    return total


def table(found: dict[str, Any]) -> Iterator[str]:
    """The figures as lines to read."""
    yield "store   people   HOTA   IDF1  never switched  switches   met  feet cm p50, p90  ms   cameras: HOTA, IDF1"
    groups = [(name, found[name]) for name in ("even", "odd", "all") if name in found]
    for name, row in [*found["layouts"].items(), *groups]:
        cameras = "  ".join(f"{camera} {each['hota']}, {each['idf1']}" for camera, each in row["cameras"].items())
        yield (
            f"{name:>5}  {row['people']:7d}  {row['hota']:5.1f}  {row['idf1']:5.1f}  {row['never_switched']:14.3f}"
            f"  {row['switches']:8d}  {row['met']:.3f}  {row['feet_cm_p50']!s:>7}, {row['feet_cm_p90']!s:>7}"
            f"  {row['ms_per_picture']:.2f}  {cameras}"
        )


def main() -> int:
    """Film what is not there, follow, join, score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="a folder for films and for what was found in them")
    parser.add_argument("--layouts", default="0,1,2,3,4,5,6,7,8,9", help="which, by number")
    parser.add_argument("--json", help="a file, or - for standard output")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.cache.mkdir(parents=True, exist_ok=True)
    played = {}
    for layout in (int(number) for number in options.layouts.split(",")):
        recording = filmed(layout, options.cache)
        played[layout] = play(recording, looks_at(recording, options.cache))
        sys.stderr.write(f"layout {layout} done\n")
    found = report(played)
    text = json.dumps(found, indent=2) + "\n"
    if options.json == "-":
        sys.stdout.write(text)
        return 0
    if options.json is not None:
        Path(options.json).write_text(text)
    sys.stdout.write("\n".join(table(found)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
