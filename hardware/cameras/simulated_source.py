"""A camera of a generated mock store as a live source: `simulated:LAYOUT/CAMERA`.

Every process on a machine reads the same monotonic clock, so the cameras of one layout show the same shoppers at the
same moments, whenever each was opened; a scene of some minutes is played over and over.
"""

import time
from collections.abc import Iterator

from hardware.cameras.picture import Picture, SourceEnded, finished
from hardware.ports import Image
from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.cameras import with_cameras
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.world import World

SHOPPERS = 4
SCENE_MINUTES = 3.0


class SimulatedSource:
    """The camera CAMERA of generated layout number LAYOUT, drawn at `size` (width, height) when it is asked for."""

    def __init__(self, which: str, size: tuple[int, int], fps_max: float) -> None:
        self._layout, _, self._camera = which.partition("/")
        self._size = size
        self._step_s = 1.0 / fps_max
        self._drawn: tuple[World, Renderer, Viewpoint, Film] | None = None

    def open(self, within_s: float) -> None:  # noqa: ARG002 - it takes what it takes
        """Build the shop. Raises SourceEnded for a layout or camera that is none, or where this machine cannot draw."""
        if not self._layout.isascii() or not self._layout.isdigit():
            raise SourceEnded(
                f"'simulated:{self._layout}/…' names no layout; write a number, as simulated:3/corner1", "never"
            )
        seed = int(self._layout)
        try:
            layout = with_cameras(generate_layout(seed))
            known = [viewpoint.camera for viewpoint in layout.viewpoints]
            if self._camera not in known:
                raise SourceEnded(f"layout {seed} has no camera {self._camera!r}; it has {', '.join(known)}", "never")
            world = World(crowd(layout, SHOPPERS, SCENE_MINUTES, seed))
            film = Film(Sensor(), stream(seed, "live sensor", self._camera))
            self._drawn = (world, Renderer(layout), layout.viewpoint(self._camera), film)
        except SimulationError as error:
            raise SourceEnded(str(error), "later") from None

    def pictures(self) -> Iterator[Picture]:
        """Pictures at their rate, or as fast as they can be drawn; never the end."""
        assert self._drawn is not None, "open comes first"
        world, renderer, viewpoint, film = self._drawn
        due_s = time.monotonic()
        while True:
            time.sleep(max(0.0, due_s - time.monotonic()))
            taken_s = time.monotonic()
            due_s = max(due_s + self._step_s, taken_s)
            shot = renderer.shoot_from(
                world.state(taken_s % world.timeline.duration_s), viewpoint, self._size, ids=False
            )
            assert shot.image is not None, "a picture was asked for"
            image: Image = film.develop(shot.image, viewpoint.fov_deg, taken_s)
            yield finished(taken_s, time.monotonic(), image)

    def close(self) -> None:
        """Nothing outlives the process."""
