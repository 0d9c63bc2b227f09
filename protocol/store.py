"""The store file (store.yaml): everything about a store, in one file, lengths in metres, masses in grams.

Floor coordinates are metres on the store's plan: x to the right, y up the page, the origin where the installer put
it. As one stands before a gondola, `origin` is its back left corner on the floor; its own x axis runs to the right
along its shelves and its depth towards the one who looks. `yaw_deg` turns it counter-clockwise about its origin; at 0
its x axis is the plan's. Pixel coordinates belong to a camera's picture of `size` [width, height], x to the right, y
down, the origin in the top left corner.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from protocol.model import Currency, Id, MinorUnits, Model, Probability, Sku, SlotPath

Metres = Annotated[float, Field(ge=-10_000, le=10_000)]
Length = Annotated[float, Field(gt=0, le=10_000)]
FloorPoint = tuple[Metres, Metres]
Pixel = tuple[float, float]
Side = Annotated[int, Field(ge=16, le=16_384)]
Tiles = Annotated[int, Field(ge=1, le=6)]
Box = tuple[
    Annotated[float, Field(ge=0)],
    Annotated[float, Field(ge=0)],
    Annotated[float, Field(ge=1)],
    Annotated[float, Field(ge=1)],
]
"""x, y, width, height in pixels, at least one of them each way."""


class MarkedPoint(Model):
    """A point of the floor and where the camera sees it."""

    pixel: Pixel
    floor: FloorPoint
    left_out: bool = False
    """Nothing is computed from it: the others contradict it."""


Unit = tuple[float, float, float]
"""A direction in the store's frame: x and y of the plan, and up."""


class Lens(Model):
    """How a camera's lens bends straight lines (edge/calibration/optics.py), in pixels of pictures of `size`."""

    model: Literal["brown", "division"]
    size: tuple[Side, Side]
    centre: Pixel
    focal: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """In pixels; None where it is not known."""
    coefficients: Annotated[tuple[Annotated[float, Field(ge=-1000, le=1000)], ...], Field(max_length=5)] = ()
    """brown: k1, k2, p1, p2, k3 as OpenCV has them. division: λ, for radii in half diagonals."""

    @model_validator(mode="after")
    def _whole(self) -> "Lens":
        if self.model == "brown" and self.focal is None:
            raise ValueError("a brown lens is told with its focal length; run `tillfree calibrate lens` again")
        if self.model == "division" and len(self.coefficients) != 1:
            raise ValueError(f"a division lens has one coefficient; {len(self.coefficients)} are given")
        return self


class Pose(Model):
    """Where a camera hangs, in metres, and how it is turned: unit vectors along its picture's rows and its look."""

    eye: tuple[Metres, Metres, Metres]
    forward: Unit
    right: Unit

    @model_validator(mode="after")
    def _square(self) -> "Pose":
        pairs = ((self.forward, self.forward, 1.0), (self.right, self.right, 1.0), (self.forward, self.right, 0.0))
        if any(abs(sum(a * b for a, b in zip(u, v, strict=True)) - value) > 1e-3 for u, v, value in pairs):
            raise ValueError("forward and right are unit vectors, square to each other; these are not")
        return self


class FloorView(Model):
    """What a calibration found: from pixels to the floor. `tillfree calibrate` writes it."""

    method: Literal["points", "board", "people"]
    size: tuple[Side, Side]
    """Of the pictures that it holds for."""
    matrix: tuple[Unit, Unit, Unit]
    """From pixels of a straight lens to metres on the floor, homogeneous; positive where the camera sees the floor."""
    error_cm: Annotated[float, Field(ge=0)] | None = None
    """Half of the places that were foretold without being used were missed by less; None where none could be."""
    error_most_cm: Annotated[float, Field(ge=0)] | None = None
    """Nine in ten were missed by less."""
    points_off_cm: Annotated[float, Field(ge=0)] | None = None
    """By how much this misses the worst of the floor points: one that is off by more was changed afterwards."""


