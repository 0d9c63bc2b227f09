"""What all acts share: the cast, the traffic, the stock, and what is written down of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hardware.simulated.layout.walkable import Cell
from hardware.simulated.scene.scene import Scene
from hardware.simulated.world.actor import SIDES, Actor
from hardware.simulated.world.places import Places
from hardware.simulated.world.stockroom import Stockroom
from hardware.simulated.world.traffic import TICK_S, Traffic
from protocol.recording import GateLine, TruthEvent

RETRY = 4
"""Ticks until one tries again who found no way."""
RETRY_TICKS_MAX = 16
PATIENCE = 5
"""Tries before one steps aside: two who want to where the other one stands would wait for ever."""
PLACES_TRIED = 4
STASH = 4
"""Ticks to put what a hand holds into the bag, or to get it out."""


@dataclass(slots=True)
class Stage:
    """One scene while it is played."""

    scene: Scene
    traffic: Traffic
    stock: Stockroom
    actors: Mapping[str, Actor]
    places: Places
    gate: list[GateLine] = field(default_factory=list)
    truth: list[TruthEvent] = field(default_factory=list)
    hand_overs: list[tuple[float, str, str, str]] = field(default_factory=list)
    restocks: list[tuple[float, str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def stands_at(self, actor: Actor) -> tuple[float, float]:
        """Where the actor's way has brought them."""
        return self.traffic.ways[actor.name].points[-1]

    def go(self, actor: Actor, tick: int, cells: Sequence[Cell]) -> int:
        """Walk to the first of `cells` that is to be had; `arrived` says whether it was. The tick to go on at."""
        free = [cell for cell in cells if self.traffic.can_stand(actor.name, cell, tick + 10_000)]
        tried = [(cell, False) for cell in free[:PLACES_TRIED]] + [(cell, True) for cell in free[:1]]
        for cell, around in tried:
            arrival = self.traffic.walk(actor.name, cell, tick, actor.pace_ms, around=around)
            if arrival is not None:
                actor.arrived, actor.tries = True, 0
                return arrival
        actor.tries += 1
        if actor.tries % PATIENCE == 0:
            aside = self.places.anywhere(actor.rng, self.stands_at(actor))
            if self.traffic.can_stand(actor.name, aside, tick):
                arrival = self.traffic.walk(actor.name, aside, tick, actor.pace_ms)
                if arrival is not None:
                    return arrival + RETRY
        # Who has waited for long looks less often.
        return tick + RETRY + min(actor.tries, RETRY_TICKS_MAX)

    def over(self, actor: Actor, ready: int) -> int:
        """The step is done; the actor is ready for the next at `ready`."""
        actor.done += 1
        actor.arrived, actor.tries = False, 0
        return ready

    def stash(self, actor: Actor, tick: int, keep: str | None = None) -> int:
        """Put what the hands hold into the bag, but for the SKU `keep`; the tick when that is done."""
        ready = tick
        for side in SIDES:
            for piece in list(actor.hands[side]):
                if piece.sku != keep:
                    actor.let_go(side, piece, (tick + STASH) * TICK_S)
                    actor.bag.append(piece)
                    self.stock.carry(piece, (tick + STASH) * TICK_S, actor.name, in_bag=True)
                    ready = tick + STASH
        return ready

    def tell(self, actor: Actor, tick: int, kind: str, sku: str | None = None, slot: str | None = None) -> None:
        """Write down a true event, in the name of who pays for what the actor does. Of staff none: they do not shop."""
        if actor.member.role == "staff":
            return
        shopper = self.scene.payer(actor.name) or actor.name
        event = {"t_s": seconds(tick), "shopper": shopper, "type": kind, "sku": sku, "slot": slot}
        self.truth.append(TruthEvent.model_validate(event))


def seconds(tick: int) -> float:
    """The time of a tick."""
    return round(tick * TICK_S, 3)


def tick_of(at_s: float | None) -> int:
    """The first tick not before `at_s`; 0 for no time."""
    return 0 if at_s is None else -int(-(at_s / TICK_S - 1e-9) // 1)
