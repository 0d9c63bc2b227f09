"""Coming in and going out: the gate's lines, and the truth of who is in the store."""

from hardware.simulated.world.actor import Actor
from hardware.simulated.world.stage import RETRY, Stage, seconds, tick_of
from protocol.recording import GateLine

SCAN = 6
"""Ticks at the gate."""
FOLLOW = 8
"""Ticks between one who passes the gate and the one behind."""


def enter(stage: Stage, actor: Actor, tick: int) -> int:
    """Appear before the door, walk through, and pass the gate: alone with a token, or behind somebody without one."""
    member, layout = actor.member, stage.scene.layout
    leader = member.companion_of or member.behind
    if leader is not None:
        ahead = stage.actors[leader].entered
        if ahead is None or tick < ahead - 4 * FOLLOW:
            return tick + RETRY
    if actor.name not in stage.traffic.ways:
        for cell in stage.places.outside(layout.door_in)[:6]:
            if stage.traffic.can_stand(actor.name, cell, tick):
                stage.traffic.appear(actor.name, cell, tick)
                return tick + 1
        return tick + RETRY
    if not actor.arrived:
        return stage.go(actor, tick, stage.places.inside(layout.door_in))
    if actor.entered is None:
        actor.entered = tick + (SCAN if leader is None else 0)
    at = max(actor.entered, tick)
    if member.token is not None and leader is None:
        lane = layout.store.gate.lanes[0]
        party = 1 + sum(other.companion_of == actor.name for other in stage.scene.cast)
        line = GateLine(t_s=seconds(at), lane=lane, event="enter", token=member.token, party=party)
        stage.gate.append(line)
    if member.companion_of is None:
        stage.tell(actor, at, "enter")
    return stage.over(actor, at + 2)


def leave(stage: Stage, actor: Actor, tick: int, at_s: float | None) -> int | None:
    """Go out by the exit. A visit ends, for the gate and in truth, when its last one has gone."""
    layout = stage.scene.layout
    if not actor.arrived:
        if tick < tick_of(at_s):
            return tick_of(at_s)
        return stage.go(actor, tick, stage.places.outside(layout.door_out))
    stage.traffic.vanish(actor.name, tick)
    actor.left = tick
    payer = stage.scene.payer(actor.name)
    others = [other for name, other in stage.actors.items() if payer is not None and stage.scene.payer(name) == payer]
    if all(other.left is not None for other in others):
        stage.tell(actor, tick, "exit")
        if payer is not None:
            token = stage.scene.member(payer).token
            assert token is not None, payer
            lane = layout.store.gate.lanes[-1]
            stage.gate.append(GateLine(t_s=seconds(tick), lane=lane, event="exit", token=token))
    stage.over(actor, tick)
    return None
