"""The smallest shop there is: two tables with three things each, a camera above either table and one in the corner.

The table cameras hang behind the tables and look down on what stands there, so that whoever reaches in comes from the
far edge of the picture and hides nothing. Under what stands on the left table are plates. Where each slot and the
floor are in the pictures is for an installer to say (enrolment.py).
"""

from dataclasses import replace

from hardware.simulated.layout.assortment import assortment
from hardware.simulated.layout.from_store import layout_of
from hardware.simulated.layout.layout import Layout, Viewpoint, on_floor
from hardware.simulated.streams import stream
from protocol.store import Camera, Facing, FloorPoint, Gate, Gondola, Plate, Product, Shelf, Slot, Store

TABLES = ("left", "right")
WEIGHED = "left"
SLOTS = 3
WIDTH_M, DEPTH_M, HEIGHT_M = 1.3, 0.45, 0.85
SLOT_M, PITCH_M, FIRST_M = 0.24, 0.41, 0.06
PLATE_MARGIN_M = 0.03
"""A plate reaches so far beyond its slot on either side: a thing is put back a little beside where it stood."""
SHELF_SIZE, AREA_SIZE = (640, 480), (480, 270)
BEHIND_M = 0.7
FPS = 5.0
"""What two cores draw and see of three cameras at once, with room to spare."""
UNSEEN = Camera(id="none", role="gate", size=(16, 16))


def two_tables(seed: int) -> Layout:
    """The shop with number `seed`: other products, other walls, the same two tables."""
    tables = (_table("left", (0.6, 4.2)), _table("right", (2.9, 4.2)))
    products, forms = assortment(seed, 60)
    # Of all that is drawn, what stands well on a table and is told from its neighbour.
    chosen = _different([p for p in products if forms[p.sku].height_m <= 0.24 and forms[p.sku].shape != "bag"])
    places = [f"{table.id}.top.{slot.id}" for table in tables for slot in table.shelves[0].slots]
    store = Store(
        format=1,
        store=f"two-tables-{seed}",
        name="Two tables",
        currency="EUR",
        cameras=(UNSEEN,),
        gondolas=tables,
        products=tuple(chosen),
        planogram=tuple(Facing(slot=place, sku=p.sku) for place, p in zip(places, chosen, strict=True)),
        gate=Gate(lanes=("in", "out")),
    )
    layout = layout_of(store, seed)
    # The cameras hang behind the tables, so the wall must stand behind the cameras.
    layout = replace(layout, room=replace(layout.room, depth_m=round(layout.room.depth_m + BEHIND_M, 2)))
    forms = {product.sku: forms[product.sku] for product in chosen}
    return _with_cameras(replace(layout, forms=forms, kinds=dict.fromkeys(TABLES, "table")))


def _table(name: str, origin: FloorPoint) -> Gondola:
    spans = [(round(FIRST_M + n * PITCH_M, 2), round(FIRST_M + n * PITCH_M + SLOT_M, 2)) for n in range(SLOTS)]
    slots = tuple(Slot(id=str(number), span=span) for number, span in enumerate(spans, start=1))
    plates = tuple(
        Plate(id=slot.id, span=(round(slot.span[0] - PLATE_MARGIN_M, 2), round(slot.span[1] + PLATE_MARGIN_M, 2)))
        for slot in slots
    )
    top = Shelf(id="top", height=HEIGHT_M, slots=slots, plates=plates if name == WEIGHED else ())
    return Gondola(id=name, origin=origin, width=WIDTH_M, depth=DEPTH_M, shelves=(top,))


def _different(products: list[Product]) -> list[Product]:
    """As many products as there are slots, of different kinds as far as there are kinds."""
    kinds: dict[str, Product] = {}
    for product in products:
        kinds.setdefault(product.sku.partition("-")[0], product)
    rest = [product for product in products if product not in kinds.values()]
    return [*kinds.values(), *rest][: len(TABLES) * SLOTS]


def _with_cameras(layout: Layout) -> Layout:
    rng = stream(layout.seed, "two tables' cameras")
    viewpoints: list[Viewpoint] = []
    cameras: list[Camera] = []
    for table in layout.store.gondolas:
        x, y = on_floor(table, WIDTH_M / 2.0, -0.35)
        eye = (round(x + float(rng.normal(0.0, 0.03)), 3), y, round(2.3 + float(rng.uniform(0.0, 0.15)), 3))
        target = (*on_floor(table, WIDTH_M / 2.0, DEPTH_M * 0.6), HEIGHT_M + 0.05)
        viewpoints.append(Viewpoint(f"table-{table.id}", eye, target, 62.0))
        cameras.append(Camera(id=f"table-{table.id}", role="shelf", size=SHELF_SIZE, fps_max=FPS))
    room = layout.room
    corner = Viewpoint(
        "corner",
        (round(room.x + 0.3, 3), round(room.y + 0.3, 3), 2.7),
        (room.x + room.width_m / 2.0, room.y + room.depth_m / 2.0 + 0.4, 0.7),
        80.0,
    )
    viewpoints.append(corner)
    cameras.append(Camera(id="corner", role="area", size=AREA_SIZE, fps_max=FPS))
    store = layout.store.model_copy(update={"cameras": tuple(cameras)})
    return replace(layout, store=store, viewpoints=tuple(viewpoints))
