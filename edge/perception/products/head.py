"""Which enrolled product a look is nearest to, where "near" is learnt from the photos.

How it works. Each product is the mean of its looks. What differs between looks of one product (light, angle, which part
is seen) says nothing about which product it is; the pooled covariance of these differences measures it, and directions
in which looks of one product differ much count less. A look's score for a product is the cosine between the two in that
measure (linear discriminant analysis, with a cosine for a distance: it lets a pale and a rich picture be alike).

Why it holds for one photo as for fifty. The covariance is shrunk towards a ball (Ledoit and Wolf, 2004, with a fixed
share), and with one photo a product it is that of the photo's own views. Looks are measured from the middle of all
products; where there are few, that middle is hardly known and taken in part only, else two products would be exact
opposites and everything else one or the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.perception.products.look import Look

Floats = npt.NDArray[np.float64]

SHRINKAGE = 0.3
"""Share of the ball in the covariance. 0.1 to 0.6 came out within 0.005 of each other."""
MIDDLE_PRODUCTS = 5.0
"""The middle is taken by k / (k + this) with k products. None, and all of it, were worse for known or for unknown."""


@dataclass(frozen=True, slots=True)
class Head:
    """A fitted head. Scores are cosines, −1 to 1."""

    skus: tuple[str, ...]
    """Sorted; the columns of every score."""
    middle: Floats
    """(numbers,)"""
    precision: Floats
    """(numbers, numbers): the inverse of the shrunk covariance."""
    towards: Floats
    """(products, numbers): `precision` times each product's mean from the middle, to length one in its measure."""
    means: Floats
    """(products, numbers): each product's mean from the middle."""

    def scores(self, looks: Sequence[Look]) -> Floats:
        """(looks, products): the cosine of each look to each product."""
        asked = np.stack([look.mean(axis=0) for look in looks]).astype(np.float64) - self.middle
        lengths = np.sqrt(np.maximum(np.einsum("nd,nd->n", asked @ self.precision, asked), 1e-18))
        return np.asarray(np.clip(asked @ self.towards.T / lengths[:, None], -1.0, 1.0))

    def likeness(self) -> Floats:
        """(products, products): the cosines of the products to each other."""
        lengths = np.sqrt(np.maximum(np.einsum("nd,nd->n", self.means @ self.precision, self.means), 1e-18))
        return np.asarray(np.clip(self.means @ self.towards.T / lengths[:, None], -1.0, 1.0))


def fit(looks: Mapping[str, Sequence[Look]]) -> Head:
    """The head for these products; each has at least one look. Seconds for some hundred photos."""
    skus = tuple(sorted(looks))
    assert skus, "a head is fitted to products"
    assert all(looks[sku] for sku in skus), "every product has a look"
    rows = [np.concatenate(list(looks[sku])).astype(np.float64) for sku in skus]
    means = np.stack([of_one.mean(axis=0) for of_one in rows])
    middle = means.mean(axis=0) * (len(skus) / (len(skus) + MIDDLE_PRODUCTS))
    means = means - middle
    apart = np.concatenate([of_one - of_one.mean(axis=0) for of_one in rows])
    precision = _precision(apart)
    towards = means @ precision
    lengths = np.sqrt(np.maximum(np.einsum("nd,nd->n", towards, means), 1e-18))
    return Head(skus, middle, precision, towards / lengths[:, None], means)


def _precision(apart: Floats) -> Floats:
    """The inverse of the shrunk covariance of `apart`, by the smaller of its two sides (Woodbury)."""
    count, size = apart.shape
    ball = SHRINKAGE * max(float(np.square(apart).mean()), 1e-9)
    scaled = apart * np.sqrt((1.0 - SHRINKAGE) / count)
    if count >= size:
        return np.asarray(np.linalg.inv(scaled.T @ scaled + ball * np.eye(size)))
    inner = np.linalg.solve(scaled @ scaled.T + ball * np.eye(count), scaled)
    return np.asarray((np.eye(size) - scaled.T @ inner) / ball)
