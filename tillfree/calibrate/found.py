"""What a calibration found, in one shape for every method: for the table, the store file and the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from edge.calibration.pictures.grid import Mark
from edge.calibration.view import View
from edge.calibration.written import lens_of, matrix_of, pose_of
from protocol.store import FloorView, Lens, Pose

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A camera as it was found. `errors_cm` (n,) is by how much places were missed that were foretold without them."""

    camera: str
    method: Literal["points", "board", "people"]
    view: View
    errors_cm: Doubles
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    """What the installer should know, a sentence each."""
    left_out: tuple[int, ...] = ()

    @property
    def error_cm(self) -> float | None:
        """Half of them were missed by less."""
        return _at(self.errors_cm, 50.0)

    @property
    def error_most_cm(self) -> float | None:
        """Nine in ten were missed by less."""
        return _at(self.errors_cm, 90.0)

    def parts(self) -> dict[str, Lens | Pose | FloorView]:
        """As the store file tells it."""
        kept = [mark for index, mark in enumerate(self.marks) if index not in self.left_out]
        floor_view = FloorView(
            method=self.method,
            size=self.view.size,
            matrix=_rows(matrix_of(self.view)),
            error_cm=self.error_cm,
            error_most_cm=self.error_most_cm,
            points_off_cm=self._points_off_cm(kept) if self.method == "points" else None,
        )
        return {"lens": lens_of(self.view), "pose": pose_of(self.view), "floor_view": floor_view}

    def _points_off_cm(self, kept: Sequence[Mark]) -> float | None:
        if not kept:
            return None
        seen = self.view.floor(np.array([mark.pixel for mark in kept]))
        off = 100.0 * np.hypot(*(seen - np.array([mark.floor for mark in kept])).T)
        return round(float(off.max()), 1)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "camera": self.camera,
            "method": self.method,
            "error_cm": self.error_cm,
            "error_most_cm": self.error_most_cm,
            "eye": [round(float(value), 3) for value in self.view.eye],
            "focal_px": round(self.view.focal_px, 1),
            "left_out": [index + 1 for index in self.left_out],
            "points": [
                {
                    "pixel": list(mark.pixel),
                    "floor": list(mark.floor),
                    "error_cm": None if not np.isfinite(error) else round(float(error), 1),
                }
                for mark, error in zip(self.marks, self.errors_cm, strict=False)
            ]
            if self.method != "people"
            else [],
            "notes": list(self.notes),
        }


def _at(errors_cm: Doubles, percentile: float) -> float | None:
    told = errors_cm[np.isfinite(errors_cm)]
    return round(float(np.percentile(told, percentile)), 1) if len(told) else None


def _rows(
    matrix: Sequence[tuple[float, float, float]],
) -> tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]:
    first, second, third = matrix
    return first, second, third
