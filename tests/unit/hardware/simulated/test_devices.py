"""A mock store's devices: all of them speak, a lost camera is silent and told of, phones are held up at the gate."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import cast

import numpy as np
import pytest

from hardware.ports import Fault, Frame, Pass, Reading, Weight
from hardware.simulated.devices import SILENT_S, arrivals
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.phones import AFTER_S, BEFORE_S, Phones
from hardware.simulated.render.ids import Ids
from hardware.simulated.render.renderer import Renderer, Shot
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.scene.scene import Outage
from hardware.simulated.world.state import WorldState
from hardware.simulated.world.world import World

UNTIL_S = 13.0


class BlankRenderer:
    """Draws nothing, and remembers who held up a phone."""

    def __init__(self) -> None:
        self.phones: list[dict[str, str]] = []

    def show_phones(self, tokens: Mapping[str, str]) -> None:
        self.phones.append(dict(tokens))

    def shoot_from(self, state: WorldState, viewpoint: Viewpoint, size: tuple[int, int], *, ids: bool) -> Shot:
        return Shot(np.zeros((size[1], size[0], 3), np.uint8), None, Ids((), ()))


def said_by(world: World, renderer: BlankRenderer) -> list[Reading]:
    """What the devices say in the first seconds."""
    heard = takewhile(lambda arrival: arrival.at_s < UNTIL_S, arrivals(world, cast("Renderer", renderer)))
    return [arrival.reading for arrival in heard]


@pytest.fixture(scope="module")
def world() -> World:
    return World(crowd(generate_layout(3), 2, 0.5, 1))


def test_cameras_of_every_role_plates_and_the_gate_speak(world: World) -> None:
    renderer = BlankRenderer()
    said = said_by(world, renderer)
    store = world.scene.layout.store
    assert {reading.camera for reading in said if isinstance(reading, Frame)} == {camera.id for camera in store.cameras}
    assert {camera.role for camera in store.cameras} == {"area", "shelf", "gate"}
    plates = {
        f"{gondola.id}.{shelf.id}.{plate.id}"
        for gondola in store.gondolas
        for shelf in gondola.shelves
        for plate in shelf.plates
    }
    assert {reading.plate for reading in said if isinstance(reading, Weight)} == plates
    assert [reading.token for reading in said if isinstance(reading, Pass) and reading.event == "enter"] == [
        line.token for line in world.timeline.gate if line.event == "enter" and line.t_s < UNTIL_S
    ]
    tokens = {token for shown in renderer.phones for token in shown.values()}
    entered = {line.token for line in world.timeline.gate if line.event == "enter" and line.t_s < UNTIL_S}
    assert tokens >= entered
    assert entered


def test_a_phone_is_held_up_from_a_second_before_its_owner_passes(world: World) -> None:
    phones = Phones(world.timeline)
    first = next(line for line in world.timeline.gate if line.event == "enter")
    (name,) = (member.name for member in world.scene.cast if member.token == first.token)
    assert phones.at(first.t_s - BEFORE_S - 0.1).get(name) is None
    assert phones.at(first.t_s - 0.5)[name] == first.token
    assert phones.at(first.t_s + AFTER_S + 0.1).get(name) is None


def test_a_lost_camera_is_silent_and_its_driver_says_so_and_a_short_gap_passes(world: World) -> None:
    lost, blinked = (camera.id for camera in world.scene.layout.store.cameras[:2])
    outages = (Outage(lost, 3.0, 10.0), Outage(blinked, 8.0, 8.0 + SILENT_S - 1.0))
    broken = World(replace(world.scene, outages=outages))
    said = said_by(broken, BlankRenderer())
    times = {
        camera: [reading.t_s for reading in said if isinstance(reading, Frame) and reading.camera == camera]
        for camera in (lost, blinked)
    }
    assert not any(3.0 <= t_s < 10.0 for t_s in times[lost])
    assert any(t_s >= 10.0 for t_s in times[lost])
    assert not any(8.0 <= t_s < 12.0 for t_s in times[blinked])
    faults = [(fault.part, fault.t_s) for fault in said if isinstance(fault, Fault)]
    assert faults == [(f"camera {lost}", 3.0 + SILENT_S)]
