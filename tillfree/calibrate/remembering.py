"""What is kept of a camera's look, to see later whether it was knocked."""

from pathlib import Path

from edge.calibration.errors import CalibrationError
from edge.calibration.knocked import refuse_empty
from edge.calibration.pictures.reference import features_of, reference_path, write_reference
from hardware.ports import Image


def remember(store: Path, camera: str, looked: list[Image]) -> str:
    """Keep what `looked` shows beside the store file; what was done, as a sentence."""
    if not looked:
        return "no picture was given (--view), so nothing is kept to --check by later; calibrate with one"
    features = features_of(looked)
    try:
        refuse_empty(features, camera)
    except CalibrationError as error:
        # The calibration itself is good and written; only --check has nothing to go by.
        return f"nothing is kept to --check by: {error}"
    path = reference_path(store, camera)
    write_reference(path, features)
    return f"{len(features.pixels)} places are kept in {path} to --check by (no picture)"
