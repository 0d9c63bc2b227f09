"""Playing a scene: plans become ways, reaches and moves of things.

Theory of operation. A queue holds, for everybody, the tick at which they are ready for what comes next. Whoever is
ready first decides first (the cast's order breaks ties), and what they decide is fixed at once, up to the tick at
which they are ready again: where they walk (traffic.py keeps everybody apart), when a hand is where, which piece goes
where. Nobody ever changes what is fixed, so the scene is played once, forwards, and everything after is lookup.

    a step        on being ready              then
    not there     a place to stand is free    walk there, ready on arrival
    not there     none is, or no way to it    wait RETRY; after a while make room for others, then try again
    there         act                         ready when the hand is home; the next step

Somebody to whom a thing is to be handed over waits between two steps until it has been.
"""

import heapq
from collections.abc import Mapping

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.walkable import Walkable
from hardware.simulated.scene.scene import Enter, Scene
from hardware.simulated.world.actor import Actor
from hardware.simulated.world.acts import decide
from hardware.simulated.world.life import life_of
from hardware.simulated.world.places import Places
from hardware.simulated.world.stage import Stage, tick_of
from hardware.simulated.world.stockroom import Stockroom
from hardware.simulated.world.timeline import Timeline
from hardware.simulated.world.traffic import Traffic

DECISIONS_MAX = 5_000
"""Of one person; a plan has a few steps, and each takes a few tries."""
AFTER_S = 3.0
"""The scene goes on for as long after the last one has left."""


def play(scene: Scene) -> Timeline:
    """The scene, played. SimulationError names who cannot do what, where a plan cannot be."""
    walkable = Walkable(scene.layout)
    traffic = Traffic(walkable)
    actors = {member.name: Actor.of(member, scene.seed) for member in scene.cast}
    stock = Stockroom(scene.layout)
    stage = Stage(scene, traffic, stock, actors, Places(scene.layout, walkable))
    queue = [(_born(actors, actor), number, name) for number, (name, actor) in enumerate(actors.items())]
    heapq.heapify(queue)
    decisions = dict.fromkeys(actors, 0)
    while queue:
        tick, number, name = heapq.heappop(queue)
        traffic.forget_before(tick)
        decisions[name] += 1
        if decisions[name] > DECISIONS_MAX:
            raise SimulationError(f"{scene.name}: {name} cannot go on: {actors[name].member.plan[actors[name].done]}")
        ready = decide(stage, actors[name], tick)
        if ready is not None:
            heapq.heappush(queue, (ready, number, name))
    lives = tuple(life_of(actor, traffic.ways[name]) for name, actor in actors.items() if name in traffic.ways)
    end_s = max((life.to_s for life in lives), default=0.0)
    return Timeline(
        scene=scene,
        duration_s=round(end_s + AFTER_S, 3),
        lives=lives,
        things=stock.things(),
        loads={plate: tuple(sorted(loads, key=lambda load: load.t_s)) for plate, loads in stock.loads.items()},
        presses={plate: tuple(sorted(p, key=lambda press: press.from_s)) for plate, p in stock.presses.items()},
        gate=tuple(sorted(stage.gate, key=lambda line: (line.t_s, line.token))),
        truth=tuple(sorted(stage.truth, key=lambda event: (event.t_s, event.shopper))),
        hand_overs=tuple(sorted(stage.hand_overs)),
        restocks=tuple(sorted(stage.restocks)),
        notes=tuple(stage.notes),
    )


def _born(actors: Mapping[str, Actor], actor: Actor) -> int:
    """When they come: who comes with or behind somebody, not before that one does."""
    first, leader = actor.member.plan[0], actor.member.companion_of or actor.member.behind
    assert isinstance(first.act, Enter), f"{actor.name}'s plan begins outside"
    return max(tick_of(first.at_s), 0 if leader is None else _born(actors, actors[leader]))
