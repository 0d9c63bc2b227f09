"""A contact sheet of a scene: what its cameras see at some moments, with the truth over it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from hardware.ports import Image
from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.layout import Layout, on_floor
from hardware.simulated.recording.frames import Stage
from hardware.simulated.recording.labels import Sight, labels_of
from hardware.simulated.recording.panel import Panel, contact_sheet, panel
from hardware.simulated.recording.setup import Filming, hang
from hardware.simulated.recording.signals import Progress
from hardware.simulated.scene.scene import Scene
from hardware.simulated.sensor.sensor import Film, Sensor
from hardware.simulated.streams import stream
from hardware.simulated.world.timeline import Timeline
from hardware.simulated.world.world import World
from protocol.store import Camera

WIDTH_PX = 480
"""Of one picture on the sheet."""
KINDS = (".png", ".jpg")
BUSY_S = 1.0
"""How near to each other two moments of a sheet may be."""


def write_sheet(scene: Scene, filming: Filming, path: Path, moments: int, progress: Progress) -> None:
    """Draw the cameras of `filming` at `moments` moments, a row a camera, into the picture file at `path`.

    SimulationError where it cannot be drawn or written.
    """
    if path.suffix not in KINDS:
        raise SimulationError(f"{path}: not a kind of picture that can be written; call it {' or '.join(KINDS)}")
    hung = hang(scene, filming)
    stage = Stage.of(World(hung.scene))
    cameras = hung.scene.layout.store.cameras
    times = [chosen(stage.world.timeline, camera, moments) for camera in cameras]
    panels: list[Image] = []
    for number, (camera, at) in enumerate(zip(cameras, times, strict=True)):
        panels += _row(stage, camera, hung.sensors[camera.id], at)
        progress(number + 1.0, float(len(cameras)))
    stage.renderer.release()
    good, data = cv2.imencode(path.suffix, contact_sheet(panels, moments, WIDTH_PX))
    assert good, f"{path.suffix} can be encoded"
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise SimulationError(f"{path}: {error.strerror}; the contact sheet was not written") from None


def chosen(timeline: Timeline, camera: Camera, count: int) -> list[float]:
    """Moments at which there is most for the camera to see, by time: reaches into its slots, scans, people about."""
    views = {view.slot for view in camera.views}
    if camera.role == "gate":
        wanted = [line.t_s - 0.2 for line in timeline.gate if line.event == "enter"]
    elif camera.role == "shelf":
        gondolas = {slot.split(".")[0] for slot in views}
        own = [event.t_s for event in timeline.truth if event.slot in views]
        near = [event.t_s for event in timeline.truth if event.slot and event.slot.split(".")[0] in gondolas]
        wanted = own if len(own) >= count else [*own, *near]
    else:
        ticks = np.arange(0.0, timeline.duration_s, 1.0)
        there = [sum(life.from_s <= t_s <= life.to_s for life in timeline.lives) for t_s in ticks.tolist()]
        busiest = np.argsort(-np.array(there), kind="stable")[: max(len(ticks) // 2, count)]
        wanted = [float(ticks[n]) + 0.5 for n in sorted(busiest.tolist())]
    return _spread(wanted, timeline.duration_s, count)


def _spread(wanted: Sequence[float], duration_s: float, count: int) -> list[float]:
    """`count` of the wanted moments, evenly through them and apart; what is missing is taken evenly from the whole."""
    apart: list[float] = []
    for t_s in sorted(wanted):
        if not apart or t_s - apart[-1] >= BUSY_S:
            apart.append(t_s)
    if len(apart) >= count:
        picked = np.linspace(0, len(apart) - 1, count).round().astype(int)
        return [apart[n] for n in picked.tolist()]
    more = [duration_s * (n + 0.5) / count for n in range(count - len(apart))]
    return sorted([*apart, *more])


def _row(stage: Stage, camera: Camera, sensor: Sensor, times: Sequence[float]) -> Iterator[Image]:
    layout, world = stage.world.scene.layout, stage.world
    rng = stream(world.scene.seed, "sheet", camera.id)
    outlines = [_outline(layout, slot.slot) for slot in camera.views]
    for t_s in times:
        viewpoint = sensor.viewpoint(layout.viewpoint(camera.id), t_s)
        drawn, fov_deg = sensor.lens.canvas(camera.size, viewpoint.fov_deg)
        stage.renderer.show_phones(stage.phones.at(t_s))
        state = stage.moments.at(t_s)
        shot = stage.renderer.shoot_from(state, replace(viewpoint, fov_deg=fov_deg), drawn)
        assert shot.image is not None, "a picture was asked for"
        assert shot.ids is not None, "ids were asked for"
        # Each moment by itself: a rolling shutter would mix it with the one before it on the sheet.
        image = Film(sensor, rng).develop(shot.image, viewpoint.fov_deg, t_s, camera.size)
        ids = sensor.lens.bend_ids(shot.ids, viewpoint.fov_deg, camera.size)
        sight = Sight(viewpoint, sensor.lens, camera.size)
        labels = labels_of(replace(shot, ids=ids), state, layout, sight)
        polygons = [sensor.lens.project(viewpoint, camera.size, outline)[0] for outline in outlines]
        lost = any(from_s <= t_s < to_s for from_s, to_s in sensor.delivery.gaps)
        title = f"{camera.id} ({camera.role}), {t_s:.1f} s" + (", lost" if lost else "")
        yield panel(Panel(image, labels, tuple(polygons), title), WIDTH_PX)


def _outline(layout: Layout, path: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The front edge of a slot's board and its ends, (4, 3): a rectangle that is 6 cm high, metres."""
    gondola, shelf, slot = layout.store.slots()[path]
    corners = ((slot.span[0], 0.0), (slot.span[1], 0.0), (slot.span[1], 0.06), (slot.span[0], 0.06))
    return np.array([(*on_floor(gondola, along, gondola.depth), shelf.height + up) for along, up in corners])
