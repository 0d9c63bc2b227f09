"""Draws pictures of people at simulated shelves, to train the arms network on.

    python -m models.arms.training.draw --layouts 200-299 --out DIR [--each 45] [--overhead 0.5]

Every layout is another store; in it cameras are hung by chance as installers hang shelf cameras (`_viewpoint`), and,
as often as `--overhead` says, area cameras under the ceiling, over whoever walks or stands there (`_overhead`). Beside
each picture lies a map of who is where: 0 nobody, else the number of the person, from 1. One line a picture goes to
labels.jsonl:

    {"file", "bodies", "layout", "people": [[head_u, head_v, radius, share, stands_u, stands_v], …],
     "hands": [[number, x, y, width, height, scored], …]}

Pixels of the picture. A head's middle, and where its owner stands on the floor, may lie beyond the picture; of a head
that is behind the camera `radius` is 0. `share`: how much of the head shows. `number` is the hand's owner's.
"""

import argparse
import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hardware.simulated.bodies.figure import Part
from hardware.simulated.cameras import _canvas
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout, Viewpoint, on_floor
from hardware.simulated.recording.labels import Sight, labels_of
from hardware.simulated.recording.outline import NEAR_M, corners_of
from hardware.simulated.render.ids import FIRST_ITEM
from hardware.simulated.render.people import Posed
from hardware.simulated.render.renderer import Renderer, Shot
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.world.timeline import Life, Reach
from hardware.simulated.world.world import World
from models.shelf.training.draw import viewpoint_of_reach
from protocol.store import Gondola

SIZES = ((416, 312), (416, 312), (416, 234))
SHOPPERS, MINUTES = 10, 0.6
MOMENTS = 3
"""Pictures from one place: two with a hand there, one at any time."""
OTHERS = ("facing", "oblique", "above", "behind", "close")
ON_FRAME = 0.6
"""How often a shelf camera hangs before a gondola as in a small shop; else anywhere."""
MARGIN = 2.0
"""What stands farther outside than this, in pictures, is told as standing there."""


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layouts", required=True, help="FROM-TO, both drawn")
    parser.add_argument("--each", type=int, default=45, help="pictures a layout")
    parser.add_argument("--overhead", type=float, default=0.0, help="share of cameras under the ceiling, 0 to 1")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    first, last = (int(part) for part in asked.layouts.split("-"))
    asked.out.mkdir(parents=True, exist_ok=True)
    for number in range(first, last + 1):
        made = draw(number, asked.each, asked.out, asked.overhead)
        print(f"layout {number}: {made} pictures", flush=True)  # noqa: T201 - a script that takes minutes


def draw(number: int, each: int, out: Path, overhead: float = 0.0) -> int:
    """Draw layout `number` and add its labels to labels.jsonl in `out`; how many pictures it made."""
    layout = generate_layout(number)
    world = World(crowd(layout, SHOPPERS, MINUTES, number))
    reaches = [(life, reach) for life in world.timeline.lives for reach in life.reaches]
    if not reaches:
        return 0
    rng = np.random.default_rng([number, 21])
    renderer = Renderer(layout)
    made = 0
    with (out / "labels.jsonl").open("a", encoding="utf-8") as lines:
        while made < each:
            life, reach = reaches[int(rng.integers(len(reaches)))]
            moments = [float(rng.uniform(reach.out_s + 0.1, reach.home_s - 0.1)) for _ in range(MOMENTS - 1)]
            if rng.random() < overhead:
                t_s = float(rng.uniform(life.from_s, life.to_s))
                moments = [t_s, min(t_s + float(rng.uniform(1.0, 6.0)), life.to_s)]
                viewpoint = _overhead(layout, life, t_s, rng)
            else:
                viewpoint = _viewpoint(layout, life, reach, rng)
            size = SIZES[int(rng.integers(len(SIZES)))]
            sensor = sensor_of(("good", "worn", "bad")[int(rng.integers(3))], viewpoint, size, int(rng.integers(2**31)))
            film = Film(sensor, rng)
            for t_s in sorted([*moments, float(rng.uniform(0.0, 60.0 * MINUTES + 30.0))]):
                name = f"{number:04}-{made:03}"
                line = _picture(world, renderer, viewpoint, t_s, film=film, sensor=sensor, size=size, to=out / name)
                if line is not None:
                    line = {"file": f"{name}.jpg", "bodies": f"{name}.png", "layout": number, **line}
                    lines.write(json.dumps(line) + "\n")
                    made += 1
    renderer.release()
    return made


