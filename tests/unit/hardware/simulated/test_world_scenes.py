"""What people do in the mock store is what their plans say."""

import math

from hardware.simulated.scene.scene import At, HandOver, Member, Pick, PutBack, Restock, Step, Wait
from hardware.simulated.scene.scene import Enter as Entering
from hardware.simulated.scene.scene import Leave as Leaving
from hardware.simulated.world.pose import palm
from hardware.simulated.world.receipts import receipts
from hardware.simulated.world.world import World
from tests.unit.hardware.simulated.scenes import scene, shop, shopper

FIRST, SECOND, THIRD = shop().store.planogram[:3]


def told(world: World, *types: str) -> list[tuple[str, str, str | None, str | None]]:
    return [(e.shopper, e.type, e.sku, e.slot) for e in world.timeline.truth if e.type in types]


def test_two_shoppers_take_from_the_same_slot_at_the_same_instant() -> None:
    pick = Step(Pick(FIRST.sku, 1, At(FIRST.slot)), 12.0)
    world = World(scene(shopper("ann", 0.0, pick), shopper("bob", 2.0, pick)))
    assert [(e.shopper, e.t_s) for e in world.timeline.truth if e.type == "pick"] == [("ann", 12.0), ("bob", 12.0)]
    assert receipts(world.timeline) == {"ann": {FIRST.sku: 1}, "bob": {FIRST.sku: 1}}


def test_a_hand_is_where_the_piece_stood_when_it_takes_it() -> None:
    world = World(scene(shopper("ann", 0.0, Step(Pick(FIRST.sku, 1, At(FIRST.slot), "left"), 9.0))))
    before = {item.id: item for item in world.state(8.9).items}
    at = world.state(9.0)
    held = next(item for item in at.items if item.place == "hand")
    hand = at.people[0].left
    assert hand is not None
    assert hand.holds == held.id
    assert held.at == hand.at
    assert math.dist(hand.at[:2], before[held.id].at[:2]) < 0.02


def test_three_taken_and_two_put_back_somewhere_else_leaves_one() -> None:
    plan = (Pick(FIRST.sku, 3, At(FIRST.slot)), PutBack(FIRST.sku, 2, At(SECOND.slot)))
    world = World(scene(shopper("ann", 0.0, *plan)))
    assert receipts(world.timeline) == {"ann": {FIRST.sku: 1}}
    assert world.stock(world.timeline.duration_s)[SECOND.slot][FIRST.sku] == 2
    assert told(world, "put_back") == [("ann", "put_back", FIRST.sku, SECOND.slot)] * 2


def test_who_pays_for_what_was_handed_over_is_a_choice() -> None:
    ann = shopper("ann", 0.0, Pick(FIRST.sku, 1, At(FIRST.slot)), HandOver("bob"))
    world = World(scene(ann, shopper("bob", 2.0, Wait(5.0))))
    assert receipts(world.timeline) == {"ann": {FIRST.sku: 1}, "bob": {}}
    assert receipts(world.timeline, "carrier") == {"ann": {}, "bob": {FIRST.sku: 1}}
    (t_s, giver, receiver, item), *_ = world.timeline.hand_overs
    people = {person.id: person for person in world.people(t_s)}
    assert (giver, receiver) == ("ann", "bob")
    assert math.dist(palm(people["ann"], "right"), palm(people["bob"], "left")) < 0.01
    assert item.startswith(FIRST.sku)


def test_a_companion_takes_on_the_token_of_who_brought_them() -> None:
    steps = (Step(Entering()), Step(Pick(SECOND.sku, 1, At(SECOND.slot))), Step(Leaving()))
    child = Member("kim", "child", None, steps, companion_of="ann")
    world = World(scene(shopper("ann", 0.0, Pick(FIRST.sku, 1, At(FIRST.slot))), child))
    assert receipts(world.timeline) == {"ann": {FIRST.sku: 1, SECOND.sku: 1}}
    assert [(line.event, line.token) for line in world.timeline.gate] == [("enter", "ann"), ("exit", "ann")]
    assert world.timeline.gate[-1].t_s == max(life.to_s for life in world.timeline.lives)
    assert [kind for _, kind, _, _ in told(world, "enter", "exit")] == ["enter", "exit"]


def test_staff_bring_new_pieces_and_pay_for_nothing() -> None:
    steps = (Step(Entering(), 0.0), Step(Restock(THIRD.sku, 2, At(THIRD.slot))), Step(Leaving()))
    world = World(scene(Member("sam", "staff", None, steps), shopper("ann", 3.0)))
    assert world.stock(world.timeline.duration_s)[THIRD.slot][THIRD.sku] == THIRD.stock + 2
    assert receipts(world.timeline) == {"ann": {}}
    assert {line.token for line in world.timeline.gate} == {"ann"}
    # Restocking is no shopper's put-back: the truth of events has none of it, the world has all of it.
    assert {event.shopper for event in world.timeline.truth} == {"ann"}
    assert [(who, slot) for _, who, slot, _ in world.timeline.restocks] == [("sam", THIRD.slot)] * 2


def test_one_more_shopper_changes_nobody_elses_looks() -> None:
    ann = shopper("ann", 0.0, Pick(FIRST.sku, 1, At(FIRST.slot)))
    alone = World(scene(ann)).people(4.0)[0]
    together = World(scene(shopper("zoe", 30.0), ann)).people(4.0)[0]
    assert (alone.body, alone.height_m) == (together.body, together.height_m)


def test_an_empty_slot_makes_a_touch_of_a_pick_and_says_so() -> None:
    world = World(
        scene(shopper("ann", 0.0, Pick(FIRST.sku, FIRST.stock, At(FIRST.slot)), Pick(FIRST.sku, 1, At(FIRST.slot))))
    )
    assert told(world, "touch") == [("ann", "touch", None, FIRST.slot)]
    assert world.timeline.notes == (f"ann finds only 0 of 1 {FIRST.sku} in {FIRST.slot}",)
