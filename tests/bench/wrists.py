"""How far wrists that are seen lie from where hands are, in simulated stores.

    python tests/bench/wrists.py --layouts 6 --records FILE.jsonl     draws, looks, and writes what was found
    python tests/bench/wrists.py --records FILE.jsonl                 only tells what stands there

People of a crowd are looked at whenever one of their hands is in a shelf, and as often at another moment, by the area
cameras of each layout, through the person detector, MoveNet and `wrist_place`, as the node does it; cameras are known
by their marked floor points. Compared is with the palm of that side, as `observations.jsonl` has it, and errors are in
centimetres. A hand is `seen` where its pixel in the id image is its owner's or what it holds. Only people within
`NEAR_M` of a gondola count. Simulated figures: never call them real.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.perception.detections import overlaps
from edge.perception.persons import PersonDetector
from edge.perception.pose import PoseFinder
from edge.perception.precision import person_network
from edge.perception.running import running_here
from edge.perception.wrist_place import NEAR_M, Rays, away_m, wrist_place
from edge.tracking.floor import Floor
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout
from hardware.simulated.layout.projection import project
from hardware.simulated.render.ids import IdImage, Ids
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.render.visible import visible
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sensor.film import Jpeg
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.pose import palm
from hardware.simulated.world.state import Person
from hardware.simulated.world.world import World
from models.cache import onnx_path

SIZE = (640, 360)
SHOPPERS, MINUTES = 8, 1.0
STEP_S, MOMENTS = 0.7, 10
IOU_MIN = 0.5
IN_SHELF_M = 0.05
"""A hand is in a shelf where its palm is at most so far before a gondola's front."""
SCORES = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7)
Record = dict[str, Any]


def in_shelf(layout: Layout, person: Person, side: Any) -> bool:
    x, y, _ = palm(person, side)
    return any(away_m(gondola, (x, y)) <= IN_SHELF_M for gondola in layout.store.gondolas)


def shows(ids: IdImage, names: Ids, person: Person, side: Any, pixel: Any) -> bool:
    """Whether the picture shows the hand where it is: it, or what it holds, within two pixels."""
    column, row = round(float(pixel[0])), round(float(pixel[1]))
    around = ids[max(row - 2, 0) : max(row + 3, 0), max(column - 2, 0) : max(column + 3, 0)]
    hand = person.left if side == "left" else person.right
    holds = None if hand is None else hand.holds
    there = {names.name(number) for number in np.unique(around).tolist()}
    return (f"{side} hand", person.id) in there or (holds is not None and ("item", holds) in there)


def nearest_cm(place: tuple[float, float, float], person: Person) -> float:
    """From the place to the nearer of the person's palms: networks mix up left and right, and nobody asks for them."""
    return min(100.0 * float(np.linalg.norm(np.subtract(place, palm(person, side)))) for side in ("left", "right"))


