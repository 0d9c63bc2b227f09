"""A mock store's devices, drawn as they are read: cameras and the gate, in the order of time.

The next picture is drawn when it is asked for, so a reader that keeps real time has a shop that goes on in real time,
and one that hurries has a shop that hurries. The same scene gives the same readings, bit for bit.
"""

from collections.abc import Iterator

from hardware.ports import Frame, Pass, Reading
from hardware.simulated.render.renderer import Renderer
from hardware.simulated.world.world import World


def readings(world: World, renderer: Renderer) -> Iterator[Reading]:
    """Every reading of the scene; of one moment, the gate before pictures, and these in the store file's order."""
    layout, timeline = world.scene.layout, world.timeline
    gate = [Pass(line.t_s, line.lane, line.event, line.token) for line in timeline.gate]
    steps = {camera.id: 1.0 / camera.fps_max for camera in layout.store.cameras}
    counts = dict.fromkeys(steps, 0)
    while True:
        # The camera whose next picture comes first; of one moment, the first in the file.
        camera = min(layout.store.cameras, key=lambda each: counts[each.id] * steps[each.id])
        index = counts[camera.id]
        t_s = index * steps[camera.id]
        while gate and gate[0].t_s <= t_s:
            yield gate.pop(0)
        if t_s > timeline.duration_s:
            return
        counts[camera.id] += 1
        shot = renderer.shoot_from(world.state(t_s), layout.viewpoint(camera.id), camera.size, ids=False)
        assert shot.image is not None, "a picture was asked for"
        yield Frame(t_s, camera.id, index, shot.image)
