"""Slots, plates and stock for empty gondolas: products side by side until a board is full."""

import itertools
from dataclasses import dataclass, field

import numpy as np

from hardware.simulated.layout.form import Form
from hardware.simulated.layout.standing import capacity, clearance_m
from protocol.store import Facing, Gondola, Plate, Shelf, Slot

SIDE_M = 0.02
"""Left empty at both ends of a board."""
STOCK_MAX = 12


@dataclass(slots=True)
class Shelving:
    """What is given out to boards: products in a shuffled round, so that each stands somewhere before any twice."""

    rng: np.random.Generator
    forms: dict[str, Form]
    planogram: list[Facing] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def next_fitting(self, high_m: float, wide_m: float, deep_m: float) -> Form | None:
        """The next product that fits the space, or None where none does."""
        if len(self.waiting) < len(self.forms):
            self.waiting += [str(sku) for sku in self.rng.permutation(sorted(self.forms))]
        for index, sku in enumerate(self.waiting):
            form = self.forms[sku]
            if form.height_m <= high_m and form.width_m + 0.02 <= wide_m and form.depth_m + 0.03 <= deep_m:
                del self.waiting[index]
                return form
        return None


def shelve(shelving: Shelving, empty: Gondola) -> Gondola:
    """The gondola with slots and plates on its boards; what they hold is added to the planogram."""
    plan = ("slot", "pitch", "board")[int(shelving.rng.choice(3, p=(0.5, 0.3, 0.2)))]
    shelves = []
    for shelf in empty.shelves:
        slots, facings = _fill(shelving, empty, shelf)
        shelving.planogram += facings
        shelves.append(shelf.model_copy(update={"slots": slots, "plates": _plates(plan, empty, slots)}))
    return empty.model_copy(update={"shelves": tuple(shelves)})


def _fill(shelving: Shelving, gondola: Gondola, shelf: Shelf) -> tuple[tuple[Slot, ...], list[Facing]]:
    slots: list[Slot] = []
    facings: list[Facing] = []
    at = SIDE_M
    high = clearance_m(gondola, shelf) - 0.02
    while True:
        form = shelving.next_fitting(high, gondola.width - SIDE_M - at, gondola.depth)
        if form is None:
            return tuple(slots), facings
        across = int(shelving.rng.integers(1, 4)) if form.width_m < 0.1 else 1
        room = int((gondola.width - SIDE_M - at) / (form.width_m + 0.02))
        width = max(1, min(across, room)) * (form.width_m + 0.02)
        slot = Slot(id=f"{len(slots) + 1:02d}", span=(round(at, 4), round(at + width, 4)))
        most = min(capacity(gondola, shelf, slot, form), STOCK_MAX)
        stock = max(1, int(shelving.rng.integers((most + 1) // 2, most + 1)))
        slots.append(slot)
        facings.append(Facing(slot=f"{gondola.id}.{shelf.id}.{slot.id}", sku=form.sku, stock=stock))
        at += width + 0.005


def _plates(plan: str, gondola: Gondola, slots: tuple[Slot, ...]) -> tuple[Plate, ...]:
    """Load cells: one under each slot, many narrow ones side by side whatever stands on them, or one for the board."""
    if plan == "board":
        return (Plate(id="p01", span=(0.0, gondola.width), capacity_g=60_000.0),)
    if plan == "slot":
        return tuple(Plate(id=f"p{n:02d}", span=slot.span) for n, slot in enumerate(slots, start=1))
    count = max(1, round(gondola.width / 0.1))
    edges = [round(gondola.width * n / count, 4) for n in range(count + 1)]
    return tuple(Plate(id=f"p{n:02d}", span=(a, b)) for n, (a, b) in enumerate(itertools.pairwise(edges), 1))
