"""What hands do at shelves: pick, put back, touch, lean, restock. Each returns the tick when the hand is home again.

A reach: the person turns to the slot, a hand goes there, is in it, and goes home. The instant at which a piece comes
loose, or stands, is the event's; it is never before the step's own time.
"""

import math

from hardware.simulated.scene.scene import At, Lean, Pick, PutBack, Restock, Side, Touch
from hardware.simulated.world.actor import Actor
from hardware.simulated.world.stage import STASH, Stage, seconds, tick_of
from hardware.simulated.world.state import Point
from hardware.simulated.world.stockroom import Piece, target_in

TURN, STRETCH = 4, 6
"""Ticks to face a shelf, and to bring a hand there or home."""
GRASP, SETTLE = 3, 2
"""Ticks in the slot before a piece comes loose, and after."""
AGAIN = 5
"""Ticks between one piece and the next in the same reach."""
FEEL_G = 25.0
"""How hard a hand rests on a plate while it takes hold of something."""


def pick(stage: Stage, actor: Actor, tick: int, act: Pick, at_s: float | None) -> int:
    """Take pieces out of a slot; where it has none left, the reach is a touch, and noted."""
    tick = stage.stash(actor, tick)
    loose = _hand_there(actor, tick, at_s) + GRASP + tick_of(act.after_s)
    sides = actor.free_sides(act.hands)
    taken: list[tuple[int, Side, Piece]] = []
    for number in range(act.qty):
        at = loose + AGAIN * (number // len(sides))
        piece = stage.stock.find(act.at.slot, act.sku, seconds(at), act.at.along_m)
        if piece is None:
            stage.notes.append(f"{actor.name} finds only {number} of {act.qty} {act.sku} in {act.at.slot}")
            break
        side = sides[number % len(sides)]
        taken.append((at, side, piece))
        target = stage.stock.middle_of(piece)
        if number < len(sides):
            last = loose + AGAIN * ((act.qty - 1 - number) // len(sides))
            _reach(stage, actor, side, (tick, loose - GRASP - tick_of(act.after_s), last + SETTLE), target)
            _feel(stage, actor, act.at, loose, tick_of(act.after_s))
        stage.stock.take(piece, seconds(at), actor.name)
        actor.hold(side, piece, seconds(at))
        stage.tell(actor, at, "pick", act.sku, act.at.slot)
    if not taken:
        return touch(stage, actor, tick, Touch(act.at, act.hands), at_s)
    return taken[-1][0] + SETTLE + STRETCH + 1


def put_back(stage: Stage, actor: Actor, tick: int, act: PutBack, at_s: float | None) -> int:
    """Put pieces down: the hands hold them already (see `fetch`)."""
    down = _hand_there(actor, tick, at_s) + GRASP
    last = down
    reached: set[Side] = set()
    for number in range(act.qty):
        held: list[tuple[Side, Piece]] = [
            (side, piece) for side, pieces in actor.hands.items() for piece in pieces if piece.sku == act.sku
        ]
        if not held:
            stage.notes.append(f"{actor.name} has only {number} of {act.qty} {act.sku} to put into {act.at.slot}")
            break
        side, piece = held[0]
        last = down + AGAIN * number
        spot = stage.stock.free_spot(act.at.slot, piece.form, act.at.along_m)
        if side not in reached:
            reached.add(side)
            target = stage.stock.grip(act.at.slot, piece.form, spot)
            back = down + AGAIN * (act.qty - 1) + SETTLE
            _reach(stage, actor, side, (tick, down - GRASP, back), target)
        actor.let_go(side, piece, seconds(last))
        stage.stock.put(piece, act.at.slot, seconds(last), spot)
        stage.tell(actor, last, "put_back", act.sku, act.at.slot)
    _feel(stage, actor, act.at, last, 0)
    return last + SETTLE + STRETCH + 1


def fetch(stage: Stage, actor: Actor, tick: int, act: PutBack) -> int:
    """Get what is to be put back into the hands, and all else out of them; the tick when that is done."""
    ready = stage.stash(actor, tick, keep=act.sku)
    held = sum(piece.sku == act.sku for pieces in actor.hands.values() for piece in pieces)
    sides = actor.free_sides(act.hands)
    for number, piece in enumerate([piece for piece in reversed(actor.bag) if piece.sku == act.sku][: act.qty - held]):
        side = sides[number % len(sides)]
        actor.bag.remove(piece)
        actor.hold(side, piece, seconds(ready + STASH))
        stage.stock.carry(piece, seconds(ready + STASH), actor.name, in_bag=False)
        held += 1
    return ready + STASH + 1 if held else ready


def touch(stage: Stage, actor: Actor, tick: int, act: Touch, at_s: float | None) -> int:
    """Reach in, feel about, take nothing."""
    there = _hand_there(actor, tick, at_s)
    back = there + max(tick_of(act.for_s), 2)
    side = actor.free_sides(act.hands)[0]
    _reach(stage, actor, side, (tick, there, back), _target(stage, act.at))
    _feel(stage, actor, act.at, there + 1, back - there - 1)
    stage.tell(actor, there + 1, "touch", slot=act.at.slot)
    return back + STRETCH + 1


def lean(stage: Stage, actor: Actor, tick: int, act: Lean, at_s: float | None) -> int:
    """Rest a hand on the plate with some weight: nothing changes."""
    there = _hand_there(actor, tick, at_s)
    back = there + max(tick_of(act.for_s), 2)
    _reach(stage, actor, actor.free_sides(None)[0], (tick, there, back), _target(stage, act.at))
    along = stage.stock.middle(act.at.slot) if act.at.along_m is None else act.at.along_m
    stage.stock.press(act.at.slot, along, seconds(there), seconds(back), act.grams)
    stage.tell(actor, there, "touch", slot=act.at.slot)
    return back + STRETCH + 1


def restock(stage: Stage, actor: Actor, tick: int, act: Restock, at_s: float | None) -> int:
    """Put new pieces into a slot, one after the other. No put-back: that is what a shopper does with what they took."""
    ready = stage.stash(actor, tick)
    for _ in range(act.qty):
        piece = stage.stock.new(act.sku)
        side = actor.free_sides(None)[0]
        stage.stock.carry(piece, seconds(ready), actor.name, in_bag=False)
        actor.hold(side, piece, seconds(ready))
        down = _hand_there(actor, ready, at_s) + GRASP
        spot = stage.stock.free_spot(act.at.slot, piece.form, act.at.along_m)
        target = stage.stock.grip(act.at.slot, piece.form, spot)
        _reach(stage, actor, side, (ready, down - GRASP, down + SETTLE), target)
        actor.let_go(side, piece, seconds(down))
        stage.stock.put(piece, act.at.slot, seconds(down), spot)
        stage.restocks.append((seconds(down), actor.name, act.at.slot, piece.id))
        ready = down + SETTLE + STRETCH + 1
    return ready


def _hand_there(actor: Actor, tick: int, at_s: float | None) -> int:
    """When the hand is in the slot: as soon as it can, or so that what it does falls on `at_s`."""
    return max(tick + TURN + STRETCH, tick_of(at_s) - (0 if at_s is None else GRASP), actor.entered or 0)


def _reach(stage: Stage, actor: Actor, side: Side, ticks: tuple[int, int, int], target: Point) -> None:
    """`ticks`: when the actor turns, when the hand is there, when it turns home."""
    turn, there, back = ticks
    actor.turn(turn, stage.stands_at(actor), target)
    actor.reach(side, (there - STRETCH, there, back, back + STRETCH), target)


def _target(stage: Stage, at: At) -> Point:
    return target_in(*stage.scene.layout.store.slots()[at.slot], at.along_m)


def _feel(stage: Stage, actor: Actor, at: At, tick: int, before: int) -> None:
    """A hand that is in a slot rests on its plate a little, now and then."""
    along = stage.stock.middle(at.slot) if at.along_m is None else at.along_m
    grams = FEEL_G * float(actor.rng.standard_normal())
    # A hand may also lift a piece a little and set it down: the load goes either way.
    if math.fabs(grams) > 0.3 * FEEL_G:
        stage.stock.press(at.slot, along, seconds(tick - before - 2), seconds(tick), round(grams, 2))
