"""Every piece in the store, where it stands, and what it weighs on the plates beneath it."""

from dataclasses import dataclass, field

import numpy as np

from hardware.simulated.layout.form import Form
from hardware.simulated.layout.layout import Layout, facing_yaw, on_floor
from hardware.simulated.layout.standing import Place as Spot
from hardware.simulated.layout.standing import places
from hardware.simulated.streams import stream
from hardware.simulated.world.state import Point
from hardware.simulated.world.timeline import Load, Move, Press, Thing
from protocol.store import Gondola, Shelf, Slot

BEFORE_S = -1000.0
"""When the stock was put on the plates: long before anything begins."""
SWING_G = 50.0
"""How far a plate swings about its new load after a piece of a few hundred grams has come or gone."""
NEAR, NEAR_FREE = 0.45, 0.75
"""Two pieces' middles are nearer than this share of their sizes together: they stand in one place. Where things stand
anywhere, nobody packs them: so near there is room for a hand."""
FREE_ROWS = 2
"""Where things stand anywhere, they stand in the front rows of a shelf: what is behind nobody takes."""
BAG_LEANS = (0.78, 1.0)
"""A bag that stands on two plates leans on its neighbours too: this share of it is weighed (58 + 27 g of 105)."""


@dataclass(slots=True)
class Piece:
    """One piece of a product, while the scene is played. `bears` is its load on each plate, in grams."""

    id: str
    sku: str
    weight_g: float
    form: Form
    moves: list[Move] = field(default_factory=list)
    slot: str | None = None
    spot: Spot | None = None
    free_from_s: float = 0.0
    bears: dict[str, float] = field(default_factory=dict)


