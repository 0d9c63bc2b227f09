"""The store of written scenes: its geometry and products from their own files, the planogram from what was taken where.

The files place each part relative to its parent, in metres: gondolas on the floor, shelves on gondolas, plates on
shelves; a shelf lies towards smaller y of its gondola. Nothing says what stands where but the takes themselves: a plate
belongs to the product taken from it in the case that is played, else to the one taken from it most often in the file.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from protocol.model import Sku
from protocol.store import Camera, Facing, Gate, Gondola, Plate, Policies, Product, Shelf, Slot, Store
from tillfree.errors import EvaluationError
from tillfree.evaluate.scenarios_file import Case, Label, place, read_json

STOCK = 8
OWN_CASE = 1000
"""How much more a take of the case itself counts than one of another case."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Vector(_Part):
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0


class _Transform(_Part):
    translation: _Vector
    rotation: _Vector = _Vector()


class _Coordinates(_Part):
    transform: _Transform
    dim_x: Annotated[float, Field(gt=0)]
    dim_y: Annotated[float, Field(gt=0)]


class _GondolaId(_Part):
    id: int


class _ShelfId(_Part):
    gondola_id: _GondolaId
    shelf_index: int


class _PlateId(_Part):
    shelf_id: _ShelfId
    plate_index: int


class _Gondola(_Part):
    id: _GondolaId
    coordinates: _Coordinates


class _Shelf(_Part):
    id: _ShelfId
    coordinates: _Coordinates


class _Plate(_Part):
    id: _PlateId
    coordinates: _Coordinates


class _Product(_Part):
    barcode: Sku
    name: Annotated[str, Field(min_length=1, max_length=200)]
    grams: Annotated[float, Field(ge=0)] = 0.0


class _Gondolas(_Part):
    gondolas: tuple[_Gondola, ...]


class _Shelves(_Part):
    shelves: tuple[_Shelf, ...]


class _Plates(_Part):
    plates: tuple[_Plate, ...]


Spot = tuple[int, int, int]
"""Gondola, shelf and plate, by the files' numbers."""


@dataclass(frozen=True, slots=True)
class Premises:
    """A store without a planogram: its parts, and where each plate is along its gondola."""

    gondolas: tuple[Gondola, ...]
    products: tuple[Product, ...]
    spans: dict[Spot, tuple[float, float]]

    def weighed(self) -> set[str]:
        """The barcodes of which a weight is known."""
        return {product.sku for product in self.products if product.weight_g is not None}

    def along(self, gondola: int, shelf: int, plates: Sequence[int]) -> float:
        """The middle of the plates along their board."""
        spans = [self.spans[gondola, shelf, plate] for plate in plates]
        return (min(span[0] for span in spans) + max(span[1] for span in spans)) / 2.0


def read_premises(folder: Path) -> Premises:
    """The store in `folder`. EvaluationError names the file and the part that does not fit."""
    gondolas = read_json(folder / "Gondolas.json", TypeAdapter(_Gondolas)).gondolas
    shelves = read_json(folder / "Shelves.json", TypeAdapter(_Shelves)).shelves
    plates = read_json(folder / "Plates.json", TypeAdapter(_Plates)).plates
    listed = read_json(folder / "products.json", TypeAdapter(tuple[_Product, ...]))
    products = {p.barcode: Product(sku=p.barcode, name=p.name, weight_g=p.grams or None) for p in listed}
    spans: dict[Spot, tuple[float, float]] = {}
    made = tuple(_gondola(gondola, shelves, plates, spans) for gondola in gondolas)
    if not spans:
        raise EvaluationError(f"{folder / 'Plates.json'}: no plate lies on a shelf of a gondola")
    return Premises(made, tuple(products.values()), spans)


def _gondola(
    gondola: _Gondola, shelves: Sequence[_Shelf], plates: Sequence[_Plate], spans: dict[Spot, tuple[float, float]]
) -> Gondola:
    mine = sorted((s for s in shelves if s.id.gondola_id == gondola.id), key=lambda shelf: shelf.id.shelf_index)
    places = [(s.coordinates.transform.translation, s.coordinates) for s in mine]
    left = min((at.x for at, _ in places), default=0.0)
    back = max((at.y + size.dim_y for at, size in places), default=0.0)
    width = max((at.x + size.dim_x for at, size in places), default=left + gondola.coordinates.dim_x) - left
    depth = back - min((at.y for at, _ in places), default=back - 0.4)
    at, turn = gondola.coordinates.transform.translation, gondola.coordinates.transform.rotation.z
    made = []
    for shelf in mine:
        begin = shelf.coordinates.transform.translation.x - left
        own = []
        for plate in sorted((p for p in plates if p.id.shelf_id == shelf.id), key=lambda p: p.id.plate_index):
            x = begin + plate.coordinates.transform.translation.x
            span = (round(max(x, 0.0), 4), round(min(x + plate.coordinates.dim_x, width), 4))
            spans[gondola.id.id, shelf.id.shelf_index, plate.id.plate_index] = span
            own.append(Plate(id=f"p{plate.id.plate_index:02d}", span=span))
        height = round(shelf.coordinates.transform.translation.z, 4)
        made.append(Shelf(id=f"s{shelf.id.shelf_index}", height=height, plates=tuple(own)))
    origin = (
        round(at.x + left * math.cos(turn) - back * math.sin(turn), 4),
        round(at.y + left * math.sin(turn) + back * math.cos(turn), 4),
    )
    size: dict[str, Any] = {"width": round(width, 4), "depth": round(depth, 4)}
    return Gondola(
        id=f"g{gondola.id.id}", origin=origin, yaw_deg=round(math.degrees(turn), 2), shelves=tuple(made), **size
    )


