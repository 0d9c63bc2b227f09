"""A small shop to draw, and what the tests of drawing need of the machine."""

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.layout.layout import Layout, facing_yaw, on_floor
from hardware.simulated.layout.standing import places
from hardware.simulated.world.state import Hand, Item, Person, WorldState

if TYPE_CHECKING:
    from hardware.simulated.render.renderer import Renderer


@cache
def shop() -> Layout:
    return replace(generate_layout(7), fixtures=())


@cache
def renderer() -> "Renderer":
    """One for all tests; skips where the machine cannot draw."""
    from hardware.simulated.render.renderer import Renderer

    try:
        return Renderer(shop())
    except SimulationError as error:
        pytest.skip(str(error))


@cache
def stock() -> tuple[Item, ...]:
    items: list[Item] = []
    slots = shop().store.slots()
    for facing in shop().store.planogram:
        gondola, shelf, slot = slots[facing.slot]
        for spot in places(gondola, shelf, slot, shop().forms[facing.sku])[: facing.stock]:
            x, y = on_floor(gondola, spot.along_m, spot.out_m)
            items.append(
                Item(
                    f"{facing.sku}#{len(items)}",
                    facing.sku,
                    (x, y, spot.up_m),
                    facing_yaw(gondola),
                    "slot",
                    facing.slot,
                )
            )
    return tuple(items)


def somebody(name: str = "ann", x: float = 2.0, y: float = 3.0, body: int = 4, yaw: float = 0.0) -> Person:
    return Person(name, body, 1.7, x, y, yaw, 0.2, 1.1, 0.0, 0.0, None, None, None)


def holding(person: Person, item: Item) -> tuple[Person, Item]:
    """The person with the item in the right hand before them."""
    cos, sin = math.cos(person.yaw), math.sin(person.yaw)
    at = person.x + 0.4 * cos + 0.12 * sin, person.y + 0.4 * sin - 0.12 * cos, 1.15
    taken = replace(item, at=at, yaw=person.yaw, place="hand", where=person.id)
    return replace(person, right=Hand(at, 0.8, item.id), pace=0.0), taken


def moment(*people: Person, items: tuple[Item, ...] = ()) -> WorldState:
    return WorldState(1.0, people, items or stock())
