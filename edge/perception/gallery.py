"""The enrolled products: what each of them looks like."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from edge.errors import PerceptionError
from edge.perception.appearance import Appearance, Features
from hardware.cameras.image_folder import SUFFIXES, read_image
from hardware.cameras.video_file import picture_at
from hardware.errors import CameraError
from hardware.ports import Image
from protocol.store import Box, Photo, Product


class Gallery:
    """Features of the enrolled products by SKU, each (n, 1280) for its n photos."""

    def __init__(self, features: Mapping[str, Sequence[Features]]) -> None:
        self._features = {sku: np.stack(list(of_one)) for sku, of_one in features.items() if of_one}

    @property
    def skus(self) -> tuple[str, ...]:
        """The products that were enrolled."""
        return tuple(self._features)

    def likeness(self, features: Features) -> dict[str, float]:
        """The cosine of `features` to the most like photo of each product."""
        return {sku: float((known @ features).max()) for sku, known in self._features.items()}


def enrol(products: Sequence[Product], folder: Path, appearance: Appearance) -> Gallery:
    """The gallery of every product that has photos; their files are relative to `folder`, the store file's own.

    Raises PerceptionError that names the product and the photo where one cannot be had.
    """
    return Gallery(
        {
            product.sku: [appearance.features(picture_of(product.sku, photo, folder)) for photo in product.photos]
            for product in products
        }
    )


def picture_of(sku: str, photo: Photo, folder: Path) -> Image:
    """The picture that `photo` of product `sku` names, cut to its box. PerceptionError where it cannot be had."""
    path = folder / photo.file
    try:
        if photo.frame is None and path.suffix.lower() not in SUFFIXES:
            raise PerceptionError(f"product {sku!r}: {path} is no picture; of a video, say which `frame` to take")
        image = read_image(path) if photo.frame is None else picture_at(path, photo.frame)
    except CameraError as error:
        raise PerceptionError(f"product {sku!r}: its photo cannot be had: {error}") from None
    return image if photo.box is None else cut(image, photo.box, f"product {sku!r}", path)


def cut(image: Image, box: Box, who: str, where: Path | None = None) -> Image:
    """The part of `image` in `box` (x, y, width, height). PerceptionError by `who` where it reaches outside."""
    left, top = int(box[0]), int(box[1])
    width, height = int(box[2]), int(box[3])
    if left + width > image.shape[1] or top + height > image.shape[0]:
        size = f"{image.shape[1]}×{image.shape[0]}"
        raise PerceptionError(f"{who}: the box {list(box)} reaches outside {where or 'the picture'}, which is {size}")
    return image[top : top + height, left : left + width]
