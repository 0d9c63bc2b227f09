"""What a slot's pictures before and after an interaction say: the type that goes from perception to the reading."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """Cues, none of which decides alone. Likenesses are cosines (−1 to 1) to the best of a product's pictures."""

    changed: float
    """Share of the slot's box that shows another surface than before, in 0–1."""
    edges: float
    """Natural logarithm of the edges that the changed part had before, over those that it has after: above 0 where a
    thing has gone, beneath it where one has come, for a thing stands out from what is behind it."""
    before: Mapping[str, float]
    """How much the slot looked like each enrolled product (by SKU) before."""
    after: Mapping[str, float]
    """And after."""
