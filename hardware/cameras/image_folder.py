"""A folder of numbered images as a camera."""

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from hardware.cameras.timing import Thinning, Timing
from hardware.errors import CameraError
from hardware.ports import Frame, Image

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


class ImageFolder:
    """The images of a folder in the order of the numbers in their names, or of `files` where a list names them."""

    def __init__(self, camera: str, folder: Path, timing: Timing, files: tuple[str, ...] | None = None) -> None:
        self.id = camera
        self._timing = timing
        where = f"camera {camera!r}: {folder}"
        if files is not None:
            self._paths = [folder / name for name in files]
            missing = next((path for path in self._paths if not path.is_file()), None)
            if missing is not None:
                raise CameraError(f"{where}: {missing.name} is in the list of times, but not in the folder")
        else:
            if not folder.is_dir():
                raise CameraError(f"{where}: no such folder")
            self._paths = sorted((p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES), key=_number)
        if not self._paths:
            raise CameraError(f"{where}: holds no images ({', '.join(sorted(SUFFIXES))})")

    def frames(self) -> Iterator[Frame]:
        """The pictures in order, the wanted ones only. CameraError for a file that is no picture."""
        thinning = Thinning(self._timing.fps_max)
        for index, path in enumerate(self._paths):
            t_s = self._timing.at(index, None, f"camera {self.id!r}: {path}")
            if t_s >= self._timing.until_s:
                return
            if thinning.wants(t_s):
                yield Frame(t_s, self.id, index, read_image(path))

    def close(self) -> None:
        """Nothing is held between calls of `frames`."""


def _number(path: Path) -> tuple[list[str | int], str]:
    """What orders 2.png before 10.png. Of a name's parts every second one is a number, so like meets like."""
    parts = re.split(r"([0-9]+)", path.name)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], path.name


def read_image(path: Path) -> Image:
    """The picture in the file at `path`; CameraError where there is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CameraError(f"{path}: {error.strerror}") from None
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error:
        # A picture that claims to be larger than OpenCV takes.
        image = None
    if image is None:
        raise CameraError(f"{path}: not a whole picture; copy it again")
    return np.ascontiguousarray(image, dtype=np.uint8)