class SlotView(Model):
    """Where a shelf camera sees a slot: the box that its product fills when it stands there."""

    slot: SlotPath
    box: Box


class Camera(Model):
    """A camera: what it is for, where its pictures come from, and how they lie in the store."""

    id: Id
    role: Literal["area", "shelf", "gate"]
    source: Annotated[str, Field(min_length=1, max_length=2000)] = "recording"
    """Where its pictures come from (docs/cameras.md), or `recording`: the recording that is played says it."""
    size: tuple[Side, Side]
    fps_max: Annotated[float, Field(gt=0, le=240)] = 15.0
    """Frames beyond this rate are left out before anything is computed on them."""
    frozen_after_s: Annotated[float, Field(ge=0.5, le=86_400)] | None = None
    """Live pictures that stay the same for so long are frozen ones; None leaves it to what the camera's noise tells."""
    tiles: tuple[Tiles, Tiles] | None = None
    """Across and down: an area camera whose view is so wide that people are small in it is looked at in so many parts,
    and as a whole; each is another run of the network."""
    floor_points: Annotated[tuple[MarkedPoint, ...], Field(max_length=1000)] = ()
    """Four or more marked points calibrate an area camera to the floor."""
    lens: Lens | None = None
    pose: Pose | None = None
    floor_view: FloorView | None = None
    """Where it is there, it holds; without it the floor points do."""
    views: Annotated[tuple[SlotView, ...], Field(max_length=1000)] = ()


class Slot(Model):
    """One facing of one SKU: `span` is where it begins and ends along the shelf."""

    id: Id
    span: tuple[Metres, Metres]

    @model_validator(mode="after")
    def _grows(self) -> "Slot":
        if self.span[0] >= self.span[1]:
            raise ValueError(f"a slot's span begins before it ends; [{self.span[0]}, {self.span[1]}] does not")
        return self


class Plate(Model):
    """A load cell under the slots that stand on its span."""

    id: Id
    span: tuple[Metres, Metres]
    capacity_g: Annotated[float, Field(gt=0)] = 20_000.0


FREE = "free"
"""The last part of a free shelf's path, where a slot's has the slot's id."""


class Shelf(Model):
    """A board of a gondola at a height above the floor. It has slots, or is free."""

    id: Id
    height: Annotated[float, Field(ge=0, le=10)]
    free: bool = False
    """Things stand anywhere on it and are counted by product; planogram and views name it `gondola.shelf.free`."""
    slots: tuple[Slot, ...] = ()
    plates: tuple[Plate, ...] = ()


class Gondola(Model):
    """A piece of shelving that stands on the floor."""

    id: Id
    origin: FloorPoint
    yaw_deg: Annotated[float, Field(ge=-360, le=360)] = 0.0
    width: Length
    depth: Length
    shelves: Annotated[tuple[Shelf, ...], Field(min_length=1)]
    plates: tuple[Plate, ...] = ()
    """Scales under the whole gondola: each feels what stands over its span on any of the shelves."""


class Photo(Model):
    """A picture to know a product by: a picture file, or one frame of a video; `box` cuts the product out."""

    file: Annotated[str, Field(min_length=1)]
    """Relative to the store file."""
    frame: Annotated[int, Field(ge=0)] | None = None
    box: Box | None = None


class Product(Model):
    """A thing that is sold. The cloud's price list is what is charged; `price_minor` here is what set-up registers."""

    sku: Sku
    name: Annotated[str, Field(min_length=1, max_length=200)]
    price_minor: Annotated[MinorUnits, Field(ge=0)] | None = None
    weight_g: Annotated[float, Field(gt=0)] | None = None
    photos: Annotated[tuple[Photo, ...], Field(max_length=64)] = ()


class Facing(Model):
    """What a slot should hold; a free shelf has one for each of its products."""

    slot: SlotPath
    sku: Sku
    stock: Annotated[int, Field(ge=0, le=10_000)] = 1
    """How many stand there when the recording or the day begins."""


