"""The photos that a store file names."""

from pathlib import Path

from edge.errors import PerceptionError
from hardware.cameras.image_folder import SUFFIXES, read_image
from hardware.cameras.video_file import picture_at
from hardware.errors import CameraError
from hardware.ports import Image
from protocol.store import Box, Photo


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