def moments(layout: Layout, world: World) -> list[float]:
    """When hands are in shelves, and as often when they are not, spread over the minute."""
    times = np.arange(8.0, 60.0 * MINUTES, STEP_S)
    busy = [
        any(in_shelf(layout, person, side) for person in world.state(float(t_s)).people for side in ("left", "right"))
        for t_s in times
    ]
    chosen: list[float] = []
    for which in (True, False):
        those = [float(t_s) for t_s, is_busy in zip(times, busy, strict=True) if is_busy is which]
        chosen += [those[n] for n in np.linspace(0, len(those) - 1, min(MOMENTS // 2, len(those))).astype(int)]
    return sorted(chosen)


def records(numbers: range) -> Iterator[Record]:
    running = running_here()
    detector = PersonDetector(person_network(running), running=running, sizes=[SIZE])
    finder = PoseFinder(onnx_path("movenet-lightning"), running)
    for number in numbers:
        layout = generate_layout(number)
        world, renderer = World(crowd(layout, SHOPPERS, MINUTES, number)), Renderer(layout)
        cameras = [camera for camera in layout.store.cameras if camera.role == "area"]
        for t_s in moments(layout, world):
            state = world.state(t_s)
            for camera in cameras:
                view, rays, floor = layout.viewpoint(camera.id), Rays.of(camera), Floor.of(camera)
                if rays is None:
                    continue
                film = Film(Sensor(jpeg=Jpeg(85)), stream(number, "film", camera.id, round(10.0 * t_s)))
                shot = renderer.shoot_from(state, view, camera.size)
                assert shot.image is not None
                assert shot.ids is not None
                image = film.develop(shot.image, view.fov_deg, t_s)
                found = detector.detect(image)
                things = [thing for thing in visible(shot.ids, shot.names) if thing.kind == "person"]
                people = {person.id: person for person in state.people}
                for thing in things:
                    x, y, wide, high = thing.box
                    truth = np.array([[x, y, x + wide, y + high]], np.float32)
                    if not len(found) or float(overlaps(truth, found.boxes).max()) < IOU_MIN:
                        continue
                    box = found.boxes[int(overlaps(truth, found.boxes)[0].argmax())]
                    place, person = floor.under(box), people[thing.id]
                    if place is None or min(away_m(g, place[:2]) for g in layout.store.gondolas) >= NEAR_M:
                        continue
                    for side, (u, v, score) in zip(("left", "right"), finder.wrists(image, box).tolist(), strict=True):
                        hand = palm(person, side)  # type: ignore[arg-type]
                        (pixel,), _ = project(view, camera.size, np.array([hand]))
                        at = wrist_place(rays, u, v, place[:2], layout.store.gondolas)
                        yield {
                            "layout": number,
                            "camera": camera.id,
                            "t_s": t_s,
                            "person": person.id,
                            "score": round(score, 3),
                            "shelf": in_shelf(layout, person, side),
                            "seen": shows(shot.ids, shot.names, person, side, pixel),
                            "box_px": round(float(box[3] - box[1]), 1),
                            "pixels": round(float(np.hypot(u - pixel[0], v - pixel[1])), 2),
                            "feet_cm": round(100.0 * float(np.hypot(place[0] - person.x, place[1] - person.y)), 1),
                            "cm": None
                            if at is None
                            else round(100.0 * float(np.linalg.norm(np.subtract(at, hand))), 1),
                            "any_cm": None if at is None else round(nearest_cm(at, person), 1),
                            "front": at is not None and any(away_m(g, at[:2]) < 0.01 for g in layout.store.gondolas),
                            "upright_cm": None if at is None else round(100.0 * float(at[2] - hand[2]), 1),
                        }
        renderer.release()
        sys.stderr.write(f"layout {number}\n")


def told(rows: list[Record]) -> str:
    """The records as tables."""
    groups: list[tuple[str, Callable[[Record], bool]]] = [
        ("all", lambda _: True),
        ("hand in a shelf", lambda row: bool(row["shelf"])),
        ("  and seen", lambda row: bool(row["shelf"] and row["seen"])),
        ("hand elsewhere", lambda row: not row["shelf"]),
    ]
    for kind in sorted({row["camera"].rstrip("0123456789") for row in rows}):
        groups.append((f"in a shelf, {kind}", partial(_in_shelf_before, kind)))
    heads = ("score from", "wrists", "placed", "p50 cm", "p90 cm", "<15 cm", "p50 px")
    lines = [f"{len(rows)} wrists", f"{'':26}" + "".join(f"{head:>11}" for head in heads)]
    for name, belongs in groups:
        for score in SCORES:
            those = [row for row in rows if belongs(row) and row["score"] >= score]
            placed = np.array([row["cm"] for row in those if row["cm"] is not None])
            if not len(placed):
                continue
            pixels = np.median([row["pixels"] for row in those])
            p50, p90 = np.percentile(placed, [50, 90])
            share = float((placed < 15.0).mean())
            lines.append(
                f"{name:26}{score:11.1f}{len(those):11}{len(placed):11}{p50:11.1f}{p90:11.1f}{share:11.2f}{pixels:11.1f}"
            )
    return "\n".join(lines) + "\n"


def _in_shelf_before(kind: str, row: Record) -> bool:
    return bool(row["shelf"] and row["camera"].startswith(kind))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layouts", type=int, default=0, help="how many to draw, numbered on from --first")
    parser.add_argument("--first", type=int, default=300)
    parser.add_argument("--records", type=Path, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.layouts:
        with options.records.open("w", encoding="utf-8") as file:
            for record in records(range(options.first, options.first + options.layouts)):
                file.write(json.dumps(record) + "\n")
                file.flush()
    sys.stdout.write(told([json.loads(line) for line in options.records.read_text(encoding="utf-8").splitlines()]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
