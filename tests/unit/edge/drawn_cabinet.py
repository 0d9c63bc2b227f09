"""A drawn cabinet: printed things anywhere on one free shelf, a hand from the right, one picture a second.

The network that would find things and hands is told where they are; what they look like is in the picture.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.perception.networks import Networks
from edge.perception.shelf_network import Seen, ShelfNetwork
from hardware.ports import Frame, Image
from protocol.store import Store
from protocol.store_file import parse_store
from tests.unit.edge.drawn_shelf import COLOURS, SKIN, Colours, NoNetwork, RedRectangles

SLOT = "cabinet.top.free"
WIDTH, HEIGHT = 320, 200
THING = (34, 60)
OWN = (200, 60, 200)
"""The colour of a bottle that nobody enrolled."""
PAINT = {**COLOURS, "own": OWN}

STORE = f"""\
format: 1
store: office
name: The cabinet
currency: EUR
cameras:
  - id: inside
    role: shelf
    size: [{WIDTH}, {HEIGHT}]
    fps_max: 1
    views:
      - {{slot: {SLOT}, box: [0, 0, {WIDTH}, {HEIGHT}]}}
gondolas:
  - id: cabinet
    origin: [0, 0]
    width: 0.9
    depth: 0.4
    shelves:
      - {{id: top, height: 1.0, free: true}}
products:
  - {{sku: water, name: Water, photos: [{{file: water.png}}, {{file: water-2.png}}]}}
  - {{sku: cola, name: Cola, photos: [{{file: cola.png}}, {{file: cola-2.png}}]}}
  - {{sku: juice, name: Juice, photos: [{{file: juice.png}}, {{file: juice-2.png}}]}}
planogram:
  - {{slot: {SLOT}, sku: water, stock: 2}}
  - {{slot: {SLOT}, sku: cola, stock: 1}}
  - {{slot: {SLOT}, sku: juice, stock: 1}}
zones:
  - {{id: door, kind: entry, polygon: [[-2, -4], [-1, -4], [-1, -3], [-2, -3]]}}
"""
Place = tuple[int, int]
STANDING: Mapping[Place, str] = {(20, 30): "water", (80, 30): "cola", (150, 110): "water", (230, 30): "juice"}


@dataclass(frozen=True, slots=True)
class Visit:
    """A hand in the cabinet in these whole seconds; then `gone` is no longer there, and `come` is."""

    from_s: int
    to_s: int
    gone: Sequence[Place] = ()
    come: Mapping[Place, str] | None = None


def drawn(standing: Mapping[Place, str], *, hand: bool = False) -> Image:
    """The cabinet's picture."""
    image = np.full((HEIGHT, WIDTH, 3), (130, 135, 140), np.uint8)
    for (x, y), sku in standing.items():
        cv2.rectangle(image, (x, y), (x + THING[0], y + THING[1]), PAINT[sku], -1)
        cv2.rectangle(image, (x + 6, y + 20), (x + THING[0] - 6, y + 38), (240, 240, 240), -1)
    if hand:
        cv2.rectangle(image, (200, 120), (WIDTH - 1, 180), SKIN, -1)
    return image


class ToldShelf(ShelfNetwork):
    """Sees what the drawing that it is shown was drawn of."""

    def __init__(self) -> None:
        self.network = NoNetwork()

    def look(self, picture: Image) -> tuple[Seen, ...]:
        found: list[Seen] = []
        if (picture[150, 260] == np.array(SKIN, np.uint8)).all():
            found.append(Seen("hand", (200.0, 120.0, WIDTH - 1.0, 180.0), 0.9))
        for colour in PAINT.values():
            mask = (picture == np.array(colour, np.uint8)).all(axis=2).astype(np.uint8)
            count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
            for x, y, w, h, _ in stats[1:count]:
                found.append(Seen("product", (float(x), float(y), float(x + w), float(y + h)), 0.8))
        return tuple(found)


def frames(visits: Sequence[Visit], until_s: int, standing: Mapping[Place, str] = STANDING) -> Iterator[Frame]:
    """The pictures of a film of one a second."""
    now = dict(standing)
    for t_s in range(until_s):
        hand = any(visit.from_s <= t_s <= visit.to_s for visit in visits)
        for visit in visits:
            if visit.to_s == t_s - 1 or (visit.to_s < visit.from_s and t_s == visit.from_s):
                now = {place: sku for place, sku in now.items() if place not in visit.gone} | dict(visit.come or {})
        yield Frame(float(t_s), "inside", t_s, drawn(now, hand=hand))


def open_cabinet(folder: Path, text: str = STORE) -> Store:
    """The cabinet's store, its products' photos written to `folder`."""
    for sku in COLOURS:
        picture = drawn({(40, 40): sku})
        for number, edge in enumerate((0, 3)):
            name = f"{sku}.png" if number == 0 else f"{sku}-2.png"
            cv2.imwrite(str(folder / name), picture[40 - edge : 40 + THING[1] + edge, 40 - edge : 40 + THING[0] + edge])
    return parse_store(text, "store.yaml")


def networks() -> Networks:
    return Networks(RedRectangles(), Colours(), shelf=ToldShelf())
