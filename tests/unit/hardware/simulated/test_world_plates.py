"""What the plates say is what stands on them, once they have settled, and a real cell's faults beside."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.simulated.scene.scene import At, Lean, Pick, PutBack
from hardware.simulated.world.plates import RATE_HZ, CellNoise, Plates
from hardware.simulated.world.world import World
from tests.unit.hardware.simulated.scenes import scene, shop, shopper

QUIET = CellNoise(sigma_g=0.0, drift_g=0.0)
FIRST, SECOND = shop(3).store.planogram[:2]


def standing_g(world: World, t_s: float) -> float:
    """What stands on all shelves at a moment, by the pieces themselves; a bag that leans is weighed less."""
    weights = {thing.id: thing.weight_g for thing in world.timeline.things}
    return sum(weights[item.id] for item in world.state(t_s).items if item.place == "slot")


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 20), st.integers(0, 8))
def test_settled_plates_weigh_what_stands_on_them(seed: int, number: int) -> None:
    facing = shop(3).store.planogram[number]
    at = At(facing.slot)
    world = World(scene(shopper("ann", 0.0, Pick(facing.sku, 1, at), PutBack(facing.sku, 1, at)), seed=seed, number=3))
    plates = Plates(world.timeline, QUIET)
    pick_s = next(event.t_s for event in world.timeline.truth if event.type == "pick")
    end_s = world.timeline.duration_s
    board = facing.slot.rpartition(".")[0]
    touched = [plate for plate in plates.names if plate.startswith(f"{board}.")]
    for t_s in (pick_s - 3.0, end_s - 0.1):
        index = np.array([int(t_s * RATE_HZ)])
        for plate in touched:
            assert abs(plates.samples_g(plate, index)[0] - plates.true_g(plate, index / RATE_HZ)[0]) < 0.5
    piece = next(thing for thing in world.timeline.things if len(thing.moves) > 1)
    before, after = (sum(plates.true_g(p, np.array([t]))[0] for p in touched) for t in (pick_s - 0.1, pick_s + 0.1))
    assert 0.75 * piece.weight_g <= before - after <= piece.weight_g + 0.01


def test_any_part_of_a_day_can_be_had_without_the_rest() -> None:
    world = World(scene(shopper("ann", 0.0, Pick(FIRST.sku, 1, At(FIRST.slot))), number=3))
    plates = Plates(world.timeline)
    plate = next(p for p in plates.names if p.startswith(FIRST.slot.rpartition(".")[0]))
    whole = plates.samples_g(plate, np.arange(0, 1200))
    part = plates.samples_g(plate, np.arange(500, 700))
    assert np.array_equal(whole[500:700], part)


def test_a_pick_swings_and_has_settled_half_a_second_later() -> None:
    world = World(scene(shopper("ann", 0.0, Pick(FIRST.sku, 1, At(FIRST.slot))), number=3))
    plates = Plates(world.timeline, QUIET)
    pick = next(event for event in world.timeline.truth if event.type == "pick")
    plate, load = next(
        (plate, load) for plate, loads in world.timeline.loads.items() for load in loads if load.t_s == pick.t_s
    )
    index = np.arange(int(pick.t_s * RATE_HZ) + 1, int((pick.t_s + 1.5) * RATE_HZ))
    off = np.abs(plates.samples_g(plate, index) - plates.true_g(plate, index / RATE_HZ))
    assert off[:6].max() > 0.2 * abs(load.grams)
    assert off[int(0.6 * RATE_HZ) :].max() < 0.06 * (abs(load.grams) + abs(load.swing_g)) + 0.5


def test_an_elbow_on_a_plate_changes_nothing_for_good() -> None:
    world = World(scene(shopper("ann", 0.0, Lean(At(SECOND.slot), 900.0, 2.0)), number=3))
    plates = Plates(world.timeline, QUIET)
    plate, press = next((plate, presses[0]) for plate, presses in world.timeline.presses.items() if presses)
    middle, after = (np.array([int(t * RATE_HZ)]) for t in ((press.from_s + press.to_s) / 2, press.to_s + 1.0))
    before = plates.true_g(plate, np.array([0.0]))[0]
    assert plates.samples_g(plate, middle)[0] - before > 800.0
    assert abs(plates.samples_g(plate, after)[0] - before) < 0.5
    assert standing_g(world, 0.0) == standing_g(world, world.timeline.duration_s)
