"""Telling which of the enrolled products a picture shows, or that it shows none of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.perception.products.certainty import USUAL, Certainty, Unseen, calibrated, unseen
from edge.perception.products.head import Head, fit
from edge.perception.products.look import Look


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a look may be. Probabilities of the candidates and of none sum to one."""

    candidates: tuple[tuple[str, float], ...]
    """(sku, probability), the likeliest first."""
    none: float
    """That it is none of the candidates: another product, or nothing that is sold."""

    @property
    def best(self) -> str | None:
        """The likeliest candidate, or None where none of them is likelier."""
        if not self.candidates or self.candidates[0][1] < self.none:
            return None
        return self.candidates[0][0]


class Recogniser:
    """A fitted head and how sure it may be."""

    def __init__(self, head: Head, certainty: Certainty = USUAL, tried: Sequence[Unseen] = ()) -> None:
        self.head = head
        self.certainty = certainty
        self.tried = tuple(tried)
        """What heads that had not seen them said to the photos."""

    @staticmethod
    def of(looks: Mapping[str, Sequence[Look]]) -> "Recogniser":
        """Fitted to these products, each with at least one look; five small fits."""
        tried = list(unseen(looks))
        return Recogniser(fit(looks), calibrated(tried), tried)

    def recognise(self, looks: Sequence[Look], among: Collection[str] | None = None) -> list[Recognition]:
        """What each look may be, among all products or those that may stand there. Unknown SKUs are passed over."""
        if not looks:
            return []
        columns = [place for place, sku in enumerate(self.head.skus) if among is None or sku in among]
        skus = [self.head.skus[place] for place in columns]
        found = []
        for row in self.certainty.probabilities(self.head.scores(looks)[:, columns]):
            order = np.argsort(-row[:-1], kind="stable")
            found.append(Recognition(tuple((skus[place], float(row[place])) for place in order), float(row[-1])))
        return found
