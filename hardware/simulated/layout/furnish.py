"""What a store's looks are, drawn from a seed: floor, walls, lamps, posters, and how the cameras are set."""

import numpy as np

from hardware.simulated.layout.appearance import Appearance, Lamp, Poster
from hardware.simulated.layout.form import Colour
from hardware.simulated.layout.layout import Room
from hardware.simulated.streams import stream

LAMP_EVERY_M = 2.6


def appearance(seed: int, room: Room) -> Appearance:
    """The looks of a room."""
    rng = stream(seed, "appearance")
    temperature_k = float(rng.uniform(2800, 6500))
    frame = _grey(rng, 0.15, 0.95, 0.1)
    return Appearance(
        floor=("tiles", "wood", "concrete", "carpet")[int(rng.integers(4))],
        floor_colour=_grey(rng, 0.35, 0.85, 0.15),
        tile_m=round(float(rng.choice([0.15, 0.3, 0.45, 0.6])), 2),
        wall_colour=_grey(rng, 0.5, 0.95, 0.3),
        ceiling_colour=_grey(rng, 0.7, 0.95, 0.05),
        frame_colour=frame,
        board_colour=frame if rng.random() < 0.5 else _grey(rng, 0.3, 0.95, 0.15),
        strip_colour=_grey(rng, 0.2, 1.0, 0.8),
        lamps=_lamps(rng, room, temperature_k),
        ambient=round(float(rng.uniform(0.35, 0.7)), 3),
        exposure_ev=round(float(rng.normal(0.0, 0.35)), 3),
        white_balance_k=round(float(np.clip(temperature_k * rng.normal(1.0, 0.08), 2500, 8000)), 0),
        posters=_posters(seed, room),
    )


def _lamps(rng: np.random.Generator, room: Room, temperature_k: float) -> tuple[Lamp, ...]:
    columns, rows = (max(1, round(side / LAMP_EVERY_M)) for side in (room.width_m, room.depth_m))
    power = float(rng.uniform(0.7, 1.3))
    long = bool(rng.random() < 0.5)
    return tuple(
        Lamp(
            at=(
                round(room.x + (column + 0.5) * room.width_m / columns, 3),
                round(room.y + (row + 0.5) * room.depth_m / rows, 3),
                round(room.height_m - 0.05, 3),
            ),
            size=(1.2, 0.3) if long else (0.6, 0.6),
            # One lamp in twelve is weak, as in real shops.
            power=round(power * (0.3 if rng.random() < 1 / 12 else 1.0), 3),
            temperature_k=round(float(temperature_k * rng.normal(1.0, 0.02)), 0),
        )
        for row in range(rows)
        for column in range(columns)
    )


def _posters(seed: int, room: Room) -> tuple[Poster, ...]:
    rng = stream(seed, "posters")
    found = []
    for _ in range(int(rng.integers(0, 5))):
        width, height = (round(float(rng.uniform(*limits)), 2) for limits in ((0.5, 1.2), (0.4, 0.9)))
        up = round(float(rng.uniform(1.9, max(2.0, room.height_m - height - 0.1))), 2)
        share = float(rng.uniform(0.1, 0.6))
        if rng.random() < 0.5:
            at, yaw = (room.x + share * room.width_m, room.y + room.depth_m - 0.01, up), -np.pi / 2
        else:
            at, yaw = (room.x + 0.01, room.y + share * room.depth_m, up), 0.0
        found.append(Poster(at, float(yaw), width, height, int(rng.integers(2**31))))
    return tuple(found)


def _grey(rng: np.random.Generator, low: float, high: float, tint: float) -> Colour:
    """A colour of some lightness, more or less tinted."""
    light = float(rng.uniform(low, high))
    red, green, blue = (float(np.clip(light * (1.0 + tint * rng.uniform(-0.5, 0.5)), 0.0, 1.0)) for _ in range(3))
    return round(red, 3), round(green, 3), round(blue, 3)
