"""What a slot's pictures before and after an interaction say: the type that goes from perception to the reading."""

from collections.abc import Mapping
from dataclasses import dataclass

SAME_MAX = 0.02
"""Share of a slot that may differ while it shows the same: noise, a shadow, a thing moved by a finger's breadth."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Cues, none of which decides alone.

    Fits are logs of likelihood ratios: by how much a look fits a product better than something nobody enrolled. Where
    hardly anything changed (`SAME_MAX`) nobody looks: it shows afterwards what it showed before.
    """

    changed: float
    """Share of the slot's box that shows another surface than before, in 0–1."""
    edges: float
    """Natural logarithm of the edges that the changed part had before, over those that it has after: above 0 where a
    thing has gone, beneath it where one has come, for a thing stands out from what is behind it."""
    before: Mapping[str, float]
    """How well what the slot showed before fits each enrolled product, by SKU."""
    after: Mapping[str, float]
    """And after."""
