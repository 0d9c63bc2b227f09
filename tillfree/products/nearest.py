"""The product that each product looks most like."""

from collections.abc import Mapping, Sequence

import numpy as np

from edge.perception.products.head import fit
from edge.perception.products.look import Look


def nearest(looks: Mapping[str, Sequence[Look]]) -> dict[str, tuple[str, float]]:
    """By SKU: the most alike other one and the cosine of the two; empty for fewer than two products."""
    if len(looks) < 2:
        return {}
    head = fit(looks)
    likeness = head.likeness()
    np.fill_diagonal(likeness, -2.0)
    best = likeness.argmax(axis=1)
    return {sku: (head.skus[best[row]], float(likeness[row, best[row]])) for row, sku in enumerate(head.skus)}
