"""What happens in a scene, as it was played: fixed ways, reaches and moves of things. Times are seconds.

`play` makes one of a scene; state, plates, truth and observations are read from it, all by pure functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardware.simulated.scene.scene import Scene, Side
from hardware.simulated.world.state import Place, Point
from protocol.recording import GateLine, TruthEvent

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reach:
    """One hand on its way out and back.

    It leaves the body at `out_s`, is at `target` from `in_s` to `back_s`, and home at `home_s`.
    """

    side: Side
    out_s: float
    in_s: float
    back_s: float
    home_s: float
    target: Point


@dataclass(frozen=True, slots=True)
class Holding:
    """A hand has an item in it from `from_s` to `to_s`."""

    side: Side
    item: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """One person's time in the store. Row n of the arrays is tick n after `from_s`, `TICK_S` apart."""

    name: str
    body: int
    height_m: float
    from_s: float
    to_s: float
    xy: Doubles
    """(n, 2), metres."""
    yaw: Doubles
    """(n,), radians, without jumps of a turn."""
    walked_m: Doubles
    """(n,): how far they have walked by then."""
    walks: tuple[tuple[int, int], ...]
    """From which tick to which they walk without a stop."""
    reaches: tuple[Reach, ...]
    holdings: tuple[Holding, ...]
    """By side and time; those of one side do not overlap."""


@dataclass(frozen=True, slots=True)
class Move:
    """From `t_s` on an item is there, until its next move. A hand's item goes where the hand goes."""

    t_s: float
    place: Place
    where: str
    at: Point
    yaw: float


@dataclass(frozen=True, slots=True)
class Thing:
    """One piece of a product and everywhere it was. `born_s` is 0 but for what staff brings."""

    id: str
    sku: str
    weight_g: float
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """A plate's true load changes by `grams` at `t_s`; `swing_g` is how far it swings while it settles."""

    t_s: float
    grams: float
    swing_g: float


@dataclass(frozen=True, slots=True)
class Press:
    """Something rests on a plate for a while without being put there: a hand that feels about, an elbow."""

    from_s: float
    to_s: float
    grams: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """A scene as it was played. `loads` and `presses` are by plate path (`gondola.shelf.plate`), by time."""

    scene: Scene
    duration_s: float
    lives: tuple[Life, ...]
    things: tuple[Thing, ...]
    loads: Mapping[str, tuple[Load, ...]]
    presses: Mapping[str, tuple[Press, ...]]
    gate: tuple[GateLine, ...]
    truth: tuple[TruthEvent, ...]
    hand_overs: tuple[tuple[float, str, str, str], ...]
    """Time, giver, receiver, item."""
    restocks: tuple[tuple[float, str, str, str], ...]
    """Time, who of the staff, slot, item: what changes the stock and is no shopper's event."""
    notes: tuple[str, ...]
    """What could not be played as the plan says, and what happened instead."""