class Stockroom:
    """The pieces of a layout. Its changes are called in any order; times are seconds."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._slots = layout.store.slots()
        self.pieces: list[Piece] = []
        self._in_slot: dict[str, list[Piece]] = {path: [] for path in self._slots}
        self.loads: dict[str, list[Load]] = {plate: [] for plate in layout.store.plates()}
        self.presses: dict[str, list[Press]] = {plate: [] for plate in self.loads}
        for facing in layout.store.planogram:
            self._stock(facing.slot, facing.sku, facing.stock)

    def _stock(self, path: str, sku: str, count: int) -> None:
        gondola, shelf, slot = self._slots[path]
        form = self._layout.forms[sku]
        spots = places(gondola, shelf, slot, form)
        for number in range(count):
            piece = self.new(sku)
            spot = self.free_spot(path, form, None) if shelf.free else spots[number % len(spots)]
            self.put(piece, path, BEFORE_S, spot)

    def new(self, sku: str) -> Piece:
        """A new piece of `sku`, nowhere yet."""
        form = self._layout.forms[sku]
        number = len(self.pieces)
        rng = stream(self._layout.seed, "piece", number, sku)
        weight_g = max(form.weight_g + form.weight_sigma_g * float(rng.standard_normal()), 1.0)
        piece = Piece(f"{sku}#{number}", sku, round(weight_g, 2), form)
        self.pieces.append(piece)
        return piece

    def find(self, path: str, sku: str, at_s: float, along_m: float | None) -> Piece | None:
        """The piece of `sku` that a hand would take from the slot at `at_s`: in front, on top, near `along_m`."""
        standing = [piece for piece in self._in_slot[path] if piece.sku == sku and piece.free_from_s <= at_s]
        if not standing:
            return None
        wanted = self.middle(path) if along_m is None else along_m

        def order(piece: Piece) -> tuple[float, float, float, str]:
            assert piece.spot is not None
            off_m = 0.0 if along_m is None else abs(piece.spot.along_m - wanted)
            return off_m, -round(piece.spot.out_m, 2), -piece.spot.up_m, piece.id

        return min(standing, key=order)

    def middle(self, path: str) -> float:
        """How far along its gondola the slot's middle is."""
        return sum(self._slots[path][2].span) / 2.0

    def take(self, piece: Piece, at_s: float, who: str) -> None:
        """`piece` leaves its slot into the hand of `who`."""
        assert piece.slot is not None, f"{piece.id} stands nowhere"
        assert piece.spot is not None, piece.id
        self._in_slot[piece.slot].remove(piece)
        for plate, grams in piece.bears.items():
            self.loads[plate].append(Load(at_s, -grams, self._swing_g(piece, at_s)))
        piece.moves.append(Move(at_s, "hand", who, self.middle_of(piece), 0.0))
        piece.slot, piece.spot, piece.bears = None, None, {}

    def carry(self, piece: Piece, at_s: float, who: str, *, in_bag: bool) -> None:
        """`piece` goes into the hand or the bag of `who`."""
        piece.moves.append(Move(at_s, "bag" if in_bag else "hand", who, (0.0, 0.0, 0.0), 0.0))

    def put(self, piece: Piece, path: str, at_s: float, spot: Spot) -> None:
        """`piece` is put down in the slot, at `spot`."""
        gondola, shelf, _ = self._slots[path]
        piece.slot, piece.spot, piece.free_from_s = path, spot, max(at_s, 0.0)
        x, y = on_floor(gondola, spot.along_m, spot.out_m)
        rng = stream(self._layout.seed, "put", piece.id, len(piece.moves))
        yaw = facing_yaw(gondola) + float(rng.normal(0.0, 0.06))
        piece.moves.append(Move(at_s, "slot", path, (x, y, spot.up_m), yaw))
        piece.bears = self._bearing(piece, gondola, shelf, spot, rng)
        swing_g = 0.0 if at_s == BEFORE_S else self._swing_g(piece, at_s)
        for plate, grams in piece.bears.items():
            self.loads[plate].append(Load(at_s, grams, swing_g))
        self._in_slot[path].append(piece)

    def free_spot(self, path: str, form: Form, along_m: float | None) -> Spot:
        """Where a hand puts a piece of `form` down: the frontmost place that is not taken, or in front of all.

        On a free shelf any place of the front rows that is not taken, as it comes.
        """
        gondola, shelf, slot = self._slots[path]
        spots = places(gondola, shelf, slot, form)
        if shelf.free and along_m is None:
            rows = sorted({spot.out_m for spot in spots}, reverse=True)[:FREE_ROWS]
            near = [spot for spot in spots if spot.out_m in rows and spot.up_m <= shelf.height]
            moves = sum(len(piece.moves) for piece in self.pieces)
            order = stream(self._layout.seed, "anywhere", path, moves).permutation(len(near))
            spots = tuple(near[number] for number in order)
        elif along_m is not None:
            rows = sorted({spot.out_m for spot in spots}, reverse=True)
            spots = tuple(Spot(along_m, out_m, shelf.height) for out_m in rows)
        free = (spot for spot in spots if not self._is_taken(path, form, spot))
        return next(free, spots[0])

    def _is_taken(self, path: str, form: Form, spot: Spot) -> bool:
        board = path.rpartition(".")[0]
        near = NEAR_FREE if self._slots[path][1].free else NEAR
        for other_path, pieces in self._in_slot.items():
            if other_path.rpartition(".")[0] != board:
                continue
            for piece in pieces:
                assert piece.spot is not None
                beside = abs(piece.spot.along_m - spot.along_m) < near * (piece.form.width_m + form.width_m)
                behind = abs(piece.spot.out_m - spot.out_m) < near * (piece.form.depth_m + form.depth_m)
                above = abs(piece.spot.up_m - spot.up_m) < 0.01
                if beside and behind and above:
                    return True
        return False

    def middle_of(self, piece: Piece) -> Point:
        """Where a hand grips the piece where it stands."""
        assert piece.slot is not None, f"{piece.id} stands nowhere"
        assert piece.spot is not None, piece.id
        return self.grip(piece.slot, piece.form, piece.spot)

    def grip(self, path: str, form: Form, spot: Spot) -> Point:
        """Where a hand is that holds a piece of `form` standing at `spot`."""
        x, y = on_floor(self._slots[path][0], spot.along_m, spot.out_m)
        return x, y, spot.up_m + 0.55 * form.height_m

    def plates_at(self, path: str, along_m: float) -> list[str]:
        """The plates beneath that part of the slot's board; empty where there is none."""
        gondola, shelf, _ = self._slots[path]
        return [
            plate
            for plates in _beneath(gondola, shelf)
            for plate, span in plates.items()
            if span[0] <= along_m < span[1]
        ]

    def press(self, path: str, along_m: float, from_s: float, to_s: float, grams: float) -> None:
        """Something rests on the plate beneath that part of the board for a while."""
        for plate in self.plates_at(path, along_m):
            self.presses[plate].append(Press(from_s, to_s, grams))

    def _bearing(
        self, piece: Piece, gondola: Gondola, shelf: Shelf, spot: Spot, rng: np.random.Generator
    ) -> dict[str, float]:
        """What the piece weighs on each plate under it: by how much of it stands on each.

        A scale under the whole gondola and a plate on the board each bear all of it.
        """
        low, high = spot.along_m - piece.form.width_m / 2.0, spot.along_m + piece.form.width_m / 2.0
        bears: dict[str, float] = {}
        for plates in _beneath(gondola, shelf):
            over = {plate: min(high, span[1]) - max(low, span[0]) for plate, span in plates.items()}
            over = {plate: width for plate, width in over.items() if width > 0.008}
            total = sum(over.values())
            leans = float(rng.uniform(*BAG_LEANS)) if piece.form.shape == "bag" and len(over) > 1 else 1.0
            bears |= {plate: round(piece.weight_g * leans * width / total, 3) for plate, width in over.items()}
        return bears

    def _swing_g(self, piece: Piece, at_s: float) -> float:
        rng = stream(self._layout.seed, "swing", piece.id, round(at_s * 1000))
        size = SWING_G * min(piece.weight_g / 400.0, 1.5)
        return round(float(rng.normal(0.0, size)), 2)

    def things(self) -> tuple[Thing, ...]:
        """Every piece with all its moves."""
        return tuple(Thing(piece.id, piece.sku, piece.weight_g, tuple(piece.moves)) for piece in self.pieces)


def target_in(gondola: Gondola, shelf: Shelf, slot: Slot, along_m: float | None) -> Point:
    """Where a hand goes that reaches into a slot for nothing in particular."""
    along = sum(slot.span) / 2.0 if along_m is None else along_m
    x, y = on_floor(gondola, along, gondola.depth - 0.1)
    return x, y, shelf.height + 0.1


def _beneath(gondola: Gondola, shelf: Shelf) -> tuple[dict[str, tuple[float, float]], dict[str, tuple[float, float]]]:
    """The spans of the plates on a shelf's board, and of the scales under its gondola, by path."""
    return (
        {f"{gondola.id}.{shelf.id}.{plate.id}": plate.span for plate in shelf.plates},
        {f"{gondola.id}.{plate.id}": plate.span for plate in gondola.plates},
    )
