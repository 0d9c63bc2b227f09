"""One decision of one of the cast: which act it is, and whether they stand where it is done."""

from hardware.simulated.scene.scene import (
    At,
    Enter,
    Go,
    HandOver,
    Hide,
    Lean,
    Leave,
    Pick,
    PutBack,
    Restock,
    Step,
    Touch,
    Wait,
)
from hardware.simulated.world.actor import Actor
from hardware.simulated.world.doors import enter, leave
from hardware.simulated.world.meeting import hand_over
from hardware.simulated.world.shelf_acts import fetch, lean, pick, put_back, restock, touch
from hardware.simulated.world.stage import RETRY, Stage, tick_of
from hardware.simulated.world.stockroom import target_in

BEFORE = 18
"""Ticks: one who has time sets out so much earlier than the way takes."""
WANDERS = 3
"""Tries to get somewhere or other."""
WAITS_MAX = 900
"""Ticks that somebody waits for a thing that is to be handed over to them."""


def decide(stage: Stage, actor: Actor, tick: int) -> int | None:
    """Fix what `actor` does at `tick`: the tick at which they are ready again, or None when their plan is over."""
    if actor.done >= len(actor.member.plan):
        return None
    if tick < actor.busy_until:
        return actor.busy_until
    if actor.wanted_since is not None and not actor.arrived:
        if tick - actor.wanted_since < WAITS_MAX:
            return tick + RETRY
        actor.wanted_since = None
    step = actor.member.plan[actor.done]
    ready: int | None
    match step.act:
        case Enter():
            ready = enter(stage, actor, tick)
        case Leave():
            ready = leave(stage, actor, tick, step.at_s)
        case HandOver():
            ready = hand_over(stage, actor, tick, step.act, step.at_s)
        case Wait(for_s=for_s):
            ready = stage.over(actor, max(tick, tick_of(step.at_s)) + tick_of(for_s))
        case Hide():
            ready = stage.over(actor, stage.stash(actor, tick) + 2)
        case Go(slot=None):
            ready = _wander(stage, actor, tick, step.act)
        case _:
            ready = _at_shelf(stage, actor, tick, step)
    return ready


def _wander(stage: Stage, actor: Actor, tick: int, act: Go) -> int:
    if actor.arrived or actor.tries > WANDERS:
        # Nobody needs to get to just that place.
        return stage.over(actor, tick + tick_of(act.for_s))
    return stage.go(actor, tick, [stage.places.anywhere(actor.rng)])


def _at_shelf(stage: Stage, actor: Actor, tick: int, step: Step) -> int:
    """Walk before the slot, late enough not to stand about, then do what is to be done there."""
    at = _at(step)
    if not actor.arrived:
        cells = stage.places.before(at)
        if cells and (late := _late(stage, actor, cells[0], step)) > tick:
            return late
        if isinstance(step.act, PutBack):
            tick = fetch(stage, actor, tick, step.act)
        return stage.go(actor, tick, cells)
    ready = _do(stage, actor, tick, step)
    return stage.over(actor, ready + int(actor.rng.integers(0, 6)))


def _late(stage: Stage, actor: Actor, cell: tuple[int, int], step: Step) -> int:
    """When to set out so that the hand is there in time."""
    if step.at_s is None:
        return 0
    walkable = stage.traffic.walkable
    here = walkable.nearest(stage.stands_at(actor))
    assert here is not None, "people stand where one can"
    way_s = float(walkable.distances_m(cell)[here]) / actor.pace_ms
    return tick_of(step.at_s) - tick_of(min(way_s, 100.0)) - BEFORE - 10


def _at(step: Step) -> At:
    match step.act:
        case Pick(at=at) | PutBack(at=at) | Touch(at=at) | Lean(at=at) | Restock(at=at):
            return at
        case Go(slot=str(slot)):
            return At(slot)
        case act:
            raise AssertionError(f"{act} is not done at a shelf")


def _do(stage: Stage, actor: Actor, tick: int, step: Step) -> int:
    match step.act:
        case Pick() as act:
            ready = pick(stage, actor, tick, act, step.at_s)
        case PutBack() as act:
            ready = put_back(stage, actor, tick, act, step.at_s)
        case Touch() as act:
            ready = touch(stage, actor, tick, act, step.at_s)
        case Lean() as act:
            ready = lean(stage, actor, tick, act, step.at_s)
        case Restock() as act:
            ready = restock(stage, actor, tick, act, step.at_s)
        case Go(slot=str(slot), for_s=for_s):
            ready = _look(stage, actor, tick, slot, for_s)
        case other:
            raise AssertionError(f"{other} is not done at a shelf")
    return ready


def _look(stage: Stage, actor: Actor, tick: int, slot: str, for_s: float) -> int:
    target = target_in(*stage.scene.layout.store.slots()[slot], None)
    actor.turn(tick, stage.stands_at(actor), target)
    return tick + tick_of(for_s)
