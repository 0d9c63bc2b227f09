"""What devices say when they are broken, played from the gate to the receipt: nobody pays too much, and it is told."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from edge.events import NewEvent
from edge.node import Node
from edge.perception.networks import Networks
from hardware.ports import Observation, Reading, Weight
from hardware.simulated.hardship import Hardship, readings_of
from hardware.simulated.scene.file import open_scene
from hardware.simulated.world.receipts import receipts as true_receipts
from hardware.simulated.world.world import World
from protocol.events import Crowded, Faulted
from tillfree.evaluate.lines import CheckedCart, checked_carts
from tillfree.evaluate.shoppers import shoppers_of

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
THRESHOLD = 0.9
SCENE = "take-three-put-back-one"

Spoiling = Callable[[Sequence[Reading]], Iterator[Reading]]


@cache
def world_of(name: str) -> tuple[World, tuple[Reading, ...]]:
    world = World(open_scene(name, 0))
    return world, tuple(readings_of(world, Hardship(always=True)))


def play(name: str, spoil: Spoiling, people_max: int | None = None) -> tuple[list[NewEvent], tuple[CheckedCart, ...]]:
    world, readings = world_of(name)
    store = world.scene.layout.store
    if people_max is not None:
        policies = store.policies.model_copy(update={"people_max": people_max})
        store = store.model_copy(update={"policies": policies})
    node = Node(store, Path(), Networks(None, None), "bad", START)
    events: list[NewEvent] = []
    for reading in spoil(readings):
        events += node.take(reading)
    events += node.finish(world.timeline.duration_s)
    shoppers = shoppers_of(events, world.timeline.truth, START)
    return events, checked_carts(events, shoppers, true_receipts(world.timeline))


def busy_plate(name: str) -> str:
    """The plate whose load changes the most in the scene."""
    world, _ = world_of(name)
    return max(
        world.timeline.loads,
        key=lambda plate: sum(abs(load.grams) for load in world.timeline.loads[plate] if load.t_s > 0),
    )


def of_plate(change: Callable[[Weight], Weight | None], from_s: float) -> Spoiling:
    """Every sample of the busy plate from `from_s` on, changed or (None) lost."""
    plate = busy_plate(SCENE)

    def spoil(readings: Sequence[Reading]) -> Iterator[Reading]:
        for reading in readings:
            if isinstance(reading, Weight) and reading.plate == plate and reading.t_s >= from_s:
                changed = change(reading)
                if changed is not None:
                    yield changed
            else:
                yield reading

    return spoil


def strange_plate(readings: Sequence[Reading]) -> Iterator[Reading]:
    for reading in readings:
        yield reading
        if isinstance(reading, Weight):
            yield Weight(reading.t_s, "attic.top.p1", reading.grams)


def camera_lost(from_s: float, to_s: float) -> Spoiling:
    def spoil(readings: Sequence[Reading]) -> Iterator[Reading]:
        return (r for r in readings if not (isinstance(r, Observation) and from_s <= r.t_s < to_s))

    return spoil


def as_it_is(readings: Sequence[Reading]) -> Iterator[Reading]:
    return iter(readings)


def faults(events: Sequence[NewEvent]) -> list[str]:
    return [event.event.reason for event in events if isinstance(event.event, Faulted)]


STUCK_G = 1234.5

BROKEN = {
    "sticks": (of_plate(lambda w: dataclasses.replace(w, grams=STUCK_G), 5.0), "in a row"),
    "says no number": (of_plate(lambda w: dataclasses.replace(w, grams=math.nan), 5.0), "no number"),
    "says infinity": (of_plate(lambda w: dataclasses.replace(w, grams=math.inf), 5.0), "no number"),
    "says less than nothing": (of_plate(lambda w: dataclasses.replace(w, grams=w.grams - 50_000.0), 5.0), "no load"),
    "is not in the store file": (strange_plate, "no such plate"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_plate_charges_nobody_too_much_and_is_told(how: str) -> None:
    spoil, told = BROKEN[how]
    events, carts = play(SCENE, spoil)
    assert not any(cart.overcharged(THRESHOLD) for cart in carts)
    assert sum(told in reason for reason in faults(events)) == 1


@pytest.mark.parametrize("keep", [2, 5, 10])
def test_a_plate_that_drops_samples_charges_nobody_too_much(keep: int) -> None:
    numbers = iter(range(10**9))
    _, carts = play(SCENE, of_plate(lambda w: w if next(numbers) % keep == 0 else None, 0.0))
    assert not any(cart.overcharged(THRESHOLD) for cart in carts)


@pytest.mark.parametrize("from_s", [4.0, 8.0, 12.0])
def test_cameras_that_are_lost_in_the_middle_charge_nobody_too_much(from_s: float) -> None:
    _, carts = play(SCENE, camera_lost(from_s, from_s + 6.0))
    assert not any(cart.overcharged(THRESHOLD) for cart in carts)


def test_nothing_that_a_plate_feels_is_charged_where_cameras_see_nobody() -> None:
    _, carts = play(SCENE, camera_lost(0.0, math.inf))
    assert not any(cart.overcharged(THRESHOLD) for cart in carts)


def test_more_people_than_the_store_allows_are_told_and_trade_goes_on() -> None:
    events, carts = play("same-slot-same-instant", as_it_is, people_max=1)
    told = [event.event for event in events if isinstance(event.event, Crowded)]
    assert told[0].people > told[0].people_max == 1
    assert all(line.right for cart in carts for line in cart.lines)


def test_readings_of_every_plate_at_once_out_of_step_stop_nothing() -> None:
    """A driver that says its plates' samples in lumps of a second, as some do."""

    def lumps(readings: Sequence[Reading]) -> Iterator[Reading]:
        return iter(sorted(readings, key=lambda r: (math.ceil(r.t_s) if isinstance(r, Weight) else r.t_s, r.t_s)))

    _, carts = play(SCENE, lumps)
    assert not any(cart.overcharged(THRESHOLD) for cart in carts)
