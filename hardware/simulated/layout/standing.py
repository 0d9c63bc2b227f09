"""Where the pieces of a product stand in a slot: side by side across its span, then row behind row, then stacked."""

from dataclasses import dataclass

from hardware.simulated.layout.form import Form
from protocol.store import Gondola, Shelf, Slot

GAP_M = 0.012
"""Between one piece and the next."""
EDGE_M = 0.02
"""From a shelf's front edge to the first row."""
CLEARANCE_M = 0.35
"""Above the topmost shelf."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a gondola a piece's base is: along its shelves, out from its back, above the floor; metres."""

    along_m: float
    out_m: float
    up_m: float


def clearance_m(gondola: Gondola, shelf: Shelf) -> float:
    """How much room there is above `shelf` up to the next board."""
    above = [other.height for other in gondola.shelves if other.height > shelf.height]
    return min(above) - shelf.height - 0.03 if above else CLEARANCE_M


def places(gondola: Gondola, shelf: Shelf, slot: Slot, form: Form) -> tuple[Place, ...]:
    """Every place for a piece of `form` in the slot, the front row first; at least one, even where it hardly fits."""
    width = slot.span[1] - slot.span[0]
    across = max(1, int((width + GAP_M) / (form.width_m + GAP_M)))
    rows = max(1, int((gondola.depth - EDGE_M) / (form.depth_m + GAP_M)))
    stackable = form.shape in ("box", "can")
    layers = max(1, int(clearance_m(gondola, shelf) / form.height_m)) if stackable else 1
    pitch = width / across
    return tuple(
        Place(
            slot.span[0] + (column + 0.5) * pitch,
            gondola.depth - EDGE_M - form.depth_m / 2.0 - row * (form.depth_m + GAP_M),
            shelf.height + layer * form.height_m,
        )
        for layer in range(min(layers, 3))
        for row in range(rows)
        for column in range(across)
    )


def capacity(gondola: Gondola, shelf: Shelf, slot: Slot, form: Form) -> int:
    """How many pieces the slot holds."""
    return len(places(gondola, shelf, slot, form))
