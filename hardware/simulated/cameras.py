"""Simulated cameras behind the camera port: the renderer draws, a sensor spoils, the port gives frames."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from hardware.ports import Frame
from hardware.simulated.layout.layout import Layout
from hardware.simulated.render.ids import IdImage
from hardware.simulated.render.renderer import Renderer, Shot
from hardware.simulated.sensor.lens import Lens, Size
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.sensor.timing import Tick
from hardware.simulated.world.state import WorldState

StateAt = Callable[[float], WorldState]
PhonesAt = Callable[[float], Mapping[str, str]]


def _no_phones(t_s: float) -> Mapping[str, str]:  # noqa: ARG001 - as whoever knows of phones is asked
    return {}


@dataclass(slots=True)
class SimulatedCamera:
    """One of the layout's cameras. Cameras of one thread share a renderer; each has its own random stream `rng`.

    Frames carry the times of the camera's own clock. How late they are (`sensor.delivery`) is for whoever plays them
    live (`ticks`, and `take` for each); a reader that only wants their order gets them at once (`frames`).
    """

    id: str
    layout: Layout
    state_at: StateAt
    renderer: Renderer
    sensor: Sensor
    rng: np.random.Generator
    fps: float
    duration_s: float
    phase_s: float = 0.0
    """When its first picture is taken: cameras of one shop do not wink together."""
    phones_at: PhonesAt = _no_phones
    """Who holds up a phone, and with which token."""
    _closed: bool = field(default=False, repr=False)
    _film: Film | None = field(default=None, repr=False)

    def frames(self) -> Iterator[Frame]:
        """The pictures of `duration_s` seconds, but for those that are dropped on the way."""
        for frame, _ in self._shots(ids=False):
            yield frame

    def frames_with_ids(self) -> Iterator[tuple[Frame, Shot]]:
        """The same pictures, each with what was drawn: its ids bent by the same lens."""
        return self._shots(ids=True)

    def ticks(self) -> Iterator[Tick]:
        """When its pictures are taken, and when they are there; without those that get lost. Begins it anew."""
        timing = self._begin()
        for tick in self.sensor.delivery.ticks(self.fps, self.duration_s - self.phase_s, self.sensor.clock, timing):
            if self._closed:
                return
            yield tick if self.phase_s == 0.0 else _later(tick, self.phase_s)

    def take(self, tick: Tick) -> Frame:
        """The picture of that moment. In the order of `ticks`: a camera remembers its last picture."""
        return self._take(tick, ids=False)[0]

    def _shots(self, *, ids: bool) -> Iterator[tuple[Frame, Shot]]:
        return (self._take(tick, ids=ids) for tick in self.ticks())

    def _begin(self) -> np.random.Generator:
        self._film = Film(self.sensor, self.rng)
        return np.random.Generator(np.random.PCG64(int(self.rng.integers(2**63))))

    def _take(self, tick: Tick, *, ids: bool) -> tuple[Frame, Shot]:
        plan = self.layout.store.camera(self.id)
        assert plan is not None, f"{self.id} is a camera of this layout"
        assert self._film is not None, "a tick came from `ticks`"
        viewpoint = self.sensor.viewpoint(self.layout.viewpoint(self.id), tick.taken_s)
        drawn, fov_deg = _canvas(self.sensor.lens, plan.size, viewpoint.fov_deg)
        wide = replace(viewpoint, fov_deg=fov_deg)
        self.renderer.show_phones(self.phones_at(tick.taken_s))
        shot = self.renderer.shoot_from(self.state_at(tick.taken_s), wide, drawn, ids=ids)
        assert shot.image is not None, "a picture was asked for"
        image = self._film.develop(shot.image, viewpoint.fov_deg, tick.taken_s, plan.size)
        bent: IdImage | None = None
        if shot.ids is not None:
            bent = self.sensor.lens.bend_ids(shot.ids, viewpoint.fov_deg, plan.size)
        return Frame(tick.stamp_s, self.id, tick.index, image), replace(shot, image=image, ids=bent)

    def close(self) -> None:
        """Draw no more."""
        self._closed = True


@lru_cache(maxsize=64)
def _canvas(lens: Lens, size: Size, fov_deg: float) -> tuple[Size, float]:
    """See `Lens.canvas`: a millisecond for every picture, and always the same."""
    return lens.canvas(size, fov_deg)


def _later(tick: Tick, by_s: float) -> Tick:
    return replace(tick, taken_s=tick.taken_s + by_s, stamp_s=tick.stamp_s + by_s, arrives_s=tick.arrives_s + by_s)
