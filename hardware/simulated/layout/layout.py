"""A whole mock store: the store file, and what a store file does not say."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hardware.simulated.layout.appearance import Appearance, Point
from hardware.simulated.layout.form import Form
from protocol.store import FloorPoint, Gondola, Store


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Where a camera of the store file hangs and looks. A pinhole; the sensor model bends it.

    The picture's rows are level: up in the picture is up in the store (for a camera that looks straight down, +y).
    """

    camera: str
    eye: Point
    target: Point
    fov_deg: float
    """Across the picture's width."""


@dataclass(frozen=True, slots=True)
class Room:
    """The walls: the floor runs from (`x`, `y`) over `width_m` and `depth_m`, the ceiling is `height_m` up."""

    x: float
    y: float
    width_m: float
    depth_m: float
    height_m: float


FixtureKind = Literal["pillar", "plant", "bin", "basket"]


@dataclass(frozen=True, slots=True)
class Fixture:
    """Something else that stands about and hides things: its middle on the floor and its size."""

    kind: FixtureKind
    at: FloorPoint
    width_m: float
    depth_m: float
    height_m: float


@dataclass(frozen=True, slots=True)
class Door:
    """The gap in the wall that people come and go by: they appear at `outside`, stand at `inside` once through."""

    outside: FloorPoint
    inside: FloorPoint
    width_m: float


GondolaKind = Literal["open", "fridge", "wall", "table"]
"""An open rack, a cooler with sides and a top, a rack along a wall, a table with one or two boards."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A mock store. `forms` is by SKU, `kinds` by gondola; `seed` is what every look and weight was drawn from."""

    seed: int
    store: Store
    room: Room
    door_in: Door
    door_out: Door
    forms: Mapping[str, Form]
    kinds: Mapping[str, GondolaKind]
    viewpoints: tuple[Viewpoint, ...]
    fixtures: tuple[Fixture, ...]
    appearance: Appearance

    def viewpoint(self, camera: str) -> Viewpoint:
        """Where `camera` is; KeyError where it is none of this store's simulated cameras."""
        for viewpoint in self.viewpoints:
            if viewpoint.camera == camera:
                return viewpoint
        raise KeyError(camera)


def on_floor(gondola: Gondola, along_m: float, out_m: float) -> FloorPoint:
    """The point `along_m` along the gondola's shelves and `out_m` from its back towards whoever stands before it."""
    cos, sin = math.cos(math.radians(gondola.yaw_deg)), math.sin(math.radians(gondola.yaw_deg))
    return (
        gondola.origin[0] + along_m * cos + out_m * sin,
        gondola.origin[1] + along_m * sin - out_m * cos,
    )


def facing_yaw(gondola: Gondola) -> float:
    """The way that somebody looks who stands before the gondola and faces it, in radians."""
    return math.remainder(math.radians(gondola.yaw_deg) + math.pi / 2.0, math.tau)
