"""How probable each product is, and that it is none of them.

    P(product) = exp(steepness · score) / (Σ over the candidates of the same + exp(steepness · level))

`level` is the score at which a look is as likely something that nobody enrolled. The two numbers are fitted to what the
head does with photos that it has not seen: in turn some products are left out altogether (their photos are things
nobody enrolled) and one photo of each other product that has several. Known and unknown things weigh the same, so "none
of these" is said as if half of all things were unknown, unless who asks says how many are.
With few products or photos little can be learnt so, and the numbers stay near `USUAL`.

Among few candidates (those that a planogram or somebody's cart leaves) an unknown thing has fewer chances to look like
one: the level lies lower and probabilities are steeper. So the two numbers are fitted anew for each of `FEW`, on the
same scores, the candidates drawn by chance from a named seed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.perception.products.head import Floats, fit
from edge.perception.products.look import Look

FOLDS = 4
PRODUCTS_MIN = 3
"""With fewer, leaving one out leaves nothing to be compared with."""
USUAL_WEIGHT = 20.0
"""How many unseen photos of each kind it takes to count as much as `USUAL`."""
FEW = (2, 4, 8)
"""Numbers of candidates that have a certainty of their own."""
DRAWS = 4
"""Sets of candidates drawn for each unseen photo."""
STEEPNESSES: Floats = np.geomspace(2.0, 80.0, 48)
LEVELS: Floats = np.linspace(0.0, 0.9, 91)


@dataclass(frozen=True, slots=True)
class Certainty:
    """From scores to probabilities."""

    steepness: float
    level: float

    def probabilities(self, scores: Floats, none: float = 0.5) -> Floats:
        """(looks, candidates + 1) from (looks, candidates); the last column is "none of these". Rows sum to one.

        `none` is the share of things asked about that are none of the candidates, more than 0 and less than 1.
        """
        with_none = np.concatenate([scores, np.full((len(scores), 1), self.level)], axis=1) * self.steepness
        with_none[:, -1] += np.log(none / (1.0 - none))
        raised = np.exp(with_none - with_none.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


USUAL = Certainty(steepness=11.0, level=0.42)
"""What fitted stores of 3 to 10 products with one photo each best."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a head said to photos that it has not seen."""

    scores: Floats
    """(photos, products of that head)"""
    right: tuple[int, ...]
    """The column of each photo's product; −1 where its product was left out."""
    skus: tuple[str, ...]
    """The columns."""
    of: tuple[str, ...]
    """Each photo's product."""


def unseen(looks: Mapping[str, Sequence[Look]]) -> Iterator[Unseen]:
    """In turn, products and photos left out, and what a head fitted to the others says to them."""
    skus = sorted(looks)
    folds = min(FOLDS, len(skus)) if len(skus) >= PRODUCTS_MIN else 0
    for fold in range(folds):
        kept: dict[str, list[Look]] = {}
        asked: list[tuple[str, Look]] = []
        for index, sku in enumerate(skus):
            photos = list(looks[sku])
            if index % folds == fold:
                asked += [(sku, photo) for photo in photos]
                continue
            if len(photos) > 1:
                asked.append((sku, photos.pop(fold % len(photos))))
            kept[sku] = photos
        head = fit(kept)
        right = tuple(head.skus.index(sku) if sku in kept else -1 for sku, _ in asked)
        yield Unseen(head.scores([look for _, look in asked]), right, head.skus, tuple(sku for sku, _ in asked))


def narrowed(tried: Sequence[Unseen], count: int) -> list[Unseen]:
    """The same photos asked of `count` candidates each: the right one, where there is one, and others by chance.

    Candidates differ from row to row and have no names: `skus` is empty. Of fewer products nothing can be left out.
    """
    chance = np.random.default_rng(count)
    found = []
    for each in tried:
        if len(each.skus) <= count:
            found.append(each)
            continue
        rows, right = [], []
        for row, place in zip(each.scores, each.right, strict=True):
            others = row if place < 0 else np.delete(row, place)
            own = [] if place < 0 else [row[place]]
            for _ in range(DRAWS):
                rows.append([*own, *chance.choice(others, count - len(own), replace=False)])
                right.append(min(place, 0))
        of = tuple(sku for sku in each.of for _ in range(DRAWS))
        found.append(Unseen(np.array(rows), tuple(right), (), of))
    return found


def calibrated(tried: Sequence[Unseen]) -> Certainty:
    """The certainty that fits best what heads said to photos that they had not seen."""
    known = sum(place >= 0 for each in tried for place in each.right)
    strange = sum(place < 0 for each in tried for place in each.right)
    if known == 0 or strange == 0:
        return USUAL
    weights = (known / (known + USUAL_WEIGHT), strange / (strange + USUAL_WEIGHT))
    best, best_loss = USUAL, np.inf
    for steepness in STEEPNESSES:
        for level, loss in zip(LEVELS, _losses(tried, float(steepness), known, strange, weights), strict=True):
            # How far from the usual, in the measure of what was seen among galleries.
            away = (np.log(steepness / USUAL.steepness) / 0.5) ** 2 + ((level - USUAL.level) / 0.1) ** 2
            pulled = loss + 0.1 * away * (1.0 - min(weights))
            if pulled < best_loss:
                best, best_loss = Certainty(float(steepness), float(level)), pulled
    return best


def _losses(
    tried: Sequence[Unseen], steepness: float, known: int, strange: int, weights: tuple[float, float]
) -> Floats:
    """(levels,): the mean negative log-likelihood, known and strange photos by their `weights`, at each level."""
    total: Floats = np.zeros(len(LEVELS))
    none = steepness * LEVELS
    for each in tried:
        raised = steepness * each.scores
        top = raised.max(axis=1)
        sums = top + np.log(np.exp(raised - top[:, None]).sum(axis=1))
        everything = np.logaddexp(sums[:, None], none[None, :])
        places = np.array(each.right)
        seen = places >= 0
        own = raised[np.flatnonzero(seen), places[seen]]
        total += weights[0] * (everything[seen] - own[:, None]).sum(axis=0) / known
        total += weights[1] * (everything[~seen] - none[None, :]).sum(axis=0) / strange
    return total
