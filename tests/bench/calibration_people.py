"""How exact cameras are that people calibrate, from pixels. Simulated stores; figures by hand.

    python tests/bench/calibration_people.py --cache DIR [--layouts 10] [--neither] [--pairs 1] [--json]

One person walks for two minutes among the shelves of each generated layout, as whoever calibrates would, and up to
three of its oblique area cameras (good sensors, lenses that bend, 640×360) take 2.5 pictures a second, not at once. The
person network finds boxes, the edge's tracker follows them. The films are drawn once (about 90 s a layout on one free
core) and only their boxes are kept in DIR, so that a calibration can be tried again in seconds.

- one known: each camera by the next one, which was calibrated by twelve marked points; clocks 0.35 s apart.
- neither known (--neither): two cameras by each other, laid on the plan by two marks in each picture, clicked with
  σ 1.5 px.

Printed: by how much the floor that the camera shows within 8 m is missed (half and nine tenths below, cm), on all of
it, where nobody walked too; and what the command says. Simulated figures: never call them real. Rules and the width of
what is said were set while looking at layouts 0 to 4; 5 to 9 tell what to expect.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.view import View
from edge.calibration.walkers.anchor import Mark, anchored
from edge.calibration.walkers.calibrating import Sight, calibrate_by_people
from edge.calibration.walkers.doubt import as_found
from edge.calibration.walkers.seen import Boxes
from edge.perception.certainty import certain
from edge.perception.detections import Detections
from edge.perception.needs import PERSONS
from edge.perception.persons import PersonDetector
from edge.tracking.tracker import Tracker
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.scene.scene import Enter, Go, Leave, Member, Scene, Step
from hardware.simulated.sensor.sensor import Film
from hardware.simulated.streams import stream
from hardware.simulated.world.world import World
from models.cache import onnx_path
from tests.bench.calibration import Hung, by_points, hung_in

Doubles = npt.NDArray[np.float64]

EVERY_S, SECONDS, FIRST_S = 0.4, 120.0, 3.0
APART_S = 0.13
"""Between the pictures of one camera and the next."""
CLOCK_OFF_S = 0.35
CAMERAS = 3
CLICK_PX = 1.5


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a camera: centimetres, half and nine tenths of the floor below; what was said; and the moments."""

    layout: int
    camera: str
    by: str
    p50: float
    p90: float
    said50: float
    said90: float
    pairs: int


def walk(layout: Layout) -> Scene:
    """One person who goes about the whole shop."""
    rng = stream(layout.seed, "calibration walk")
    slots = [facing.slot for facing in layout.store.planogram]
    steps = [Step(Enter())]
    for number in range(60):
        somewhere = Go(None, 0.3) if number % 3 else Go(slots[int(rng.integers(len(slots)))], 0.3)
        steps.append(Step(somewhere))
    member = Member("walker", "shopper", "walker", (*steps, Step(Leave())))
    return Scene(f"walk-{layout.seed}", layout.seed, layout, (member,))


def cameras_of(layout: Layout) -> list[Hung]:
    """Those that see people from the side: from straight above the person network finds hardly anybody."""
    return [hung for hung in hung_in(layout, "good") if hung.plan.id != "above"][:CAMERAS]


def filmed(seed: int, cache: Path) -> dict[str, list[dict[str, Any]]]:
    """By camera and picture: the time, and the network's boxes and scores; drawn where they are not in the cache."""
    path = cache / f"walk-{seed}.json"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"seed": seed, "cameras": _film(generate_layout(seed))}), encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = json.loads(path.read_text(encoding="utf-8"))["cameras"]
    return found


def _film(layout: Layout) -> dict[str, list[dict[str, Any]]]:
    detector, world, renderer = PersonDetector(onnx_path(PERSONS)), World(walk(layout)), Renderer(layout)
    cameras = cameras_of(layout)
    films = {
        hung.plan.id: Film(hung.sensor, np.random.default_rng(layout.seed * 10 + n)) for n, hung in enumerate(cameras)
    }
    found: dict[str, list[dict[str, Any]]] = {hung.plan.id: [] for hung in cameras}
    steps = int(min(SECONDS, world.timeline.duration_s - FIRST_S) / EVERY_S)
    for step in range(steps):
        for number, hung in enumerate(cameras):
            t_s = FIRST_S + step * EVERY_S + APART_S * number
            size, viewpoint = hung.plan.size, hung.viewpoint
            canvas, fov_deg = hung.lens.canvas(size, viewpoint.fov_deg)
            shot = renderer.shoot_from(world.state(t_s), replace(viewpoint, fov_deg=fov_deg), canvas, ids=False)
            assert shot.image is not None
            image = films[hung.plan.id].develop(shot.image, viewpoint.fov_deg, t_s, size)
            boxes = detector.detect(image)
            row = {"t": t_s, "boxes": np.round(boxes.boxes, 2).tolist(), "scores": np.round(boxes.scores, 3).tolist()}
            found[hung.plan.id].append(row)
    renderer.release()
    return found


