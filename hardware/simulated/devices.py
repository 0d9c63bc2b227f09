"""A mock store's devices behind the ports: cameras of every role, plates and the gate, each as it would be there.

What costs is drawn when it is asked for, so a reader that keeps real time has a shop that goes on in real time, and one
that hurries has a shop that hurries. Pictures arrive as the cameras' sensors say, late and out of step, and some not at
all; the times say when, whoever reads and however fast. The same scene gives the same arrivals, bit for bit.
"""

import heapq
from collections.abc import Iterator, Mapping

from hardware.in_order import Arrival
from hardware.ports import Fault, Pass, Weight
from hardware.simulated.cameras import SimulatedCamera
from hardware.simulated.phones import Phones
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.sensor.sensor import PERFECT, Sensor
from hardware.simulated.sensor.timing import Tick
from hardware.simulated.signals import weights
from hardware.simulated.streams import stream
from hardware.simulated.world.plates import Plates
from hardware.simulated.world.world import World

SILENT_S = 5.0
"""A camera that gives nothing for as long is given up by its driver, which says so."""

_Due = tuple[float, int, Pass | Fault | Weight | tuple[SimulatedCamera, Tick]]
"""When it arrives, and its place among what arrives at that very moment: the gate, plates, then cameras."""


def arrivals(world: World, renderer: Renderer, sensors: Mapping[str, Sensor] | None = None) -> Iterator[Arrival]:
    """Everything that the devices of the scene say, in the order in which it arrives.

    `sensors` are the cameras', by id; a camera without one sees perfectly.
    """
    for at_s, _, what in heapq.merge(
        _passes(world), _faults(world), _loads(world), *_pictures(world, renderer, sensors)
    ):
        match what:
            case (camera, tick):
                yield Arrival(at_s, camera.take(tick))
            case reading:
                yield Arrival(at_s, reading)


def _passes(world: World) -> Iterator[_Due]:
    for line in world.timeline.gate:
        yield line.t_s, 0, Pass(line.t_s, line.lane, line.event, line.token, line.party)


def _faults(world: World) -> Iterator[_Due]:
    """What drivers say of cameras that are lost; a shorter outage passes for a few lost pictures."""
    for outage in sorted(world.scene.outages, key=lambda outage: outage.from_s):
        t_s = outage.from_s + SILENT_S
        if t_s < min(outage.to_s, world.timeline.duration_s):
            yield t_s, 0, Fault(t_s, f"camera {outage.camera}", f"no picture for {SILENT_S:.0f} s; is it connected?")


def _loads(world: World) -> Iterator[_Due]:
    for weight in weights(Plates(world.timeline), world.timeline.duration_s):
        yield weight.t_s, 1, weight


def _pictures(world: World, renderer: Renderer, sensors: Mapping[str, Sensor] | None) -> Iterator[Iterator[_Due]]:
    scene, phones = world.scene, Phones(world.timeline)
    cameras = scene.layout.store.cameras
    for number, plan in enumerate(cameras):
        camera = SimulatedCamera(
            plan.id,
            scene.layout,
            world.state,
            renderer,
            (sensors or {}).get(plan.id, PERFECT),
            stream(scene.seed, "camera", plan.id),
            plan.fps_max,
            world.timeline.duration_s,
            phase_s=number / len(cameras) / plan.fps_max,
            phones_at=phones.at,
        )
        yield _ticks(camera, number, world)


def _ticks(camera: SimulatedCamera, number: int, world: World) -> Iterator[_Due]:
    lost = [outage for outage in world.scene.outages if outage.camera == camera.id]
    for tick in camera.ticks():
        if not any(outage.from_s <= tick.taken_s < outage.to_s for outage in lost):
            yield tick.arrives_s, 2 + number, (camera, tick)
