"""Which products a head takes for each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.perception.products.certainty import Unseen
from edge.perception.products.recognition import Recogniser


@dataclass(frozen=True, slots=True)
class Alike:
    """Two products that look alike."""

    skus: tuple[str, str]
    likeness: float
    """The cosine of the two, as the head measures: at its certainty's level one would be taken for the other."""
    confused: int
    """Photos of either that a head which had not seen them took for the other."""
    asked: int
    """Of how many such photos."""


def alike(recogniser: Recogniser) -> tuple[Alike, ...]:
    """The pairs that are too like, or were confused; the most confused first, then the most like."""
    skus = recogniser.head.skus
    likeness = recogniser.head.likeness()
    confused, asked = _confused(recogniser.tried)
    found = []
    for a in range(len(skus)):
        for b in range(a + 1, len(skus)):
            pair = (skus[a], skus[b])
            wrong = confused.get(pair, 0) + confused.get(pair[::-1], 0)
            value = float(likeness[a, b])
            if wrong or value >= recogniser.certainty.level:
                found.append(Alike(pair, value, wrong, asked.get(pair[0], 0) + asked.get(pair[1], 0)))
    return tuple(sorted(found, key=lambda each: (-each.confused, -each.likeness, each.skus)))


def _confused(tried: Sequence[Unseen]) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """How many unseen photos of one product were taken for another, by (one, other); and how many were asked."""
    confused: dict[tuple[str, str], int] = {}
    asked: dict[str, int] = {}
    for each in tried:
        for row, right, sku in zip(each.scores, each.right, each.of, strict=True):
            if right < 0:
                continue
            asked[sku] = asked.get(sku, 0) + 1
            best = each.skus[int(np.argmax(row))]
            if best != sku:
                confused[sku, best] = confused.get((sku, best), 0) + 1
    return confused, asked
