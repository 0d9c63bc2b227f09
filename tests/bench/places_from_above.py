"""Whom area cameras find before gondolas, and how far off: `python tests/bench/places_from_above.py [--layouts 46,57]`.

In each simulated store (a crowd of at most four inside) the first two gondolas are looked at by cameras that hang
differently: the layout's own area cameras, under the ceiling opposite the gondola, and the two shelf cameras at its
ends. Of everybody who truly stands within a metre of the gondola's front it is counted whom the arms network's heads
and the person network's boxes place within 60 cm; false is what they place farther from everybody. Simulated figures.
"""

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from edge.perception.arms_network import ArmsNetwork
from edge.perception.certainty import certain
from edge.perception.head_place import Place, stood
from edge.perception.needs import ARMS, PERSONS
from edge.perception.persons import SCORE_MIN, PersonDetector
from edge.perception.wrist_place import Rays
from edge.tracking.floor import Floor
from hardware.simulated.layout.from_above import with_cameras_from_above
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import on_floor
from hardware.simulated.layout.rig import FPS, two_cameras_and_a_scale
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.scene.no_crowding import no_more_than
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.sensor import Film
from hardware.simulated.streams import stream
from hardware.simulated.world.world import World
from models.cache import onnx_path
from protocol.store import Camera, Gondola

BEFORE_M, NEAR_M = 1.0, 0.6
EVERY_S, FROM_S, UNTIL_S = 5.1, 30.0, 230.0
SHOPPERS, MINUTES, INSIDE_MAX, GONDOLAS = 20, 4.0, 4, 2


@dataclass
class Found:
    """By one network in one kind of camera."""

    asked: int = 0
    false: int = 0
    off_m: list[float] = field(default_factory=list)

    def add(self, said: Sequence[Place], near: Sequence[Place], everybody: Sequence[Place]) -> None:
        """One picture's places, and where people truly are."""
        self.asked += len(near)
        free = list(said)
        for true in near:
            apart = sorted((math.dist(true, place), place) for place in free)
            if apart and apart[0][0] <= NEAR_M:
                self.off_m.append(apart[0][0])
                free.remove(apart[0][1])
        self.false += sum(min(math.dist(place, true) for true in everybody) > NEAR_M for place in said)

    def told(self) -> str:
        """As a person reads it."""
        middle, most = (float(value) for value in np.percentile(self.off_m or [math.nan], [50, 90]))
        share, false = len(self.off_m) / max(self.asked, 1), self.false / max(self.asked, 1)
        off = f"off {100.0 * middle:.0f} cm, nine of ten at most {100.0 * most:.0f}"
        return f"found {share:.3f} of {self.asked}, false {false:.3f} each, {off}"


def kind_of(camera: Camera) -> str:
    """How it hangs."""
    if camera.role == "shelf":
        return "shelf cameras at the ends"
    return "opposite, under the ceiling" if camera.id.startswith("over-") else "the layout's area cameras"


def from_front_m(gondola: Gondola, place: Place) -> float:
    """How far a place is from the gondola's front edge."""
    start, end = (np.array(on_floor(gondola, along, gondola.depth)) for along in (0.0, gondola.width))
    share = float(np.clip((np.array(place) - start) @ (end - start) / ((end - start) @ (end - start)), 0.0, 1.0))
    return float(np.linalg.norm(start + share * (end - start) - np.array(place)))


def cameras_of(gondola: Gondola, cameras: Sequence[Camera]) -> Iterator[Camera]:
    """Those that may see who stands before it."""
    for camera in cameras:
        own = camera.id.endswith(f"-{gondola.id}")
        if camera.floor_points and (own or (camera.role == "area" and not camera.id.startswith("over-"))):
            yield camera


def look(number: int, arms: ArmsNetwork, persons: PersonDetector, counts: dict[tuple[str, str], Found]) -> None:
    """Add one layout's pictures to `counts`."""
    layout = with_cameras_from_above(two_cameras_and_a_scale(generate_layout(number)), FPS)
    world = World(no_more_than(crowd(layout, SHOPPERS, MINUTES, 1000 + number), INSIDE_MAX))
    renderer = Renderer(layout)
    for gondola in layout.store.gondolas[:GONDOLAS]:
        for camera in cameras_of(gondola, layout.store.cameras):
            viewpoint, rays = layout.viewpoint(camera.id), Rays.of(camera)
            if rays is None:
                continue
            sensor, floor = sensor_of("good", viewpoint, camera.size, number), Floor.of(camera)
            film = Film(sensor, stream(number, camera.id))
            size, fov_deg = sensor.lens.canvas(camera.size, viewpoint.fov_deg)
            for t_s in np.arange(FROM_S, UNTIL_S, EVERY_S).tolist():
                state = world.state(t_s)
                everybody = [(person.x, person.y) for person in state.people]
                near = [place for place in everybody if from_front_m(gondola, place) < BEFORE_M]
                if not near:
                    continue
                shot = renderer.shoot_from(state, replace(viewpoint, fov_deg=fov_deg), size, ids=False)
                assert shot.image is not None, "a picture was asked for"
                image = film.develop(shot.image, viewpoint.fov_deg, t_s, camera.size)
                heads = [one.place for one in stood(rays, arms.look(image).heads)]
                found = certain(persons.detect(image))
                under = [floor.under(box) for box, score in zip(found.boxes, found.scores, strict=True) if score >= 0.5]
                boxes = [place[:2] for place in under if place is not None]
                counts[kind_of(camera), "heads"].add(heads, near, everybody)
                counts[kind_of(camera), "boxes"].add(boxes, near, everybody)
    renderer.release()


def main() -> None:
    """Look and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layouts", default="46,57,68,25")
    arms, persons = ArmsNetwork(onnx_path(ARMS)), PersonDetector(onnx_path(PERSONS), SCORE_MIN)
    counts: dict[tuple[str, str], Found] = defaultdict(Found)
    layouts = parser.parse_args().layouts.split(",")
    if not all(number.isdecimal() for number in layouts):
        parser.error("--layouts are whole numbers with commas between them, such as 46,57")
    for number in layouts:
        look(int(number), arms, persons, counts)
        sys.stderr.write(f"layout {number} is done\n")
    for (kind, by), found in sorted(counts.items()):
        sys.stdout.write(f"{kind}, by {by}: {found.told()}\n")


if __name__ == "__main__":
    main()
