"""Whether photos will do to know a product by, and what of a store's products is still missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import PerceptionError
from edge.perception.gallery import picture_of
from edge.perception.products.alike import Alike, alike
from edge.perception.products.look import Eye, Look, look_at
from edge.perception.products.photo_check import wrong_with
from edge.perception.products.recognition import Recogniser
from hardware.ports import Image
from protocol.store import Product, Store

OTHER_MIN = 0.5
"""A photo that is more likely another product's than anything else is refused."""
FEW_PHOTOS = 3
"""Beneath this more photos help most (docs/products.md)."""


def looks_of(products: Sequence[Product], folder: Path, eye: Eye) -> dict[str, list[Look]]:
    """The looks of the products that have photos. PerceptionError names a photo that cannot be had."""
    return {
        product.sku: [look_at(picture_of(product.sku, photo, folder), eye) for photo in product.photos]
        for product in products
        if product.photos
    }


def complaints(
    sku: str, photos: Sequence[tuple[str, Image]], enrolled: Mapping[str, Sequence[Look]], eye: Eye
) -> list[str]:
    """What speaks against enrolling `photos` (name, picture) as `sku`, each with its photo's name."""
    found = [f"{name}: the photo is {wrong}" for name, image in photos for wrong in wrong_with(image)]
    others = {other: looks for other, looks in enrolled.items() if looks}
    if not set(others) - {sku}:
        return found
    recogniser = Recogniser.of(others)
    for (name, _), recognised in zip(
        photos, recogniser.recognise([look_at(image, eye) for _, image in photos]), strict=True
    ):
        best, p = recognised.candidates[0]
        if best != sku and p > OTHER_MIN:
            found.append(
                f"{name}: looks like another product, {best!r} ({p:.0%} sure); is it the right photo? If the two are "
                "really so alike, scales must tell them apart"
            )
    return found


@dataclass(frozen=True, slots=True)
class Missing:
    """What is wrong with a product's entry."""

    sku: str
    what: str
    matters: bool = True
    """False for what would only make it better known."""


def missing(store: Store, folder: Path) -> list[Missing]:
    """Products without photos or with few or bad ones, and without weight where they stand on plates."""
    weighed = _weighed(store)
    found = []
    for product in store.products:
        if not product.photos:
            found.append(Missing(product.sku, "has no photos: it is never known by its looks"))
        elif len(product.photos) < FEW_PHOTOS:
            found.append(
                Missing(
                    product.sku,
                    f"has {_count(len(product.photos))}; with {FEW_PHOTOS} or more it is known better",
                    matters=False,
                )
            )
        if product.weight_g is None and product.sku in weighed:
            found.append(Missing(product.sku, "stands on a plate and has no weight_g"))
        for photo in product.photos:
            try:
                wrong = wrong_with(picture_of(product.sku, photo, folder))
            except PerceptionError as error:
                found.append(Missing(product.sku, str(error)))
            else:
                found += [Missing(product.sku, f"{photo.file}: the photo is {each}") for each in wrong]
    return found


def _count(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos} photos"


def _weighed(store: Store) -> set[str]:
    """The products whose slot lies over a plate."""
    slots = store.slots()
    found = set()
    for facing in store.planogram:
        gondola, shelf, slot = slots[facing.slot]
        plates = (*shelf.plates, *gondola.plates)
        if any(plate.span[0] < slot.span[1] and slot.span[0] < plate.span[1] for plate in plates):
            found.add(facing.sku)
    return found


def readable(store: Store, folder: Path, eye: Eye) -> dict[str, list[Look]]:
    """The looks of every photo that can be had; `missing` names the others."""
    found: dict[str, list[Look]] = {}
    for product in store.products:
        for photo in product.photos:
            try:
                found.setdefault(product.sku, []).append(look_at(picture_of(product.sku, photo, folder), eye))
            except PerceptionError:
                continue  # `missing` says it
    return found


def look_alikes(looks: Mapping[str, Sequence[Look]]) -> tuple[Alike, ...]:
    """The products that look alike; none where fewer than two have photos."""
    return alike(Recogniser.of(looks)) if len(looks) > 1 else ()