class Zone(Model):
    """A polygon of the floor with a meaning."""

    id: Id
    kind: Literal["entry", "exit", "staff"]
    polygon: Annotated[tuple[FloorPoint, ...], Field(min_length=3, max_length=100)]


class Gate(Model):
    """Where tokens are read, and when a lane opens."""

    lanes: Annotated[tuple[Id, ...], Field(min_length=1)] = ("gate",)
    exits: Literal["gate", "zone"] = "gate"
    """Who tells that somebody has left: the gate, or the cameras, of whoever was last seen in an exit zone."""
    open: Literal["at_token", "when_held"] = "at_token"
    """At once for a good token, or when the cloud says that the money is held."""
    held_within_s: Annotated[float, Field(gt=0, le=30)] = 5.0
    """How long somebody waits at a lane for that."""
    offline_entries: Annotated[int, Field(ge=0, le=10_000)] = 0
    """So many are let in when the cloud does not answer in time, on tokens with an Ed25519 seal, until it answers."""


class Policies(Model):
    """What the store decides by; see docs/store-file.md."""

    charge_threshold: Probability = 0.9
    """A line at least this sure is charged; a less sure one goes to review."""
    hold_minor: Annotated[MinorUnits, Field(ge=0)] = 5_000
    """Reserved at entry."""
    settle_within_s: Annotated[float, Field(ge=0)] = 60.0
    """How long after an exit the cloud waits for missing events before it settles with what is sure."""
    people_max: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """More than so many are not let in, and told to the operator where they are in; None: no limit."""
    evidence: Literal["doubtful", "all", "none"] = "doubtful"
    """Of which interactions a short clip is kept, for whoever has to decide about them."""
    evidence_days: Annotated[float, Field(gt=0, le=365)] = 7.0
    """How long the store keeps a clip."""
    evidence_mb_max: Annotated[int, Field(ge=1, le=100_000)] = 500
    """All clips together take so many million bytes at most; the oldest go first."""


class Store(Model):
    """A store, as its file says it."""

    format: Literal[1]
    store: Id
    name: Annotated[str, Field(min_length=1, max_length=200)]
    currency: Currency
    hub: Id = "hub"
    cameras: Annotated[tuple[Camera, ...], Field(min_length=1, max_length=1000)]
    gondolas: tuple[Gondola, ...] = ()
    products: tuple[Product, ...] = ()
    planogram: tuple[Facing, ...] = ()
    zones: tuple[Zone, ...] = ()
    gate: Gate = Gate()
    policies: Policies = Policies()

    def slots(self) -> dict[str, tuple[Gondola, Shelf, Slot]]:
        """Every slot by its path; a free shelf is one, as wide as its gondola."""
        return {
            f"{gondola.id}.{shelf.id}.{slot.id}": (gondola, shelf, slot)
            for gondola in self.gondolas
            for shelf in gondola.shelves
            for slot in ((Slot(id=FREE, span=(0.0, gondola.width)),) if shelf.free else shelf.slots)
        }

    def free(self) -> frozenset[str]:
        """The paths of the free shelves."""
        return frozenset(
            f"{gondola.id}.{shelf.id}.{FREE}" for gondola in self.gondolas for shelf in gondola.shelves if shelf.free
        )

    def plates(self) -> dict[str, tuple[Gondola, Plate]]:
        """Every plate by its path: `gondola.shelf.plate`, or `gondola.plate` of one under the whole gondola.

        What comes before the last point is what the plate weighs: a shelf's board, or the gondola with all of them.
        """
        boards = {
            f"{gondola.id}.{shelf.id}.{plate.id}": (gondola, plate)
            for gondola in self.gondolas
            for shelf in gondola.shelves
            for plate in shelf.plates
        }
        under = {f"{gondola.id}.{plate.id}": (gondola, plate) for gondola in self.gondolas for plate in gondola.plates}
        return boards | under

    def camera(self, camera_id: str) -> Camera | None:
        """The camera with that id, or None."""
        return next((camera for camera in self.cameras if camera.id == camera_id), None)
