"""Measuring the ranges that a network's variant in eight bits is made from, on pictures of simulated stores.

The pictures are ours: nobody's face or shop is in them, and anybody can draw them again. Which stores they show is
fixed; the same Mesa draws the same pictures, and another one nearly the same.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from edge.perception.canvas import Canvas, sides
from hardware.ports import Image
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sensor.film import Jpeg
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.world import World
from models.cache import onnx_path
from models.quantise.folding import folded
from models.quantise.ranges import measured, write_ranges
from models.shaped import SIDE, shaped

FIRST, LAYOUTS = 500, 12
"""Layouts that nothing else in the project uses: what is scored is not measured on."""
SHOPPERS, MINUTES = 12, 1.0
FIRST_S, EVERY_S, MOMENTS = 12.0, 9.1, 4
SIZE = (640, 360)
JPEG_QUALITY = 85

Tell = Callable[[int, int], None]
"""Told how many layouts are done, and of how many."""


def pictures(tell: Tell, first: int = FIRST, layouts: int = LAYOUTS) -> Iterator[Image]:
    """What the area cameras of simulated stores show, through a mild sensor."""
    for number in range(first, first + layouts):
        layout = generate_layout(number)
        world, renderer = World(crowd(layout, SHOPPERS, MINUTES, number)), Renderer(layout)
        areas = [layout.viewpoint(camera.id) for camera in layout.store.cameras if camera.role == "area"]
        films = {
            view.camera: Film(Sensor(jpeg=Jpeg(JPEG_QUALITY)), stream(number, "film", view.camera)) for view in areas
        }
        for moment in range(MOMENTS):
            state = world.state(FIRST_S + moment * EVERY_S)
            for view in areas:
                shot = renderer.shoot_from(state, view, SIZE)
                assert shot.image is not None, "pictures were asked for"
                yield films[view.camera].develop(shot.image, view.fov_deg, state.t_s)
        renderer.release()
        tell(number - first + 1, layouts)


def quantise(network: str, out: Path, tell: Tell) -> str:
    """Measure the ranges of `network`'s maps and write them to `out`; the file's SHA-256, for lock.yaml."""
    canvas, scale = Canvas.of(*SIZE), SIDE / max(SIZE)
    model = shaped(onnx_path(network), *sides(*SIZE))
    counted = 0

    def shown() -> Iterator[Image]:
        nonlocal counted
        for image in pictures(tell):
            counted += 1
            yield image

    ranges = measured(folded(model), (canvas.filled(image, scale) for image in shown()))
    where = f"{counted} pictures of simulated stores, layouts {FIRST} to {FIRST + LAYOUTS - 1}, area cameras"
    return write_ranges(out, network, where, ranges)
