"""A mock store around any store file: walls, doors and looks that the file does not say, drawn from a seed."""

import math
from dataclasses import replace

from hardware.simulated.layout.assortment import form_of
from hardware.simulated.layout.check import DoesNotClose, problems_in
from hardware.simulated.layout.furnish import appearance
from hardware.simulated.layout.generate import DOOR_M, zones_of
from hardware.simulated.layout.layout import Door, GondolaKind, Layout, Room, on_floor
from hardware.simulated.layout.walkable import corners
from protocol.store import FloorPoint, Store

BEFORE_M = 2.4
"""Floor before every gondola, to walk on."""
ROOM_MIN_M = 3.4


def layout_of(store: Store, seed: int) -> Layout:
    """The store as a mock store. Its cameras keep their calibration; where they hang, the file does not say.

    Entry and exit zones are taken from the file, or added. DoesNotClose says what keeps it from being a store.
    """
    room = _room(store)
    ways = {kind: _door(store, kind, room, share) for kind, share in (("entry", 0.2), ("exit", 0.8))}
    if not {"entry", "exit"} & {zone.kind for zone in store.zones}:
        store = store.model_copy(update={"zones": (*store.zones, *zones_of(ways["entry"], ways["exit"]))})
    forms = {product.sku: form_of(product, seed) for product in store.products}
    kinds: dict[str, GondolaKind] = {gondola.id: "wall" for gondola in store.gondolas}
    looks = appearance(seed, room)
    layout = Layout(seed, store, room, ways["entry"], ways["exit"], forms, kinds, (), (), looks)
    problems = tuple(problems_in(layout))
    if problems:
        words = "; ".join(problem.message for problem in problems)
        raise DoesNotClose(f"store {store.store!r} does not close: {words}", problems)
    return replace(layout, store=store)


def _room(store: Store) -> Room:
    """Walls around everything that the file places, with floor to walk on."""
    points = [corner for gondola in store.gondolas for corner in corners(gondola)]
    for gondola in store.gondolas:
        points += [on_floor(gondola, along, gondola.depth + BEFORE_M) for along in (0.0, gondola.width)]
    for zone in store.zones:
        points += list(zone.polygon)
    points = points or [(0.0, 0.0)]
    low, high = ([pick(p[axis] for p in points) for axis in (0, 1)] for pick in (min, max))
    wide, deep = (max(high[axis] - low[axis], ROOM_MIN_M) for axis in (0, 1))
    x, y = ((low[axis] + high[axis]) / 2.0 - side / 2.0 for axis, side in ((0, wide), (1, deep)))
    # What stands at the back stays at the back: a room that is made wider grows towards the doors.
    y = min(y, high[1] - deep)
    margin = 0.05
    return Room(
        math.floor((x - margin) * 100) / 100,
        math.floor((y - margin) * 100) / 100,
        round(wide + 2 * margin + 0.02, 2),
        round(deep + 2 * margin + 0.02, 2),
        3.0,
    )


def _door(store: Store, kind: str, room: Room, share: float) -> Door:
    """The door by the middle of the file's zone of that kind, or in the wall that lies towards smaller y."""
    for zone in store.zones:
        if zone.kind == kind:
            xs, ys = zip(*zone.polygon, strict=True)
            inside: FloorPoint = (sum(xs) / len(xs), sum(ys) / len(ys))
            return Door((inside[0], round(room.y - 0.9, 2)), inside, DOOR_M)
    x = round(room.x + share * room.width_m, 2)
    return Door((x, round(room.y - 0.9, 2)), (x, round(room.y + 0.6, 2)), DOOR_M)