def followed(pictures: list[dict[str, Any]], later_s: float) -> Boxes:
    """Who is followed through a camera's pictures, as the edge does it; by a clock that is so much late."""
    tracker, rows = Tracker(), []
    for picture in pictures:
        boxes = np.array(picture["boxes"], np.float32).reshape(-1, 4)
        for track in tracker.update(
            certain(Detections(boxes, np.array(picture["scores"], np.float32))), float(picture["t"])
        ):
            if track.confirmed and track.seen:
                rows.append([picture["t"] + later_s, track.number, *(float(side) for side in track.box)])
    return Boxes.of(np.array(rows, np.float64).reshape(-1, 6))


def off_cm(hung: Hung, view: View) -> tuple[float, float]:
    """By how much the floor is missed: half and nine tenths below."""
    places, pixels = hung.seen(hung.plan.size)
    off = 100.0 * np.hypot(*(view.floor(pixels) - places).T)
    half, most = np.percentile(np.where(np.isfinite(off), off, 1e4), [50, 90]).tolist()
    return half, most


def marks(cameras: tuple[Hung, Hung], rng: np.random.Generator) -> list[Mark]:
    """Two marks far apart in each picture, as somebody clicks them."""
    found = []
    for number, hung in enumerate(cameras):
        places, pixels = hung.seen(hung.plan.size)
        one = int(rng.integers(len(places)))
        for index in (one, int(np.argmax(np.hypot(*(places - places[one]).T)))):
            u, v = (pixels[index] + rng.normal(0.0, CLICK_PX, 2)).clip(0.0, np.array(hung.plan.size)).tolist()
            found.append(Mark(number, (u, v), (float(places[index][0]), float(places[index][1]))))
    return found


def _laid(clicked: list[Mark], views: tuple[View, View]) -> tuple[View, View]:
    return anchored(views, clicked).views


def measured(seed: int, cache: Path, *, neither: bool, pairs_max: int) -> Iterator[Row | str]:
    """A row for each camera that people calibrate in a layout, or why they cannot."""
    layout = generate_layout(seed)
    cameras = {hung.plan.id: hung for hung in cameras_of(layout)}
    pictures = filmed(seed, cache)
    names = list(cameras)
    pairs = list(zip(names, names[1:] + names[:1], strict=True)) if len(names) > 2 or not neither else [tuple(names)]
    for name, other in pairs[:pairs_max]:
        hung, beside = cameras[name], cameras[other]
        mine = Sight(name, hung.plan.size, followed(pictures[name], 0.0))
        theirs = Sight(other, beside.plan.size, followed(pictures[other], CLOCK_OFF_S))
        clicked = marks((beside, hung), np.random.default_rng(seed))
        known = None if neither else by_points(beside)[1]
        try:
            lay = partial(_laid, clicked) if neither else as_found
            found = calibrate_by_people(mine, theirs, known, lay=lay)
        except CalibrationError as error:
            yield f"layout {seed}, {name} by {other}: {error}"
            continue
        told = [(hung, found.view, found.errors_cm, other)]
        if neither:
            told.append((beside, found.other, found.other_errors_cm, name))
        for each, view, errors_cm, by in told:
            said50, said90 = np.percentile(errors_cm, [50, 90]).tolist()
            yield Row(seed, each.plan.id, by, *off_cm(each, view), said50, said90, found.pairs)


def tell(line: str) -> None:
    """A line of the table."""
    print(line, file=sys.stderr if "--json" in sys.argv else sys.stdout, flush=True)


def summed(rows: list[Row], refused: list[str]) -> dict[str, Any]:
    """What all have in common, over those that were told (`refused` beside)."""
    told: dict[str, Any] = {"cameras": len(rows), "refused": len(refused)}
    if rows:
        told |= {
            "p50_cm": statistics.fmean(row.p50 for row in rows),
            "p50_median_cm": statistics.median(row.p50 for row in rows),
            "p90_cm": statistics.fmean(row.p90 for row in rows),
            "p50_worst_cm": max(row.p50 for row in rows),
            "p90_worst_cm": max(row.p90 for row in rows),
            "said_p50_cm": statistics.fmean(row.said50 for row in rows),
            "said_p90_cm": statistics.fmean(row.said90 for row in rows),
        }
    return told


def main() -> None:
    """Go through the layouts and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--layouts", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--neither", action="store_true")
    parser.add_argument("--pairs", type=int, default=3, help="of each layout at the most")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows: list[Row] = []
    refused: list[str] = []
    tell("layout  camera   by          p50     p90   said p50  said p90  moments")
    for seed in range(given.first, given.first + given.layouts):
        for row in measured(seed, given.cache, neither=given.neither, pairs_max=given.pairs):
            if isinstance(row, str):
                refused.append(row)
                tell(f"refused: {row}")
                continue
            rows.append(row)
            tell(
                f"{row.layout:6d}  {row.camera:8s} {row.by:8s} {row.p50:7.1f} {row.p90:7.1f} {row.said50:10.1f} "
                f"{row.said90:9.1f} {row.pairs:8d}"
            )
    result = {"all": summed(rows, refused)}
    for name, seeds in (("0-4", range(5)), ("5-9", range(5, 10))):
        part = [row for row in rows if row.layout in seeds]
        result[name] = summed(part, [line for line in refused if int(line.split()[1].strip(",")) in seeds])
    for name, told in result.items():
        tell(f"{name:4s} " + "  ".join(f"{key} {value:.1f}" for key, value in told.items()))
    if given.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
