"""Simulated cameras behind the camera port: the renderer draws, a sensor spoils, the port gives frames."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from hardware.ports import Frame
from hardware.simulated.layout.layout import Layout
from hardware.simulated.render.ids import IdImage
from hardware.simulated.render.renderer import Renderer, Shot
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.world.state import WorldState

StateAt = Callable[[float], WorldState]


@dataclass(slots=True)
class SimulatedCamera:
    """One of the layout's cameras. Cameras of one thread share a renderer; each has its own random stream `rng`.

    Frames carry the times of the camera's own clock. How late they are (`sensor.delivery`) is for whoever plays them
    live; a reader that only wants their order gets them at once.
    """

    id: str
    layout: Layout
    state_at: StateAt
    renderer: Renderer
    sensor: Sensor
    rng: np.random.Generator
    fps: float
    duration_s: float
    _closed: bool = field(default=False, repr=False)

    def frames(self) -> Iterator[Frame]:
        """The pictures of `duration_s` seconds, but for those that are dropped on the way."""
        for frame, _ in self._shots(ids=False):
            yield frame

    def frames_with_ids(self) -> Iterator[tuple[Frame, Shot]]:
        """The same pictures, each with what was drawn: its ids bent by the same lens."""
        return self._shots(ids=True)

    def _shots(self, *, ids: bool) -> Iterator[tuple[Frame, Shot]]:
        plan = self.layout.store.camera(self.id)
        assert plan is not None, f"{self.id} is a camera of this layout"
        home = self.layout.viewpoint(self.id)
        film = Film(self.sensor, self.rng)
        timing = np.random.Generator(np.random.PCG64(int(self.rng.integers(2**63))))
        for tick in self.sensor.delivery.ticks(self.fps, self.duration_s, self.sensor.clock, timing):
            if self._closed:
                return
            viewpoint = self.sensor.viewpoint(home, tick.taken_s)
            drawn, fov_deg = self.sensor.lens.canvas(plan.size, viewpoint.fov_deg)
            wide = replace(viewpoint, fov_deg=fov_deg)
            shot = self.renderer.shoot_from(self.state_at(tick.taken_s), wide, drawn, ids=ids)
            assert shot.image is not None, "a picture was asked for"
            image = film.develop(shot.image, viewpoint.fov_deg, tick.taken_s, plan.size)
            bent: IdImage | None = None
            if shot.ids is not None:
                bent = self.sensor.lens.bend_ids(shot.ids, viewpoint.fov_deg, plan.size)
            yield Frame(tick.stamp_s, self.id, tick.index, image), replace(shot, image=image, ids=bent)

    def close(self) -> None:
        """Draw no more."""
        self._closed = True
