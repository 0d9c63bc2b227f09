"""Draws pictures of simulated shelves with their labels, to train the shelf network on.

    python -m models.shelf.training.draw --layouts 0-47 --out DIR [--each 60]

Every layout is another store; in it cameras are hung by chance as installers hang them (`_eye`), around the places
where hands reach, and pictures are taken while hands are there, before and after. Beside each picture lies a mask of
the people and of what they hold, by which they can be cut out. One line a picture goes to labels.jsonl:

    {"file", "mask", "layout", "place", "boxes": [[kind, x, y, width, height, visibility, scored], …]}

kind is "hand" or "product"; pixels of the picture; `scored` 0: too small or too hidden to be asked for. The same goes
to coco.json, to score with `tillfree evaluate hands`: what is not to be asked for is iscrowd there.
"""

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from hardware.simulated.cameras import _canvas
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout, Viewpoint, facing_yaw
from hardware.simulated.recording.labels import Labels, Sight, labels_of
from hardware.simulated.render.ids import FIRST_ITEM
from hardware.simulated.render.renderer import Renderer, Shot
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.world.timeline import Life, Reach
from hardware.simulated.world.world import World

SIZES = ((416, 312), (416, 234))
PLACES = ("facing", "oblique", "close", "cabinet", "above", "behind")
SHOPPERS, MINUTES = 8, 0.6
MOMENTS = 3
"""Pictures from one place: two with the hand there, one without it."""


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layouts", required=True, help="FROM-TO, both drawn")
    parser.add_argument("--each", type=int, default=60, help="pictures a layout")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    first, last = (int(part) for part in asked.layouts.split("-"))
    asked.out.mkdir(parents=True, exist_ok=True)
    for number in range(first, last + 1):
        count = draw(number, asked.each, asked.out)
        print(f"layout {number}: {count} pictures", flush=True)  # noqa: T201 - a script that takes minutes
    (asked.out / "coco.json").write_text(json.dumps(_coco((asked.out / "labels.jsonl").read_text(encoding="utf-8"))))


