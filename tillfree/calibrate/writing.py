"""What was found of a camera, put into its store file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.calibration.written import marked_left_out, with_calibration
from protocol.store import MarkedPoint
from tillfree.calibrate.found import Found
from tillfree.calibrate.keeping import replace_text


def write(store: Path, text: str, every: Sequence[Found], *, given_points: bool = False) -> None:
    """Put `every` into the store file that had `text`: all of them or none. `given_points`: the marks with them."""
    changed = text
    for found in every:
        parts: dict[str, Any] = dict(found.parts())
        if given_points:
            marks = found.marks
            parts["floor_points"] = [MarkedPoint(pixel=m.pixel, floor=m.floor, left_out=m.left_out) for m in marks]
        changed = with_calibration(changed, str(store), found.camera, parts)
        if found.method == "points" and not given_points:
            changed = marked_left_out(changed, str(store), found.camera, found.left_out)
    replace_text(store, text, changed)
