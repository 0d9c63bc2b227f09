"""Telling which of the enrolled products a picture shows, or that it shows none of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.perception.products.certainty import FEW, USUAL, Certainty, Unseen, calibrated, narrowed, unseen
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
    """A fitted head and how sure it may be; `few` has the certainty among so many candidates at most."""

    def __init__(
        self,
        head: Head,
        certainty: Certainty = USUAL,
        tried: Sequence[Unseen] = (),
        few: Mapping[int, Certainty] | None = None,
    ) -> None:
        self.head = head
        self.certainty = certainty
        self.few = few or {}
        self.tried = tuple(tried)
        """What heads that had not seen them said to the photos."""

    @staticmethod
    def of(looks: Mapping[str, Sequence[Look]]) -> "Recogniser":
        """Fitted to these products, each with at least one look; five small fits."""
        tried = list(unseen(looks))
        few = {count: calibrated(narrowed(tried, count)) for count in FEW if count < len(looks)}
        return Recogniser(fit(looks), calibrated(tried), tried, few)

    def certainty_among(self, count: int) -> Certainty:
        """The certainty for so many candidates."""
        return next((self.few[most] for most in sorted(self.few) if count <= most), self.certainty)

    def recognise(
        self, looks: Sequence[Look], among: Collection[str] | None = None, none: float = 0.5
    ) -> list[Recognition]:
        """What each look may be, among all products or those that may stand there. Unknown SKUs are passed over.

        `none` is how often, before the look, it is none of them: more than 0 and less than 1.
        """
        if not looks:
            return []
        columns = [place for place, sku in enumerate(self.head.skus) if among is None or sku in among]
        skus = [self.head.skus[place] for place in columns]
        found = []
        certainty = self.certainty_among(len(columns))
        for row in certainty.probabilities(self.head.scores(looks)[:, columns], none):
            order = np.argsort(-row[:-1], kind="stable")
            found.append(Recognition(tuple((skus[place], float(row[place])) for place in order), float(row[-1])))
        return found
