"""The demo's shop: two tables, three shoppers, drawn as they go; and what they really took."""

from dataclasses import replace
from pathlib import Path

from edge.source import Source
from hardware.simulated.enrolment import enrolled
from hardware.simulated.layout.two_tables import two_tables
from hardware.simulated.recording.signals import START
from hardware.simulated.recording.store_file import write_store
from hardware.simulated.scene.three_shoppers import three_shoppers
from hardware.simulated.sensor.exposure import RollingShutter
from hardware.simulated.sensor.film import Noise
from hardware.simulated.sensor.presets import sensor_of
from hardware.simulated.sensor.sensor import Sensor
from hardware.simulated.sensor.tone import Tone
from hardware.simulated.world.receipts import receipts
from hardware.simulated.world.state import WorldState
from hardware.simulated.world.world import World

STORE_FILE = "mock-store.yaml"
NOISE_MAX = 1.2
"""Grey values: a webcam's in a well-lit room."""


class MockStore:
    """The shop with number `seed`. It is the same shop with the same shoppers every time."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        hung = two_tables(seed)
        self._sensors = {
            camera.id: _webcam(sensor_of("good", hung.viewpoint(camera.id), camera.size, seed))
            for camera in hung.store.cameras
        }
        played = World(three_shoppers(hung, seed))
        layout = enrolled(played.scene.layout, _empty(played), self._sensors)
        self._world = World(replace(played.scene, layout=layout))
        self.store = layout.store
        self.start = START
        self.duration_s = self._world.timeline.duration_s

    @property
    def tokens(self) -> list[str]:
        """What the shoppers show at the gate."""
        return [member.token for member in self._world.scene.cast if member.token is not None]

    def taken(self) -> dict[str, dict[str, int]]:
        """What each shopper really leaves with: token → SKU → quantity."""
        by_name = {member.name: member.token for member in self._world.scene.cast}
        return {str(by_name[name]): items for name, items in receipts(self._world.timeline).items()}

    def source(self, folder: Path) -> Source:
        """The shop as a source, with its store file and its products' photos in `folder`.

        SimulationError where this machine cannot draw.
        """
        import cv2

        from hardware.in_order import InOrder, in_order
        from hardware.simulated.devices import arrivals
        from hardware.simulated.enrolment import photographs
        from hardware.simulated.render.renderer import Renderer

        renderer = Renderer(self._world.scene.layout)
        folder.mkdir(parents=True, exist_ok=True)
        write_store(self.store, folder / STORE_FILE)
        pictures = photographs(self._world.scene.layout, renderer, _empty(self._world), self._sensors)
        for name, picture in pictures.items():
            cv2.imwrite(str(folder / name), picture)
        periods_s = {camera.id: 1.0 / camera.fps_max for camera in self.store.cameras}
        return Source(
            key=f"two tables, {self.seed}",
            store=self.store,
            folder=folder,
            start=self.start,
            duration_s=self.duration_s,
            arrivals=lambda: in_order(arrivals(self._world, renderer, self._sensors), InOrder(periods_s)),
        )


def _webcam(sensor: Sensor) -> Sensor:
    """The sensor as it is in a webcam: a little bent, blurred, noisy and late; it finds light and white by itself."""
    noise = Noise(min(sensor.noise.sigma, NOISE_MAX))
    return replace(sensor, tone=Tone(), noise=noise, shutter=RollingShutter(0.0))


def _empty(world: World) -> WorldState:
    """Everything in its place, and nobody there."""
    return replace(world.state(0.0), people=())
