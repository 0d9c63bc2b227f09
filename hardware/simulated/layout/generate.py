"""Layouts from seeds: each number is another store, and the same number always the same one.

A room is drawn, racks are put along its walls and rows into its middle until it is full, then what does not close is
taken away again. `layout_problems` says nothing of the result.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.assortment import assortment
from hardware.simulated.layout.cameras import with_cameras
from hardware.simulated.layout.check import AISLE_M, layout_problems
from hardware.simulated.layout.form import Form
from hardware.simulated.layout.furnish import appearance
from hardware.simulated.layout.layout import Door, Fixture, FixtureKind, GondolaKind, Layout, Room
from hardware.simulated.layout.shelving import Shelving, shelve
from hardware.simulated.streams import stream
from protocol.store import Camera, Facing, FloorPoint, Gate, Gondola, Shelf, Store, Zone

FRONT_M = 1.7
"""Kept clear behind the doors."""
DOOR_M = 1.1
ATTEMPTS_MAX = 30
FIXTURES: tuple[FixtureKind, ...] = ("pillar", "plant", "bin", "basket")
UNSEEN = Camera(id="none", role="gate", size=(16, 16))
"""Stands for the cameras until they are placed: a store without any is no store."""


@dataclass(frozen=True, slots=True)
class _Rack:
    """Where a gondola is to stand."""

    kind: GondolaKind
    origin: FloorPoint
    yaw_deg: float
    width: float
    depth: float


def generate_layout(seed: int) -> Layout:
    """The layout with number `seed`. SimulationError where none could be made, which no seed is known to bring."""
    for attempt in range(ATTEMPTS_MAX):
        layout = _draw(seed, attempt)
        if layout is not None and not list(layout_problems(layout)):
            return layout
    raise SimulationError(f"layout {seed}: no store that closes in {ATTEMPTS_MAX} attempts; take another number")


def _draw(seed: int, attempt: int) -> Layout | None:
    rng = stream(seed, "layout", attempt)
    room = Room(
        0.0,
        0.0,
        round(float(rng.uniform(3.6, 8.5)), 2),
        round(float(rng.uniform(4.2, 7.5)), 2),
        round(float(rng.uniform(2.6, 3.2)), 2),
    )
    racks = [*_along_walls(rng, room), *_rows(rng, room)]
    if not racks:
        return None
    products, forms = assortment(seed, int(rng.integers(18, 60)))
    gondolas, planogram = _stocked(rng, racks, forms)
    door_in, door_out = _door(room, 0.22), _door(room, 0.78)
    store = Store(
        format=1,
        store=f"mock-{seed}",
        name=f"Mock store {seed}",
        currency="EUR",
        cameras=(UNSEEN,),
        gondolas=gondolas,
        products=products,
        planogram=planogram,
        zones=zones_of(door_in, door_out),
        gate=Gate(lanes=("in", "out")),
    )
    kinds = {gondola.id: rack.kind for gondola, rack in zip(gondolas, racks, strict=True)}
    looks = appearance(seed, room)
    bare = Layout(seed, store, room, door_in, door_out, forms, kinds, (), (), looks)
    return with_cameras(replace(bare, fixtures=_fixtures(rng, bare)))


def _door(room: Room, share: float) -> Door:
    x = round(room.x + share * room.width_m, 2)
    return Door((x, round(room.y - 0.9, 2)), (x, round(room.y + 0.6, 2)), DOOR_M)


def zones_of(door_in: Door, door_out: Door) -> tuple[Zone, ...]:
    """The entry and the exit zone: the floor around where people pass the gate, their middle just inside the doors."""
    return tuple(
        Zone(
            id=kind,
            kind=kind,
            polygon=tuple(
                (round(door.inside[0] + dx, 3), round(y, 3))
                for dx, y in (
                    (-0.5, door.inside[1] - 0.5),
                    (0.5, door.inside[1] - 0.5),
                    (0.5, door.inside[1] + 0.5),
                    (-0.5, door.inside[1] + 0.5),
                )
            ),
        )
        for kind, door in (("entry", door_in), ("exit", door_out))
    )


def _along_walls(rng: np.random.Generator, room: Room) -> list[_Rack]:
    racks: list[_Rack] = []
    depth = round(float(rng.uniform(0.35, 0.6)), 2)
    if rng.random() < 0.9:
        racks += _run(rng, room.width_m - 2 * (depth + AISLE_M), depth, 0.0, (depth + AISLE_M, room.depth_m))
    for side in (90.0, -90.0):
        if rng.random() < 0.6:
            length = room.depth_m - FRONT_M - depth - AISLE_M
            start = (0.0, FRONT_M) if side > 0 else (room.width_m, room.depth_m - depth - AISLE_M)
            racks += _run(rng, length, depth, side, start)
    return racks


def _run(rng: np.random.Generator, length_m: float, depth: float, yaw_deg: float, start: FloorPoint) -> list[_Rack]:
    """Racks side by side along a wall, as many as fit, with a gap here and there."""
    racks: list[_Rack] = []
    at = float(rng.uniform(0.0, 0.2))
    turn = math.radians(yaw_deg)
    while True:
        width = round(float(rng.choice([0.75, 0.9, 1.0, 1.2, 1.25, 1.8])), 2)
        if at + width > length_m:
            return racks
        origin = (round(start[0] + at * math.cos(turn), 3), round(start[1] + at * math.sin(turn), 3))
        kind: GondolaKind = "fridge" if rng.random() < 0.35 else "wall"
        racks.append(_Rack(kind, origin, yaw_deg, width, depth))
        at += width + (float(rng.uniform(0.02, 0.3)) if rng.random() < 0.4 else 0.01)


def _rows(rng: np.random.Generator, room: Room) -> list[_Rack]:
    """Rows of racks back to back in the middle of the room, and a table where no row fits."""
    racks: list[_Rack] = []
    aisle = float(rng.uniform(1.25, 1.8))
    depth = round(float(rng.uniform(0.32, 0.5)), 2)
    left, right = 0.6 + aisle, room.width_m - 0.6 - aisle
    y = FRONT_M + 0.2 + depth
    while y + depth + aisle + 0.6 <= room.depth_m and right - left >= 0.75:
        width = min(math.floor((right - left) * 100.0) / 100.0, float(rng.choice([0.9, 1.2, 1.8, 2.4])))
        x = round(left + float(rng.uniform(0.0, max(right - left - width, 0.0))), 2)
        racks.append(_Rack("open", (x, round(y, 2)), 0.0, width, depth))
        racks.append(_Rack("open", (round(x + width, 2), round(y, 2)), 180.0, width, depth))
        y += 2 * depth + aisle
    if not racks and room.width_m > 4.2 and rng.random() < 0.7:
        middle = room.width_m / 2.0
        racks.append(_Rack("table", (round(middle - 0.45, 2), round(FRONT_M + 0.9, 2)), 0.0, 0.9, 0.5))
    return racks


def _stocked(
    rng: np.random.Generator, racks: list[_Rack], forms: dict[str, Form]
) -> tuple[tuple[Gondola, ...], tuple[Facing, ...]]:
    shelving = Shelving(rng, forms)
    gondolas: list[Gondola] = []
    for number, rack in enumerate(racks, start=1):
        empty = Gondola(
            id=f"g{number}",
            origin=rack.origin,
            yaw_deg=rack.yaw_deg,
            width=rack.width,
            depth=rack.depth,
            shelves=tuple(
                Shelf(id=f"s{n}", height=height) for n, height in enumerate(_heights(rng, rack.kind), start=1)
            ),
        )
        gondolas.append(shelve(shelving, empty))
    return tuple(gondolas), tuple(shelving.planogram)


def _heights(rng: np.random.Generator, kind: GondolaKind) -> list[float]:
    """The boards' heights above the floor, the lowest first."""
    if kind == "table":
        return [0.8]
    lowest = float(rng.uniform(0.12, 0.4))
    count = int(rng.integers(3, 6))
    pitch = float(rng.uniform(0.32, 0.4))
    return [round(lowest + n * pitch, 3) for n in range(count) if lowest + n * pitch <= 1.65]


