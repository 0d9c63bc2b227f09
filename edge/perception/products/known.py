"""A store's enrolled products, to be asked what a part of a picture shows."""

from collections.abc import Collection, Sequence
from pathlib import Path

from edge.perception.gallery import picture_of
from edge.perception.products.look import Eye, look_at
from edge.perception.products.recognition import Recogniser, Recognition
from hardware.ports import Image
from protocol.store import Product

CANDIDATES = 8
NONE_USUAL = 0.1
"""How often a thing on a shelf is none of the candidates, where nobody knows better: a shopper's own, a stranger."""


class KnownProducts:
    """Says which of a few candidates a cut-out shows, or that it shows none of them, with calibrated probabilities.

    A question costs four runs of EfficientNet-lite0, some 30 ms on one thread: it is asked when something has changed,
    not of every picture.
    """

    def __init__(self, recogniser: Recogniser, eye: Eye) -> None:
        self.recogniser = recogniser
        self._eye = eye

    @staticmethod
    def of(products: Sequence[Product], folder: Path, eye: Eye) -> "KnownProducts | None":
        """Those of `products` that have photos, relative to `folder`; None where none has.

        PerceptionError names a product and the photo that cannot be had. Four runs a photo, then a second or two of
        fitting.
        """
        looks = {
            product.sku: [look_at(picture_of(product.sku, photo, folder), eye) for photo in product.photos]
            for product in products
            if product.photos
        }
        return KnownProducts(Recogniser.of(looks), eye) if looks else None

    @property
    def skus(self) -> tuple[str, ...]:
        """The products that have photos."""
        return self.recogniser.head.skus

    def fits(self, cut_out: Image, gain: float | None = None) -> dict[str, float]:
        """How much better a cut-out fits each product than something nobody enrolled: the log of the ratio, by SKU.

        As among `CANDIDATES` products: a planogram and what people carry leave few. `gain` as for `look_at`.
        """
        certainty = self.recogniser.certainty_among(min(CANDIDATES, len(self.skus)))
        (scores,) = self.recogniser.head.scores([look_at(cut_out, self._eye, gain)])
        return {
            sku: float(certainty.steepness * (score - certainty.level))
            for sku, score in zip(self.skus, scores, strict=True)
        }

    def which(
        self, cut_outs: Sequence[Image], among: Collection[str] | None = None, none: float = NONE_USUAL
    ) -> list[Recognition]:
        """What each cut-out (blue-green-red, one thing that fills it) shows, among all products or the SKUs `among`.

        `none` is how often it is none of them before anybody has looked: more than 0 and less than 1. What nobody
        enrolled, a shopper's own bottle, comes out as none of them (`Recognition.best` is None).
        """
        return self.recogniser.recognise([look_at(each, self._eye) for each in cut_outs], among, none)
