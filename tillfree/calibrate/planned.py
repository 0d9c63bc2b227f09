"""The camera that somebody named, out of a store file."""

from pathlib import Path

from edge.calibration.errors import CalibrationError
from protocol.store import Camera, Store


def planned(store: Store, name: str | None, path: Path) -> Camera:
    """The camera `name`; without a name the store's only one. CalibrationError names those that there are."""
    if name is None and len(store.cameras) == 1:
        return store.cameras[0]
    known = ", ".join(camera.id for camera in store.cameras)
    if name is None:
        raise CalibrationError(f"{path}: which camera? --camera is one of {known}")
    found = store.camera(name)
    if found is None:
        raise CalibrationError(f"{path}: there is no camera {name!r}; there are {known}")
    return found
