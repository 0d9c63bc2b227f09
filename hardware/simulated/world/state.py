"""The world at one moment: what the renderer draws, the plates weigh and the truth tells.

Lengths are metres, angles radians, in the store's frame: x and y as on the plan (protocol.store), z up from the
floor. A person with `yaw` 0 looks along +x; yaw turns counter-clockwise seen from above.
"""

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float, float]
Place = Literal["slot", "hand", "bag"]


@dataclass(frozen=True, slots=True)
class Hand:
    """One hand: where its palm is, which way it points, and how far it is closed (0 open, 1 a fist)."""

    at: Point
    closed: float
    holds: str | None
    """The item in it."""


@dataclass(frozen=True, slots=True)
class Foot:
    """One foot: above it stands, or stood or will stand when it is put down, a body at `x`, `y` turned by `yaw`."""

    x: float
    y: float
    yaw: float
    phase: float
    """Where in its cycle: it stands up to 0.6 and swings from there to 1."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the store. `body` names the look and build (the same all day); the rest is this moment's pose."""

    id: str
    body: int
    """Seed of the body: build, clothes, hair, skin."""
    height_m: float
    x: float
    y: float
    yaw: float
    stride: float
    """Where in the walking cycle: two steps to 1.0, so a whole number when the left heel strikes; stands still when it
    does not change."""
    pace: float
    """Walking speed in m/s; 0 when standing."""
    lean: float
    """How far the trunk leans forward."""
    crouch: float
    """How far the hips are lowered, metres."""
    left: Hand | None
    right: Hand | None
    """None: the arm hangs or swings; the renderer knows how."""
    looks_at: Point | None
    left_foot: Foot | None = None
    right_foot: Foot | None = None
    """None: under the body, as the stride has it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of a product. Where it stands its base is at `at`; in a hand `at` is its middle."""

    id: str
    sku: str
    at: Point
    yaw: float
    place: Place
    where: str
    """The slot's path, or the person's id. What is in a bag is not drawn."""


@dataclass(frozen=True, slots=True)
class WorldState:
    """Everybody and everything at `t_s`, in a stable order."""

    t_s: float
    people: tuple[Person, ...]
    items: tuple[Item, ...]
