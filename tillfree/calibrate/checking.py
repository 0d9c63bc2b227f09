"""Whether cameras still look where they looked when they were calibrated, in words and for programs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.calibration.errors import CalibrationError
from edge.calibration.knocked import Askew
from edge.calibration.pictures.reference import read_reference, reference_path
from edge.calibration.pictures.watching import looked_at
from hardware.errors import CameraError
from protocol.document import FileError
from protocol.store import Camera, Store
from tillfree.calibrate.pictures import LIVE, pictures_of

SLIGHT_DEG = 0.2


@dataclass(frozen=True, slots=True)
class Checked:
    """What of each camera can be said: a sentence and an answer for programs each; `wrong` is what needs a person."""

    sentences: tuple[str, ...]
    answers: tuple[dict[str, Any], ...]
    wrong: tuple[str, ...]


def cameras_to_check(store: Store, path: Path) -> list[Camera]:
    """Those that have a reference. FileError where none has."""
    plans = [camera for camera in store.cameras if reference_path(path, camera.id).exists()]
    if not plans:
        raise FileError(f"{path}: no camera has a reference yet; calibrate with a picture (--view) first")
    return plans


def checked(store_path: Path, plans: list[Camera], picture: Path | None) -> Checked:
    """Look at each camera's `picture`, or through it as it hangs. One that cannot be looked through keeps no other."""
    sentences, answers, wrong = [], [], []
    for plan in plans:
        try:
            was = read_reference(reference_path(store_path, plan.id), plan.id)
            images = pictures_of(LIVE if picture is None else str(picture), plan, store_path.parent)
            askew = looked_at(plan, was, images)
        except (CalibrationError, CameraError) as error:
            wrong.append(str(error))
            continue
        sentences.append(_sentence(plan.id, askew))
        answers.append(_answer(plan.id, askew))
        if askew.turned_deg is None or askew.knocked:
            wrong.append(f"camera {plan.id!r}: calibrate it anew, or turn it back and --check again")
    return Checked(tuple(sentences), tuple(answers), tuple(wrong))


def _sentence(name: str, askew: Askew) -> str:
    counted = f"{askew.agreed} of {askew.remembered} places agree"
    if askew.turned_deg is None:
        return (
            f"camera {name}: cannot tell ({counted}). Is it dark, covered, turned right away, or is the shop rebuilt "
            "before it?"
        )
    on_floor = "" if askew.floor_cm is None else f", {askew.floor_cm:.0f} cm on the floor"
    how = f"{askew.turned_deg:.1f}° ({askew.moved_px:.0f} px in the middle{on_floor})"
    if not askew.knocked:
        return f"camera {name}: looks where it looked: turned by {how}; {counted}"
    ways = [
        f"{abs(value):.1f}° {positive if value > 0 else negative}"
        for value, positive, negative in (
            (askew.right_deg, "to the right", "to the left"),
            (askew.down_deg, "down", "up"),
            (askew.rolled_deg, "clockwise", "counter-clockwise"),
        )
        if abs(value) > SLIGHT_DEG
    ]
    return f"camera {name}: KNOCKED by {how}: {', '.join(ways)}; {counted}"


def _answer(name: str, askew: Askew) -> dict[str, Any]:
    measured = {
        "turned_deg": askew.turned_deg,
        "right_deg": askew.right_deg,
        "down_deg": askew.down_deg,
        "rolled_deg": askew.rolled_deg,
        "moved_px": askew.moved_px,
        "floor_cm": askew.floor_cm,
    }
    rounded = {key: None if value is None else round(value, 3) for key, value in measured.items()}
    knocked = askew.knocked if askew.turned_deg is not None else None
    return {"camera": name, "knocked": knocked, **rounded, "agreed": askew.agreed, "remembered": askew.remembered}
