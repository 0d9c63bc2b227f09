"""The person detector's recall on the mock store's people: `tests/bench/person_recall.py --layouts 12 [--json FILE]`.

    --size 1920x1080 --wide --tiles 1x1,3x2    larger pictures, of one wide camera a layout, looked at in tiles, too

Every layout is looked at by four area cameras: from high on a wall, from the end of an aisle, from a corner under the
ceiling, from straight above. The pictures pass through a mild sensor (a little blur, vignette, noise, JPEG 85).

A person counts when at least `VISIBLE_MIN` of their silhouette shows (what others or the shop hide, and what lies
outside the picture, is missing) in a box at least `HEIGHT_MIN_PX` high: the box of their pixels in the id image.
Who shows less is nobody's fault: neither a miss, nor is a box on them false. Boxes are matched at IoU 0.5, the surest
first; a false box that lies on uncounted people by more than half is dropped. Simulated figures: never call them real.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.detections import Detections, overlaps
from edge.perception.persons import SCORE_MIN, PersonDetector
from edge.perception.precision import person_network
from edge.perception.running import running_here
from edge.perception.tiles import tiled
from hardware.ports import Image
from hardware.simulated.bodies.figure import figure
from hardware.simulated.bodies.pose import pose
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout, Viewpoint
from hardware.simulated.layout.projection import NEAR_M, project
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.render.visible import visible
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sensor.film import Jpeg
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.state import Person
from hardware.simulated.world.world import World

SIZE = (640, 360)
WIDE_FOV_DEG = 110.0
SHOPPERS, MINUTES = 12, 1.0
FIRST_S, EVERY_S, MOMENTS = 12.0, 5.3, 8
VISIBLE_MIN, HEIGHT_MIN_PX = 0.3, 24
IOU_MIN = 0.5
SCORES = (0.3, 0.5)
BEYOND = 2
"""Silhouettes are filled on a sheet so many times as wide and high as the picture: what lies outside is seen less."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """A person in one picture: box (left, top, right, bottom), the visible share, how far from the camera."""

    name: str
    box: tuple[float, float, float, float]
    share: float
    away_m: float

    @property
    def counts(self) -> bool:
        return self.share >= VISIBLE_MIN and self.box[3] - self.box[1] >= HEIGHT_MIN_PX


@dataclass
class Tally:
    """Persons by what they are like, and how many were found; boxes by camera kind, and how many were right."""

    persons: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    boxes: dict[str, list[bool]] = field(default_factory=dict)

    def person(self, kind: str, seen: Seen, found: bool) -> None:
        height = seen.box[3] - seen.box[1]
        for group, name in (
            ("all", "all"),
            ("camera", kind),
            ("height_px", _bin(height, (24, 40, 60, 110, 180))),
            ("distance_m", _bin(seen.away_m, (0, 2, 3, 4.5, 6))),
            ("visible", _bin(seen.share, (0.3, 0.5, 0.7, 0.9))),
        ):
            self.persons.setdefault((group, name), []).append(found)

    def box(self, kind: str, right: bool) -> None:
        for name in ("all", kind):
            self.boxes.setdefault(name, []).append(right)

    def report(self) -> dict[str, Any]:
        recall: dict[str, dict[str, Any]] = {}
        for (group, name), found in sorted(self.persons.items()):
            recall.setdefault(group, {})[name] = {"recall": _share(found), "persons": len(found)}
        precision = {name: {"precision": _share(r), "boxes": len(r)} for name, r in sorted(self.boxes.items())}
        return {"recall": recall, "precision": precision}


def _share(values: list[bool]) -> float:
    return round(sum(values) / max(len(values), 1), 3)


def _bin(value: float, edges: tuple[float, ...]) -> str:
    number = max(n for n, edge in enumerate(edges) if value >= edge or n == 0)
    end = f"-{edges[number + 1]:g}" if number + 1 < len(edges) else "+"
    return f"{edges[number]:g}{end}"


def cameras(layout: Layout) -> Iterator[Viewpoint]:
    """One camera of each kind, wherever this layout hangs its own."""
    room, rng = layout.room, stream(layout.seed, "person recall")
    x, y = room.x + room.width_m / 2.0, room.y + room.depth_m / 2.0
    up, far = room.height_m - 0.2, room.y + room.depth_m - 0.25
    side = room.x + 0.25 if rng.random() < 0.5 else room.x + room.width_m - 0.25
    yield Viewpoint("high oblique", (side, y, up), (x, y, 0.6), float(rng.uniform(72, 92)))
    yield Viewpoint("end of aisle", (x, room.y + 0.25, min(2.3, up)), (x, far, 0.9), float(rng.uniform(65, 85)))
    yield Viewpoint("corner", (side, far, up), (x, y, 0.6), float(rng.uniform(72, 92)))
    yield Viewpoint("straight above", (x, y, room.height_m - 0.05), (x, y, 0.0), float(rng.uniform(85, 105)))


def wide_cameras(layout: Layout) -> Iterator[Viewpoint]:
    """One camera that sees the whole store from a corner under the ceiling: people are small in its picture."""
    for view in cameras(layout):
        if view.camera == "corner":
            yield replace(view, camera="wide corner", fov_deg=WIDE_FOV_DEG)


def silhouette_px(person: Person, viewpoint: Viewpoint, size: tuple[int, int] = SIZE) -> int:
    """How many pixels the person would fill if nobody and nothing stood before them and the picture had no edge."""
    body = figure(person.body, person.height_m)
    pixels, depths = project(viewpoint, size, pose(body, person).vertices(body).astype(np.float64))
    if (depths < NEAR_M).any():
        return size[0] * size[1]
    sheet = np.zeros((size[1] * BEYOND, size[0] * BEYOND), np.uint8)
    moved = pixels + np.array(size) * (BEYOND - 1) / 2.0
    corners = np.clip(moved[body.levels[1]], -16000, 16000)
    for corner in np.round(corners).astype(np.int32):
        cv2.fillConvexPoly(sheet, corner, 1)
    return int(np.count_nonzero(sheet))


def people_seen(
    people: tuple[Person, ...], viewpoint: Viewpoint, things: Iterator[Any], size: tuple[int, int] = SIZE
) -> list[Seen]:
    by_name = {person.id: person for person in people}
    found = []
    for thing in things:
        if thing.kind != "person":
            continue
        person, (x, y, width, height) = by_name[thing.id], thing.box
        share = min(thing.pixels / max(silhouette_px(person, viewpoint, size), 1), 1.0)
        away_m = float(np.linalg.norm(np.subtract(viewpoint.eye, (person.x, person.y, person.height_m / 2.0))))
        found.append(Seen(person.id, (x, y, x + width, y + height), share, away_m))
    return found


def match(found: Detections, seen: list[Seen], score_min: float) -> tuple[set[str], list[tuple[int, bool]]]:
    """Whose box was found, and of the boxes that count which were right."""
    truth = np.array([one.box for one in seen], np.float32).reshape(-1, 4)
    taken: set[str] = set()
    judged: list[tuple[int, bool]] = []
    shared = overlaps(found.boxes, truth)
    for index in np.flatnonzero(found.scores >= score_min).tolist():
        free = [n for n, one in enumerate(seen) if one.counts and one.name not in taken and shared[index, n] >= IOU_MIN]
        if free:
            taken.add(seen[max(free, key=lambda n: float(shared[index, n]))].name)
            judged.append((index, True))
        elif not _on_uncounted(found.boxes[index], seen):
            judged.append((index, False))
    return taken, judged


def _on_uncounted(box: Floats, seen: list[Seen]) -> bool:
    area = float((box[2] - box[0]) * (box[3] - box[1]))
    for one in seen:
        if one.counts:
            continue
        across = min(box[2], one.box[2]) - max(box[0], one.box[0])
        down = min(box[3], one.box[3]) - max(box[1], one.box[1])
        if max(float(across), 0.0) * max(float(down), 0.0) > 0.5 * area:
            return True
    return False


def draw(image: Image, seen: list[Seen], taken: set[str], found: Detections, score_min: float) -> Image:
    """Green: found. Red: missed. Grey: not counted. Yellow: what the detector says."""
    shown = image.copy()
    for one in seen:
        colour = (0, 200, 0) if one.name in taken else (0, 0, 255) if one.counts else (150, 150, 150)
        left, top, right, bottom = (round(value) for value in one.box)
        cv2.rectangle(shown, (left, top), (right, bottom), colour, 1)
    for box, score in zip(found.boxes, found.scores, strict=True):
        if score >= score_min:
            left, top, right, bottom = (round(float(value)) for value in box)
            cv2.rectangle(shown, (left, top), (right, bottom), (0, 220, 220), 1)
            cv2.putText(shown, f"{score:.2f}", (left, top + 9), cv2.FONT_HERSHEY_SIMPLEX, 0.32, (0, 220, 220), 1)
    return shown


@dataclass(frozen=True)
class Asked:
    """What is to be looked at and how: pictures of `size`, by wide cameras or not, in each of `tiles`."""

    layouts: list[int]
    size: tuple[int, int]
    wide: bool
    tiles: list[tuple[int, int]]
    sheets: Path | None


def measure(asked: Asked) -> list[dict[str, Any]]:
    """Play, draw, detect and count, once for each way of tiling."""
    running = running_here()
    detector, sensor = PersonDetector(person_network(running), SCORE_MIN, running), Sensor(jpeg=Jpeg(85))
    ways = {tiles: tiled(detector, tiles) or detector for tiles in asked.tiles}
    tallies = {tiles: {score: Tally() for score in SCORES} for tiles in ways}
    runs = dict.fromkeys(ways, 0)
    views_of, pictures = wide_cameras if asked.wide else cameras, 0
    for number in asked.layouts:
        layout = generate_layout(number)
        world = World(crowd(layout, SHOPPERS, MINUTES, number))
        renderer = Renderer(layout)
        films = {view.camera: Film(sensor, stream(number, "film", view.camera)) for view in views_of(layout)}
        for moment in range(MOMENTS):
            state = world.state(FIRST_S + moment * EVERY_S)
            for view in views_of(layout):
                pictures += 1
                shot = renderer.shoot_from(state, view, asked.size)
                assert shot.image is not None
                assert shot.ids is not None
                image = films[view.camera].develop(shot.image, view.fov_deg, state.t_s)
                seen = people_seen(state.people, view, iter(visible(shot.ids, shot.names)), asked.size)
                for tiles, way in ways.items():
                    before = detector.network.runs
                    found = way.detect(image)
                    runs[tiles] += detector.network.runs - before
                    _count(tallies[tiles], view.camera, seen, found)
                    if asked.sheets is not None:
                        taken, _ = match(found, seen, SCORES[0])
                        name = f"{number:03d}-{view.camera.replace(' ', '-')}-{moment}-{tiles[0]}x{tiles[1]}.png"
                        cv2.imwrite(str(asked.sheets / name), draw(image, seen, taken, found, SCORES[0]))
        renderer.release()
    return [
        {
            "layouts": asked.layouts,
            "tiles": tiles,
            "pictures": pictures,
            "runs_a_picture": runs[tiles] / max(pictures, 1),
            "size": asked.size,
            "counted": {"visible_min": VISIBLE_MIN, "height_min_px": HEIGHT_MIN_PX, "iou_min": IOU_MIN},
            "score": {f"{score}": tally.report() for score, tally in tallies[tiles].items()},
        }
        for tiles in ways
    ]


def _count(tallies: dict[float, Tally], camera: str, seen: list[Seen], found: Detections) -> None:
    for score, tally in tallies.items():
        taken, judged = match(found, seen, score)
        for one in seen:
            if one.counts:
                tally.person(camera, one, one.name in taken)
        for _, right in judged:
            tally.box(camera, right)


def table(found: dict[str, Any]) -> str:
    """The figures as lines to read."""
    how = f"{found['tiles'][0]} x {found['tiles'][1]} tiles, {found['runs_a_picture']:.0f} runs a picture"
    lines = [f"\n{found['pictures']} pictures of {len(found['layouts'])} layouts, simulated; {how}"]
    for score, report in found["score"].items():
        lines.append(f"\nscore {score}")
        for group, rows in report["recall"].items():
            for name, row in rows.items():
                precision = report["precision"].get(name) if group in ("all", "camera") else None
                said = f"  precision {precision['precision']:.3f}" if precision else ""
                lines.append(f"  {group:10} {name:15} recall {row['recall']:.3f} of {row['persons']:4}{said}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layouts", type=int, default=12, help="how many, numbered on from --first")
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--json", help="a file, or - for standard output")
    parser.add_argument("--sheets", type=Path, help="a folder for every picture with truth and boxes over it")
    parser.add_argument("--size", default="640x360", help="of the pictures")
    parser.add_argument("--wide", action="store_true", help="one camera a layout, which sees all of it")
    parser.add_argument("--tiles", default="1x1", help="ways to look, with commas between: 1x1,3x2")
    options = parser.parse_args()
    if options.sheets is not None:
        options.sheets.mkdir(parents=True, exist_ok=True)
    ways = [_sides(text) for text in options.tiles.split(",")]
    layouts = list(range(options.first, options.first + options.layouts))
    found = measure(Asked(layouts, _sides(options.size), options.wide, ways, options.sheets))
    text = json.dumps(found[0] if len(found) == 1 else found, indent=2) + "\n"
    if options.json == "-":
        sys.stdout.write(text)
        return 0
    if options.json is not None:
        Path(options.json).write_text(text)
    sys.stdout.write("".join(table(each) for each in found))
    return 0


def _sides(text: str) -> tuple[int, int]:
    across, _, down = text.partition("x")
    return int(across), int(down)


if __name__ == "__main__":
    raise SystemExit(main())
