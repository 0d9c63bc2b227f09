"""A drawn shop: a shelf whose slots hold bright boxes, a hand that comes from above, people as red rectangles.

Drawn pictures are enough for the logic, and they say exactly what is true. The looks of things are told apart by their
colours, which a drawing keeps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from edge.perception.appearance import Appearance, Features
from edge.perception.detections import Detections
from edge.perception.network import Network
from edge.perception.networks import Networks
from edge.perception.persons import PersonDetector
from hardware.ports import Frame, Image
from protocol.store import Store
from protocol.store_file import parse_store

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
WIDTH, HEIGHT = 320, 180
FPS = 10
BOXES = {"wall.top.left": (40, 70, 44, 90), "wall.top.middle": (140, 70, 44, 90), "wall.top.right": (240, 70, 44, 90)}
LEFT, MIDDLE, RIGHT = BOXES
COLOURS = {"water": (210, 140, 40), "cola": (40, 40, 190), "juice": (30, 170, 230)}
SKIN = (120, 150, 215)
PERSON = (10, 10, 250)

STORE = f"""\
format: 1
store: corner
name: The corner shop
currency: EUR
cameras:
  - id: shelf
    role: shelf
    size: [{WIDTH}, {HEIGHT}]
    views:
{"".join(f"      - {{slot: {slot}, box: {list(box)}}}" + chr(10) for slot, box in BOXES.items())}
  - id: area
    role: area
    size: [{WIDTH}, {HEIGHT}]
    floor_points:
      - {{pixel: [0, 180], floor: [-2, -4]}}
      - {{pixel: [320, 180], floor: [3, -4]}}
      - {{pixel: [320, 20], floor: [3, 0]}}
      - {{pixel: [0, 20], floor: [-2, 0]}}
gondolas:
  - id: wall
    origin: [0, 0]
    width: 1.2
    depth: 0.3
    shelves:
      - id: top
        height: 1.0
        slots:
          - {{id: left, span: [0.0, 0.3]}}
          - {{id: middle, span: [0.4, 0.7]}}
          - {{id: right, span: [0.8, 1.1]}}
products:
  - {{sku: water, name: Water, photos: [{{file: water.png}}]}}
  - {{sku: cola, name: Cola, photos: [{{file: cola.png}}]}}
  - {{sku: juice, name: Juice, photos: [{{file: juice.png}}]}}
planogram:
  - {{slot: {LEFT}, sku: water}}
  - {{slot: {MIDDLE}, sku: cola}}
  - {{slot: {RIGHT}, sku: juice, stock: 0}}
zones:
  - {{id: door, kind: entry, polygon: [[-2, -4], [-1, -4], [-1, -3], [-2, -3]]}}
"""
HELD = {LEFT: "water", MIDDLE: "cola", RIGHT: None}


@dataclass(frozen=True, slots=True)
class Reach:
    """A hand in a slot between two moments; at half time `after` takes the place of what the slot held."""

    slot: str
    from_s: float
    to_s: float
    after: str | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What happens at the shelf, and under what light."""

    reaches: Sequence[Reach] = ()
    held: dict[str, str | None] = field(default_factory=lambda: dict(HELD))
    light: float = 1.0
    noise: float = 0.0

    def frames(self, until_s: float, from_s: float = 0.0, fps: int = FPS) -> Iterator[Frame]:
        """The shelf camera's pictures; the film begins at `from_s` of the store's time."""
        chance = np.random.default_rng(5)
        for index in range(round(until_s * fps)):
            image = self.image(index / fps)
            if self.noise:
                image = np.clip(image + chance.normal(0, self.noise, image.shape), 0, 255).astype(np.uint8)
            yield Frame(from_s + index / fps, "shelf", index, image)

    def image(self, t_s: float) -> Image:
        held, hands = dict(self.held), []
        for reach in sorted(self.reaches, key=lambda reach: reach.from_s):
            share = (t_s - reach.from_s) / (reach.to_s - reach.from_s)
            carried = reach.after if share < 0.5 else held[reach.slot]
            if share >= 0.5:
                held[reach.slot] = reach.after
            if 0.0 <= share < 1.0:
                hands.append((reach.slot, 1.0 - abs(2.0 * share - 1.0), carried))
        image = _ground()
        for slot, sku in held.items():
            draw_thing(image, slot, sku)
        for slot, depth, carried in hands:
            draw_hand(image, slot, depth, carried)
        return image if self.light == 1.0 else np.asarray(np.clip(image * self.light, 0, 255), np.uint8)