def _coco(lines: str) -> dict[str, object]:
    """The labels as COCO JSON."""
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        entry = json.loads(line)
        images.append({"id": number, "file_name": entry["file"]})
        for kind, *box, _, scored in entry["boxes"]:
            category = 1 if kind == "hand" else 2
            one = {"id": len(annotations) + 1, "image_id": number, "category_id": category}
            annotations.append({**one, "bbox": box, "iscrowd": 1 - scored})
    categories = [{"id": 1, "name": "hand"}, {"id": 2, "name": "product"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def draw(number: int, each: int, out: Path) -> int:
    """Draw layout `number` and add its labels to labels.jsonl in `out`; how many pictures it made."""
    layout = generate_layout(number)
    world = World(crowd(layout, SHOPPERS, MINUTES, number))
    reaches = [(life, reach) for life in world.timeline.lives for reach in life.reaches]
    if not reaches:
        return 0
    rng = np.random.default_rng([number, 20])
    renderer = Renderer(layout)
    made = 0
    with (out / "labels.jsonl").open("a", encoding="utf-8") as lines:
        while made < each:
            life, reach = reaches[int(rng.integers(len(reaches)))]
            place = PLACES[int(rng.integers(len(PLACES)))]
            viewpoint = viewpoint_of_reach(layout, life, reach, place, rng)
            size = SIZES[int(rng.integers(len(SIZES)))]
            sensor = sensor_of(("good", "worn", "bad")[int(rng.integers(3))], viewpoint, size, int(rng.integers(2**31)))
            moments = _moments(reach, rng)
            for image, mask, labels in _shots(world, renderer, viewpoint, moments, sensor=sensor, size=size, rng=rng):
                name = f"{number:04}-{made:03}"
                cv2.imwrite(str(out / f"{name}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
                cv2.imwrite(str(out / f"{name}.png"), mask)
                line = {"file": f"{name}.jpg", "mask": f"{name}.png", "layout": number, "place": place}
                lines.write(json.dumps({**line, "boxes": _boxes(labels)}) + "\n")
                made += 1
    renderer.release()
    return made


def _moments(reach: Reach, rng: np.random.Generator) -> list[float]:
    on_its_way = sorted(rng.uniform(reach.out_s + 0.1, reach.home_s - 0.1, MOMENTS - 1).tolist())
    return [max(reach.out_s - float(rng.uniform(0.5, 6.0)), 0.0), *on_its_way]


def _shots(
    world: World,
    renderer: Renderer,
    viewpoint: Viewpoint,
    moments: list[float],
    *,
    sensor: Sensor,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> Iterator[tuple[np.ndarray, np.ndarray, Labels]]:
    drawn, fov_deg = _canvas(sensor.lens, size, viewpoint.fov_deg)
    film = Film(sensor, rng)
    for t_s in moments:
        state = world.state(t_s)
        shot = renderer.shoot_from(state, replace(viewpoint, fov_deg=fov_deg), drawn)
        assert shot.image is not None, "a picture was asked for"
        assert shot.ids is not None, "ids were asked for"
        image = film.develop(shot.image, viewpoint.fov_deg, t_s, size)
        ids = sensor.lens.bend_ids(shot.ids, viewpoint.fov_deg, size)
        held = [place for place, item in enumerate(state.items) if item.place == "hand"]
        people = ((ids > 0) & (ids < FIRST_ITEM)) | np.isin(ids, np.array(held, np.int64) + FIRST_ITEM)
        bent = Shot(image, ids, shot.names, shot.people)
        yield (
            image,
            people.astype(np.uint8) * 255,
            labels_of(bent, state, world.scene.layout, Sight(viewpoint, sensor.lens, size)),
        )


def _boxes(labels: Labels) -> list[list[object]]:
    found: list[list[object]] = []
    for kind, group in (("hand", labels.hands), ("product", labels.products)):
        for label in group:
            box = [round(value, 1) for value in label.box]
            found.append([kind, *box, round(label.visibility, 2), int(label.scored)])
    return found


def viewpoint_of_reach(layout: Layout, life: Life, reach: Reach, place: str, rng: np.random.Generator) -> Viewpoint:
    """A camera that looks at where the hand reaches, past it by a little."""
    x, y, z = reach.target
    # Whoever reaches faces the shelf: the way out of it is the way back to them.
    tick = min(max(int((reach.in_s - life.from_s) / (life.to_s - life.from_s) * len(life.yaw)), 0), len(life.yaw) - 1)
    yaw = _front(layout, reach) if place == "cabinet" else float(life.yaw[tick])
    eye, fov = _eye((x, y, z), yaw, place, layout.room.height_m, rng)
    room = layout.room
    eye = (
        float(np.clip(eye[0], room.x + 0.05, room.x + room.width_m - 0.05)),
        float(np.clip(eye[1], room.y + 0.05, room.y + room.depth_m - 0.05)),
        float(np.clip(eye[2], 0.1, room.height_m - 0.05)),
    )
    aside = rng.normal(0.0, 0.08 if place in ("close", "cabinet") else 0.2, 3)
    target = (x + float(aside[0]), y + float(aside[1]), z + 0.05 + float(aside[2]))
    if math.dist(eye[:2], target[:2]) < 0.02:
        target = (target[0] + 0.05, target[1], target[2])
    return Viewpoint("chance", eye, target, fov)


def _front(layout: Layout, reach: Reach) -> float:
    """The way that somebody looks who stands before the gondola nearest to the reach's target."""
    near = min(layout.store.gondolas, key=lambda each: math.dist(each.origin, reach.target[:2]))
    return facing_yaw(near)


def _eye(
    target: tuple[float, float, float], yaw: float, place: str, ceiling_m: float, rng: np.random.Generator
) -> tuple[tuple[float, float, float], float]:
    """Where the camera hangs and its view across: `yaw` is the way that the shopper looks."""

    def out(away_m: float, turned: float, up_m: float) -> tuple[float, float, float]:
        way = yaw + math.pi + turned
        return target[0] + away_m * math.cos(way), target[1] + away_m * math.sin(way), up_m

    uniform = rng.uniform
    if place == "facing":  # across the aisle, high
        return out(uniform(1.0, 1.7), uniform(-0.3, 0.3), uniform(1.6, 2.5)), uniform(45, 75)
    if place == "oblique":  # on the frame or the ceiling, beside
        side = 1.0 if rng.random() < 0.5 else -1.0
        return out(uniform(0.5, 1.6), side * uniform(0.5, 1.4), target[2] + uniform(-0.2, 1.2)), uniform(50, 90)
    if place == "close":  # a webcam on a tripod before a small shelf
        return out(uniform(0.3, 0.8), uniform(-1.0, 1.0), target[2] + uniform(0.0, 0.5)), uniform(50, 80)
    if place == "cabinet":  # inside, on the edge of the board above or the roof
        return out(uniform(0.05, 0.35), uniform(-0.6, 0.6), target[2] + uniform(0.2, 0.45)), uniform(70, 105)
    if place == "above":
        up = min(target[2] + uniform(0.5, 1.6), ceiling_m - 0.05)
        return out(uniform(0.0, 0.4), uniform(-3.0, 3.0), up), uniform(55, 100)
    return out(uniform(1.4, 2.4), uniform(-0.9, 0.9), uniform(1.4, 2.6)), uniform(40, 65)  # behind people


if __name__ == "__main__":
    main()
