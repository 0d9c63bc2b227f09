"""Handing over: the giver walks up to the receiver, who waits; a hand of each goes to the middle between them."""

import math

from hardware.simulated.errors import SimulationError
from hardware.simulated.scene.scene import HandOver, Side
from hardware.simulated.world.actor import SIDES, Actor
from hardware.simulated.world.shelf_acts import AGAIN, STRETCH, TURN
from hardware.simulated.world.stage import RETRY, Stage, seconds, tick_of
from hardware.simulated.world.stockroom import Piece

UP_M = 1.1
REST = 3
"""Ticks that both hands stay together."""


def hand_over(stage: Stage, actor: Actor, tick: int, act: HandOver, at_s: float | None) -> int:
    """One try: walk up, or hand over what is held. SimulationError where the receiver has left."""
    to = stage.actors[act.to]
    if to.left is not None:
        raise SimulationError(f"{stage.scene.name}: {act.to} has left before {actor.name} could hand over anything")
    if tick < tick_of(at_s) - 3 * RETRY or to.entered is None or tick < to.entered:
        return tick + RETRY
    if to.wanted_since is None:
        to.wanted_since = tick
    if to.arrived or not _is_at_rest(stage, to, tick):
        return tick + RETRY
    if not actor.arrived:
        return stage.go(actor, tick, stage.places.beside(stage.stands_at(to)))
    pieces = actor.carried(act.sku)[: act.qty]
    if not pieces:
        stage.notes.append(f"{actor.name} has nothing to hand over to {act.to}")
        to.wanted_since = None
        return stage.over(actor, tick)
    here, there = stage.stands_at(actor), stage.stands_at(to)
    middle = ((here[0] + there[0]) / 2.0, (here[1] + there[1]) / 2.0, UP_M)
    meet = max(tick + TURN + STRETCH, tick_of(at_s))
    for who, at in ((actor, here), (to, there)):
        who.turn(tick, at, middle)
    back = meet + AGAIN * (len(pieces) - 1) + REST
    ticks = (meet - STRETCH, meet, back, back + STRETCH)
    actor.reach("right", ticks, middle)
    to.reach("left", ticks, middle)
    for number, piece in enumerate(pieces):
        _give(stage, actor, to, piece, meet + AGAIN * number)
    to.wanted_since = None
    to.busy_until = back + STRETCH + 1
    return stage.over(actor, back + STRETCH + 1)


def _give(stage: Stage, actor: Actor, to: Actor, piece: Piece, at: int) -> None:
    side: Side | None = next((side for side in SIDES if piece in actor.hands[side]), None)
    if side is None:
        actor.bag.remove(piece)
    else:
        actor.let_go(side, piece, seconds(at))
    stage.stock.carry(piece, seconds(at), to.name, in_bag=False)
    to.hold("left", piece, seconds(at))
    stage.hand_overs.append((seconds(at), actor.name, to.name, piece.id))


def _is_at_rest(stage: Stage, to: Actor, tick: int) -> bool:
    """Whether all that is fixed for the receiver is over: they stand and wait."""
    way = stage.traffic.ways[to.name]
    hands_home = all(math.ceil(reach.home_s * 10.0 - 1e-6) <= tick for reach in to.reaches)
    return way.first + len(way.points) - 1 <= tick and hands_home and tick >= to.busy_until
