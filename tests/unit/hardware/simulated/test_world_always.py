"""What holds in every scene, whatever people do."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.simulated.layout.walkable import Walkable
from hardware.simulated.scene.scene import Act, At, Go, Pick, PutBack, Scene, Touch, Wait
from hardware.simulated.world.receipts import receipts
from hardware.simulated.world.traffic import APART_M
from hardware.simulated.world.world import World
from tests.unit.hardware.simulated.scenes import scene, shop, shopper

SOLID_M = 0.1
"""Nobody's middle comes nearer to anything solid: half of how deep a thin person is."""


@st.composite
def busy_scenes(draw: st.DrawFn) -> Scene:
    number = draw(st.integers(0, 12))
    facings = shop(number).store.planogram
    cast = []
    for index in range(draw(st.integers(1, 4))):
        acts: list[Act] = []
        for _ in range(draw(st.integers(0, 3))):
            facing = draw(st.sampled_from(facings[:12]))
            other = draw(st.sampled_from(facings[:12]))
            at = At(facing.slot)
            acts += draw(
                st.sampled_from(
                    [
                        [Pick(facing.sku, 1, at)],
                        [Pick(facing.sku, 2, at, "both")],
                        [Pick(facing.sku, 1, at), PutBack(facing.sku, 1, at)],
                        [Pick(facing.sku, 3, at), PutBack(facing.sku, 1, At(other.slot))],
                        [Touch(at)],
                        [Go(None), Wait(1.0)],
                    ]
                )
            )
        cast.append(shopper(f"p{index}", index * 1.5, *acts))
    return scene(*cast, seed=draw(st.integers(0, 99)), number=number)


@settings(max_examples=12, deadline=None)
@given(busy_scenes())
def test_nobody_walks_through_anybody_or_anything(played: Scene) -> None:
    world = World(played)
    walkable = Walkable(played.layout)
    for t_s in np.arange(0.0, world.timeline.duration_s, 0.03).tolist():
        people = world.people(t_s)
        for index, a in enumerate(people):
            for b in people[index + 1 :]:
                assert math.dist((a.x, a.y), (b.x, b.y)) >= APART_M - 1e-6
        if people:
            assert walkable.room_m(np.array([(p.x, p.y) for p in people])).min() >= SOLID_M


@settings(max_examples=12, deadline=None)
@given(busy_scenes())
def test_what_left_the_shelves_is_what_people_carried_out(played: Scene) -> None:
    world = World(played)
    timeline = world.timeline
    before, after = world.stock(0.0), world.stock(timeline.duration_s)
    for sku in {thing.sku for thing in timeline.things}:
        gone = sum(slot.get(sku, 0) for slot in before.values()) - sum(slot.get(sku, 0) for slot in after.values())
        assert gone == sum(items.get(sku, 0) for items in receipts(timeline).values())
        picked = sum(e.qty for e in timeline.truth if e.type == "pick" and e.sku == sku)
        put_back = sum(e.qty for e in timeline.truth if e.type == "put_back" and e.sku == sku)
        assert gone == picked - put_back
    assert {event.shopper for event in timeline.truth if event.type == "exit"} == {m.name for m in played.cast}


@settings(max_examples=6, deadline=None)
@given(busy_scenes(), st.lists(st.floats(0.0, 60.0), max_size=8))
def test_a_moment_is_the_same_whenever_it_is_asked_for(played: Scene, moments: list[float]) -> None:
    world, again = World(played), World(played)
    forwards = {t_s: world.state(t_s) for t_s in moments}
    backwards = {t_s: again.state(t_s) for t_s in reversed(moments)}
    assert forwards == backwards