def on_plates(premises: Premises, path: Path, number: int, case: Case) -> tuple[Case, list[str]]:
    """The case on plates that are there, and what had to be read otherwise: a plate beyond the last is the last.

    `case` is the file's case `number`, from 0. EvaluationError where there is no such shelf.
    """
    labels, readings = [], []
    for index, label in enumerate(case.events):
        there = [plate for gondola, shelf, plate in premises.spans if (gondola, shelf) == (label.gondola, label.shelf)]
        if not there:
            where = f"{place(path, number, 'events', index)}: case {case.case!r}, events[{index}]"
            raise EvaluationError(f"{where}: the store has no shelf {label.shelf} on gondola {label.gondola}")
        plates = tuple(min(there, key=lambda plate: abs(plate - wanted)) for wanted in label.plates)
        if plates != label.plates:
            readings.append(
                f"event {index}: plates {list(label.plates)} of gondola {label.gondola} read as {list(plates)}"
            )
        labels.append(label.model_copy(update={"plates": tuple(dict.fromkeys(plates))}))
    return case.model_copy(update={"events": tuple(labels)}), readings


def store_of(premises: Premises, cases: Sequence[Case], case: Case) -> Store:
    """The store as `case` finds it: slots of neighbouring plates with the same product, and their facings."""
    owners = _owners(cases, case)
    gondolas, planogram = [], []
    for gondola in premises.gondolas:
        shelves = []
        for shelf in gondola.shelves:
            slots: list[Slot] = []
            last: str | None = None
            for plate in shelf.plates:
                owner = owners.get((int(gondola.id[1:]), int(shelf.id[1:]), int(plate.id[1:])))
                if owner is not None and owner == last and abs(slots[-1].span[1] - plate.span[0]) < 0.01:
                    slots[-1] = slots[-1].model_copy(update={"span": (slots[-1].span[0], plate.span[1])})
                    continue
                slots.append(Slot(id=plate.id, span=plate.span))
                if owner is not None:
                    planogram.append(Facing(slot=f"{gondola.id}.{shelf.id}.{plate.id}", sku=owner, stock=STOCK))
                last = owner
            shelves.append(shelf.model_copy(update={"slots": tuple(slots)}))
        gondolas.append(gondola.model_copy(update={"shelves": tuple(shelves)}))
    listed = {product.sku for product in premises.products}
    taken = {sku for other in cases for label in other.events for sku in label.barcodes}
    unlisted = tuple(Product(sku=sku, name=sku) for sku in sorted(taken - listed))
    return Store(
        format=1,
        store="scenarios",
        name="The store of the scenes",
        currency="USD",
        cameras=(Camera(id="ceiling", role="area", size=(640, 360)),),
        gondolas=tuple(gondolas),
        products=(*premises.products, *unlisted),
        planogram=tuple(planogram),
        gate=Gate(lanes=("gate",)),
        # Nobody reviews a competition's receipts: each line is what was thought best.
        policies=Policies(charge_threshold=0.0),
    )


def _owners(cases: Sequence[Case], case: Case) -> dict[Spot, str]:
    """What stands on each plate."""
    votes: dict[Spot, Counter[str]] = {}
    for other in cases:
        for label in other.events:
            for plate in label.plates:
                spot = (label.gondola, label.shelf, plate)
                if label.action == "take" and len(set(label.barcodes)) == 1:
                    weight = OWN_CASE if other.case == case.case else 1
                    votes.setdefault(spot, Counter())[label.barcodes[0]] += weight
    _share_out(case, votes)
    owners = {spot: min(counter, key=lambda sku: (-counter[sku], sku)) for spot, counter in votes.items()}
    for label in case.events:
        # Two products taken from the same plates in one case: each needs a plate to stand on.
        spots = [(label.gondola, label.shelf, plate) for plate in label.plates]
        taken = label.action == "take" and len(set(label.barcodes)) == 1
        if taken and not _put_there_before(case, label) and label.barcodes[0] not in {owners.get(s) for s in spots}:
            owners[spots[-1]] = label.barcodes[0]
    return owners


def _put_there_before(case: Case, take: Label) -> bool:
    """Whether what is taken was put onto the same plates before: it need not stand there from the beginning."""
    return any(
        label.action == "put_back"
        and label.barcodes == take.barcodes
        and (label.gondola, label.shelf) == (take.gondola, take.shelf)
        for label in case.events[: case.events.index(take)]
    )


def _share_out(case: Case, votes: dict[Spot, Counter[str]]) -> None:
    """A take of several products from several plates: the first from the first plates, and so on."""
    for label in case.events:
        skus = list(dict.fromkeys(label.barcodes))
        if label.action != "take" or len(skus) < 2:
            continue
        for number, plate in enumerate(label.plates):
            sku = skus[min(number * len(skus) // len(label.plates), len(skus) - 1)]
            votes.setdefault((label.gondola, label.shelf, plate), Counter())[sku] += OWN_CASE