@cache
def _bare() -> Image:
    mottled = np.random.default_rng(3).integers(120, 170, (HEIGHT // 12, WIDTH // 12, 1)).astype(np.uint8)
    return np.asarray(cv2.resize(np.repeat(mottled, 3, axis=2), (WIDTH, HEIGHT)), np.uint8)


def _ground() -> Image:
    return _bare().copy()


def draw_thing(image: Image, slot: str, sku: str | None, up: int = 0) -> None:
    """The product `sku` in its slot, lifted by `up` pixels."""
    if sku is None:
        return
    x, y, width, height = BOXES[slot]
    cv2.rectangle(image, (x + 4, y + 4 - up), (x + width - 4, y + height - up), COLOURS[sku], -1)
    cv2.rectangle(image, (x + 10, y + 30 - up), (x + width - 10, y + 55 - up), (240, 240, 240), -1)


def draw_hand(image: Image, slot: str, depth: float, carried: str | None) -> None:
    """An arm from the picture's upper edge, `depth` (0–1) of the way into the slot."""
    x, y, width, height = BOXES[slot]
    tip = int(depth * (y + height / 2))
    draw_thing(image, slot, carried, up=y + height // 2 - tip)
    cv2.rectangle(image, (x + 10, 0), (x + width - 10, tip), SKIN, -1)


def photo(sku: str) -> Image:
    image = _ground()
    draw_thing(image, LEFT, sku)
    x, y, width, height = BOXES[LEFT]
    return image[y : y + height, x : x + width]


class NoNetwork(Network):
    """Stands where a network would, and never runs."""

    def __init__(self) -> None:
        self.name, self.runs, self.run_s = "none", 0, 0.0


class Colours(Appearance):
    """The looks of a picture by the shares of its colours: what a drawing has instead of features."""

    def __init__(self) -> None:
        self.network = NoNetwork()

    def features(self, image: Image) -> Features:
        level = image.astype(np.float32) / max(float(np.percentile(image, 95)), 1.0) * 240
        counts = cv2.calcHist([np.clip(level, 0, 255).astype(np.uint8)], [0, 1, 2], None, [5, 5, 5], [0, 256] * 3)
        smooth = cv2.GaussianBlur(counts.reshape(25, 5), (3, 3), 0).ravel()
        return np.asarray(smooth / max(float(np.linalg.norm(smooth)), 1e-9), np.float32)


class RedRectangles(PersonDetector):
    """Finds the people of a drawn area."""

    def __init__(self) -> None:
        self.network = NoNetwork()

    def detect(self, image: Image) -> Detections:
        red = (image == np.array(PERSON, np.uint8)).all(axis=2).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(red)
        boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:]]
        return Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(count - 1, 0.9, np.float32))


def area_frame(t_s: float, *feet: tuple[int, int]) -> Frame:
    """The area camera's picture of people whose feet are at these pixels."""
    image = _ground()
    for x, y in feet:
        cv2.rectangle(image, (x - 12, y - 60), (x + 12, y - 1), PERSON, -1)
    return Frame(t_s, "area", 0, image)


def open_store(folder: Path, text: str = STORE) -> Store:
    """The drawn store, its products' photos written to `folder`."""
    for sku in COLOURS:
        cv2.imwrite(str(folder / f"{sku}.png"), photo(sku))
    return parse_store(text, "store.yaml")


def networks() -> Networks:
    return Networks(RedRectangles(), Colours())


def networks_of_colours() -> Networks:
    """For a store without an area camera."""
    return Networks(None, Colours())