def _picture(
    world: World,
    renderer: Renderer,
    viewpoint: Viewpoint,
    t_s: float,
    *,
    film: Film,
    sensor: Sensor,
    size: tuple[int, int],
    to: Path,
) -> dict[str, Any] | None:
    """Draw one picture and write it, and its map, as `to`; its labels, None where nobody is in it."""
    state = world.state(t_s)
    drawn, fov_deg = _canvas(sensor.lens, size, viewpoint.fov_deg)
    shot = renderer.shoot_from(state, _wide(viewpoint, fov_deg), drawn)
    assert shot.image is not None, "a picture was asked for"
    assert shot.ids is not None, "ids were asked for"
    image = film.develop(shot.image, viewpoint.fov_deg, t_s, size)
    ids = sensor.lens.bend_ids(shot.ids, viewpoint.fov_deg, size)
    sight = Sight(viewpoint, sensor.lens, size)
    labels = labels_of(Shot(image, ids, shot.names, shot.people), state, world.scene.layout, sight, products=False)
    numbers = {person.id: number for number, person in enumerate(state.people, start=1)}
    bodies = np.where(ids < FIRST_ITEM, ids // 4, 0).astype(np.uint8)
    for place, item in enumerate(state.items):
        if item.place == "hand":
            bodies[ids == place + FIRST_ITEM] = numbers.get(item.where, 0)
    if not bodies.any():
        return None
    people = [_person(posed, bodies == numbers[posed.person.id], sight) for posed in shot.people]
    hands = [
        [numbers[hand.id], *(round(value, 1) for value in hand.box), int(hand.scored)]
        for hand in labels.hands
        if hand.id in numbers
    ]
    cv2.imwrite(f"{to}.jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    cv2.imwrite(f"{to}.png", bodies)
    return {"people": people, "hands": hands}


def _wide(viewpoint: Viewpoint, fov_deg: float) -> Viewpoint:
    return Viewpoint(viewpoint.camera, viewpoint.eye, viewpoint.target, fov_deg)


def _person(posed: Posed, shown: np.ndarray, sight: Sight) -> list[float]:
    """Head's middle, radius, the share of it that shows, and where they stand, all in pixels."""
    figure = corners_of(posed.figure)
    points = posed.pose.vertices(figure).astype(np.float64)
    head = points[figure.parts == Part.HEAD]
    stands = np.array([[posed.person.x, posed.person.y, 0.0]])
    middle = (head.min(axis=0) + head.max(axis=0)) / 2.0
    pixels, depth = sight.lens.project(sight.viewpoint, sight.size, np.concatenate([middle[None], stands, head]))
    pixels = pixels.clip(-MARGIN * max(sight.size), (1.0 + MARGIN) * max(sight.size))
    if depth[0] < NEAR_M or (depth[2:] < NEAR_M).any():
        return [0.0] * 6
    around = pixels[2:]
    radius = float(np.linalg.norm(around - pixels[0], axis=1).mean())
    whole = np.rint(around - 0.5).astype(int)
    inside = ((whole >= 0) & (whole < np.array(sight.size))).all(axis=1)
    share = float(shown[whole[inside, 1], whole[inside, 0]].sum()) / len(whole)
    stood = pixels[1] if depth[1] >= NEAR_M else pixels[0]
    return [round(float(value), 2) for value in (*pixels[0], radius, share, *stood)]


def _viewpoint(layout: Layout, life: Life, reach: Reach, rng: np.random.Generator) -> Viewpoint:
    if rng.random() >= ON_FRAME:
        return viewpoint_of_reach(layout, life, reach, OTHERS[int(rng.integers(len(OTHERS)))], rng)
    gondola = min(layout.store.gondolas, key=lambda each: math.dist(each.origin, reach.target[:2]))
    return _before(layout, gondola, rng)


def _overhead(layout: Layout, life: Life, t_s: float, rng: np.random.Generator) -> Viewpoint:
    """A camera under the ceiling that looks down, straight or aslant, at where somebody is at `t_s`."""
    uniform, room = rng.uniform, layout.room
    tick = min(int((t_s - life.from_s) / max(life.to_s - life.from_s, 1e-6) * len(life.xy)), len(life.xy) - 1)
    at = life.xy[tick] + rng.normal(0.0, 0.5, 2)
    way, away = uniform(0.0, math.tau), uniform(0.0, 3.2)
    eye = (
        float(np.clip(at[0] + away * math.cos(way), room.x + 0.05, room.x + room.width_m - 0.05)),
        float(np.clip(at[1] + away * math.sin(way), room.y + 0.05, room.y + room.depth_m - 0.05)),
        float(room.height_m - uniform(0.05, 0.4)),
    )
    target = (float(at[0]), float(at[1]), float(uniform(0.5, 1.4)))
    if math.dist(eye[:2], target[:2]) < 0.02:
        target = (target[0] + 0.05, target[1], target[2])
    return Viewpoint("chance", eye, target, float(uniform(65, 105)))


def _before(layout: Layout, gondola: Gondola, rng: np.random.Generator) -> Viewpoint:
    """A camera above the aisle at a gondola's side or before it, that looks along its front and down."""
    uniform, room = rng.uniform, layout.room
    boards = [shelf.height for shelf in gondola.shelves]
    along = uniform(-0.6, 0.3) if rng.random() < 0.5 else uniform(-0.3, 0.6) + gondola.width
    eye = on_floor(gondola, along, gondola.depth + uniform(0.3, 1.5))
    at = on_floor(gondola, gondola.width * uniform(0.2, 0.8), gondola.depth + uniform(-0.2, 0.3))
    up = min(uniform(1.9, 2.9), room.height_m - 0.05)
    return Viewpoint(
        "chance",
        (
            float(np.clip(eye[0], room.x + 0.05, room.x + room.width_m - 0.05)),
            float(np.clip(eye[1], room.y + 0.05, room.y + room.depth_m - 0.05)),
            up,
        ),
        (float(at[0]), float(at[1]), float(uniform(min(boards), max(boards)) + uniform(-0.1, 0.4))),
        float(uniform(55, 95)),
    )


if __name__ == "__main__":
    main()
