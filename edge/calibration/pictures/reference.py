"""What is remembered of a camera's picture to see later whether it was knocked: places and bits, never the picture.

Kept beside the store file, in a folder of its name: `store.yaml` → `store.calibration/CAMERA.npz`, 30 kB a camera.
"""

import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.knocked import Features
from hardware.ports import Image

FORMAT = 1
KEPT_MAX = 600
ROWS, COLUMNS = 9, 16
"""Places are taken evenly: at most so many cells, `KEPT_MAX` over all; a shelf full of print is not everything."""
PICTURES_MAX = 31
FILE_MAX = 1_000_000


def features_of(images: Sequence[Image]) -> Features:
    """The places of the scene that pictures show: of several it is their median, in which nobody walks."""
    assert images, "a look needs a picture"
    still = images[0] if len(images) == 1 else np.median(np.stack(images[-PICTURES_MAX:]), axis=0).astype(np.uint8)
    grey = np.asarray(cv2.cvtColor(still, cv2.COLOR_BGR2GRAY), np.uint8)
    orb = cv2.ORB.create(nfeatures=4 * KEPT_MAX, scaleFactor=1.25, nlevels=5, fastThreshold=7)
    found = _evenly(orb.detect(_evened(grey), None), (grey.shape[1], grey.shape[0]))
    chosen, bits = orb.compute(_evened(grey), found)
    pixels = np.array([point.pt for point in chosen], np.float64).reshape(-1, 2) + 0.5
    seen = np.asarray(bits, np.uint8) if chosen else np.zeros((0, 32), np.uint8)
    return Features((grey.shape[1], grey.shape[0]), pixels, seen)


def reference_path(store: Path, camera: str) -> Path:
    """Where the reference of a camera of that store file lies."""
    return store.with_suffix(".calibration") / f"{camera}.npz"


def write_reference(path: Path, features: Features) -> None:
    """Keep it, whole or not at all. CalibrationError where the disk does not take it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            np.savez_compressed(
                file,
                format=np.array(FORMAT),
                size=np.array(features.size),
                pixels=features.pixels.astype(np.float32),
                bits=features.bits,
            )
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise CalibrationError(f"{path}: {error.strerror}; the reference was not kept") from None


def read_reference(path: Path, camera: str) -> Features:
    """What was kept. CalibrationError where there is none, or it is none of ours."""
    try:
        if path.stat().st_size > FILE_MAX:
            raise CalibrationError(f"{path}: too large for a reference; calibrate camera {camera!r} anew")
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            size = tuple(int(side) for side in kept["size"])
            pixels, bits = np.asarray(kept["pixels"], np.float64), np.asarray(kept["bits"], np.uint8)
    except FileNotFoundError:
        raise CalibrationError(
            f"{path}: no such file: camera {camera!r} has no reference yet. Run `tillfree calibrate` with a picture of "
            "it (--view), and it is kept"
        ) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CalibrationError(f"{path}: no reference of ours ({error}); calibrate camera {camera!r} anew") from None
    if len(size) != 2 or pixels.shape != (len(bits), 2) or bits.shape[1:] != (32,) or not np.isfinite(pixels).all():
        raise CalibrationError(f"{path}: damaged; calibrate camera {camera!r} anew")
    return Features((size[0], size[1]), pixels, bits)


def references_of(store: Path, cameras: Iterable[str]) -> tuple[dict[str, Features], list[str]]:
    """By camera what was kept of it, for those that have a reference, and what is wrong with those that cannot be read.

    A damaged reference keeps no camera from working: it only cannot be told whether it was knocked.
    """
    found: dict[str, Features] = {}
    wrong: list[str] = []
    for camera in cameras:
        path = reference_path(store, camera)
        if not path.exists():
            continue
        try:
            found[camera] = read_reference(path, camera)
        except CalibrationError as error:
            wrong.append(str(error))
    return found, wrong


def _evened(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The same under any light: contrast evened out part by part, and what is left of noise smoothed."""
    return np.asarray(cv2.GaussianBlur(cv2.createCLAHE(2.0, (8, 6)).apply(grey), (0, 0), 0.8), np.uint8)


def _evenly(found: Sequence[cv2.KeyPoint], size: tuple[int, int]) -> list[cv2.KeyPoint]:
    """The strongest of each part of the picture, no two at one place."""
    each = max(2, round(KEPT_MAX / (ROWS * COLUMNS)))
    kept: dict[tuple[int, int], list[cv2.KeyPoint]] = {}
    for point in sorted(found, key=lambda point: (-point.response, point.pt)):
        cell = int(point.pt[0] * COLUMNS / size[0]), int(point.pt[1] * ROWS / size[1])
        here = kept.setdefault(cell, [])
        if len(here) < each and all(np.hypot(*np.subtract(point.pt, other.pt)) > 3.0 for other in here):
            here.append(point)
    return [point for cell in sorted(kept) for point in kept[cell]]
