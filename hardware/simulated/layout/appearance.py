"""What a store looks like beside its shelves: plain values for the renderer, all drawn from the layout's seed."""

from dataclasses import dataclass
from typing import Literal

from hardware.simulated.layout.form import Colour

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Lamp:
    """A ceiling lamp: its middle, its size across x and y in metres, and its power (1 is usual)."""

    at: Point
    size: tuple[float, float]
    power: float
    temperature_k: float


@dataclass(frozen=True, slots=True)
class Poster:
    """A printed sheet on a wall: `at` is its lower left corner as one looks at it, `yaw` the way that it faces."""

    at: Point
    yaw: float
    width_m: float
    height_m: float
    print_seed: int


@dataclass(frozen=True, slots=True)
class Appearance:
    """Floor, walls, furniture, light, and how the cameras are set."""

    floor: Literal["tiles", "wood", "concrete", "carpet"]
    floor_colour: Colour
    tile_m: float
    """Side of a tile, width of a board."""
    wall_colour: Colour
    ceiling_colour: Colour
    frame_colour: Colour
    """Uprights and back panels of the gondolas."""
    board_colour: Colour
    strip_colour: Colour
    """The price strip along a shelf's edge."""
    lamps: tuple[Lamp, ...]
    ambient: float
    """Light that comes from everywhere, as a share of the lamps'."""
    exposure_ev: float
    """Stops above (below where negative) what would be exposed right."""
    white_balance_k: float
    """The colour temperature that the cameras take for white."""
    posters: tuple[Poster, ...]
