"""Writing photos, and the store file that names them: both or neither."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from edge.calibration.errors import CalibrationError
from hardware.ports import Image
from protocol.store import Photo, Product
from protocol.store_file import parse_store
from tillfree.calibrate.keeping import replace_text, text_of
from tillfree.products.entry import with_product
from tillfree.products.errors import EnrolmentError

FOLDER = "photos"


@dataclass(frozen=True, slots=True)
class Taken:
    """A photo to keep: its file's content, and how such a file is called."""

    content: bytes
    suffix: str

    @staticmethod
    def of(image: Image) -> "Taken":
        """The picture without loss."""
        done, content = cv2.imencode(".png", image)
        assert done, "a picture of bytes becomes a PNG"
        return Taken(content.tobytes(), ".png")

    def file(self, sku: str) -> str:
        """Where it is kept, relative to the store file. By its content: a photo enrolled again is the same file."""
        return f"{FOLDER}/{sku}/{hashlib.sha256(self.content).hexdigest()[:16]}{self.suffix}"


def keep(store: Path, product: Product, photos: Sequence[Taken]) -> Product:
    """Write the photos beside `store` and the product with them into it; the product as it is there afterwards.

    All or nothing: where anything fails the store file is as it was and the photos are gone again (after a power cut
    photos that no file names may be left, which harm nobody). Raises EnrolmentError, or FileError for a bad store file.
    """
    names = [photo.file(product.sku) for photo in photos]
    there = {photo.file for photo in product.photos}
    fresh = tuple(Photo(file=name) for name in dict.fromkeys(names) if name not in there)
    text = text_of(store)
    now = next((each for each in parse_store(text, str(store)).products if each.sku == product.sku), None)
    if (now.photos if now else ()) != product.photos:
        raise EnrolmentError(f"{store} was changed while this ran; nothing was enrolled. Run it again")
    product = product.model_copy(update={"photos": (*product.photos, *fresh)})
    changed = with_product(text, str(store), product)
    written: list[Path] = []
    try:
        for name, photo in zip(names, photos, strict=True):
            path = store.parent / name
            if not path.exists():
                written.append(path)
                _write(path, photo.content)
        if changed != text:
            replace_text(store, text, changed)
    except (OSError, CalibrationError) as error:
        for path in written:
            path.unlink(missing_ok=True)
        why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        raise EnrolmentError(f"{why}; nothing was enrolled") from None
    return product


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
