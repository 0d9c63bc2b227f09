"""Somebody of the cast while the scene is played: what they have in their hands, and which way they look."""

import math
from dataclasses import dataclass, field

import numpy as np

from hardware.simulated.scene.scene import Hands, Member, Side
from hardware.simulated.streams import key, stream
from hardware.simulated.world.state import Point
from hardware.simulated.world.stockroom import Piece
from hardware.simulated.world.timeline import Holding, Reach
from hardware.simulated.world.traffic import TICK_S

SIDES: tuple[Side, Side] = ("left", "right")
RIGHT_HANDED = 0.8


@dataclass(slots=True)
class Actor:
    """One of the cast. Times are ticks; `done` counts the steps that are over."""

    member: Member
    rng: np.random.Generator
    body: int
    height_m: float
    pace_ms: float
    done: int = 0
    arrived: bool = False
    """Stands where the present step is to be done."""
    tries: int = 0
    entered: int | None = None
    left: int | None = None
    wanted_since: int | None = None
    """Somebody comes to hand something over."""
    hands: dict[Side, list[Piece]] = field(default_factory=lambda: {"left": [], "right": []})
    bag: list[Piece] = field(default_factory=list)
    reaches: list[Reach] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    faces: list[tuple[int, float]] = field(default_factory=list)
    """From which tick on they turn which way, standing."""
    busy_until: int = 0
    held_since: dict[Side, float] = field(default_factory=dict)

    @staticmethod
    def of(member: Member, seed: int) -> "Actor":
        """The actor with the looks and ways that belong to the name."""
        rng = stream(seed, "person", member.name)
        child = member.role == "child"
        height = float(np.clip(rng.normal(1.2 if child else 1.71, 0.06 if child else 0.09), 1.0, 2.0))
        pace = float(np.clip(rng.normal(1.15, 0.15), 0.8, 1.5))
        return Actor(member, rng, key(seed, "body", member.name) % 2**31, round(height, 3), pace)

    @property
    def name(self) -> str:
        """Who it is."""
        return self.member.name

    def free_sides(self, hands: Hands | None) -> list[Side]:
        """The hands to reach out with."""
        if hands == "both":
            return list(SIDES)
        if hands is not None:
            return [hands]
        first: Side = "right" if self.rng.random() < RIGHT_HANDED else "left"
        return [first]

    def reach(self, side: Side, ticks: tuple[int, int, int, int], target: Point) -> None:
        """A hand goes out, is there, turns back and is home at these four ticks."""
        out, there, back, home = (round(tick * TICK_S, 3) for tick in ticks)
        self.reaches.append(Reach(side, out, there, back, home, target))

    def turn(self, tick: int, here: tuple[float, float], target: Point) -> None:
        """Look towards `target` from `tick` on."""
        self.faces.append((tick, math.atan2(target[1] - here[1], target[0] - here[0])))

    def hold(self, side: Side, piece: Piece, at_s: float) -> None:
        """`piece` is in the hand from now on; of several, the first is the one that counts as held."""
        if not self.hands[side]:
            self.held_since[side] = at_s
        self.hands[side].append(piece)

    def let_go(self, side: Side, piece: Piece, at_s: float) -> None:
        """`piece` is not in the hand any more."""
        self._note_holding(side, at_s)
        self.hands[side].remove(piece)
        self.held_since[side] = at_s

    def _note_holding(self, side: Side, at_s: float) -> None:
        since_s = self.held_since[side]
        if at_s > since_s:
            self.holdings.append(Holding(side, self.hands[side][0].id, since_s, at_s))

    def end(self, at_s: float) -> None:
        """Nothing is seen of them after `at_s`."""
        for side in SIDES:
            if self.hands[side]:
                self._note_holding(side, at_s)

    def carried(self, sku: str | None) -> list[Piece]:
        """What they have on them of `sku` (of anything, where None): in the hands first, the last taken first."""
        held = [piece for side in ("right", "left") for piece in reversed(self.hands[side])]
        return [piece for piece in [*held, *reversed(self.bag)] if sku is None or piece.sku == sku]