def _fixtures(rng: np.random.Generator, layout: Layout) -> tuple[Fixture, ...]:
    """A few things that stand in the way of cameras, where the layout still closes with them."""
    fixtures: tuple[Fixture, ...] = ()
    for _ in range(int(rng.integers(0, 4))):
        kind = FIXTURES[int(rng.integers(len(FIXTURES)))]
        side = 0.3 if kind in ("pillar", "plant") else 0.4
        room = layout.room
        at = (
            round(float(rng.uniform(0.3, room.width_m - 0.3)), 2),
            round(float(rng.uniform(FRONT_M, room.depth_m - 0.3)), 2),
        )
        height = {"pillar": room.height_m, "plant": 1.4, "bin": 0.8, "basket": 0.5}[kind]
        thing = Fixture(kind, at, side, side, height)
        if not list(layout_problems(replace(layout, fixtures=(*fixtures, thing)))) and _clear(layout, thing):
            fixtures = (*fixtures, thing)
    return fixtures


def _clear(layout: Layout, thing: Fixture) -> bool:
    """Whether nothing stands where `thing` would, nor just before a shelf."""
    for gondola in layout.store.gondolas:
        turn = math.radians(gondola.yaw_deg)
        dx, dy = thing.at[0] - gondola.origin[0], thing.at[1] - gondola.origin[1]
        along, out = dx * math.cos(turn) + dy * math.sin(turn), dx * math.sin(turn) - dy * math.cos(turn)
        if -0.3 < along < gondola.width + 0.3 and -0.3 < out < gondola.depth + AISLE_M + 0.2:
            return False
    return True
