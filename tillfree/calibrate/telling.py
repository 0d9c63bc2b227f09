"""What a calibration found, said to the installer."""

import numpy as np
from rich.console import Console
from rich.table import Table

from tillfree.calibrate.found import Found


def tell(console: Console, found: Found) -> None:
    """The points with their errors, where the camera hangs, the error on the floor, and what to know of it."""
    if found.method != "people" and found.marks:
        console.print(_points(found))
    eye = ", ".join(f"{value:.2f}" for value in found.view.eye)
    across = 2.0 * np.degrees(np.arctan(found.view.size[0] / 2.0 / found.view.focal_px))
    console.print(f"camera {found.camera} hangs at {eye} m, sees {across:.0f}° across", highlight=False)
    if found.error_cm is not None:
        console.print(f"error on the floor: half below {found.error_cm} cm, nine in ten below {found.error_most_cm} cm")
    for note in found.notes:
        console.print(note, soft_wrap=True)


def _points(found: Found) -> Table:
    table = Table("nr", "pixel", "floor, m", "error, cm", title=f"camera {found.camera}, by {found.method}")
    for number, mark in enumerate(found.marks):
        error = found.errors_cm[number] if number < len(found.errors_cm) else np.nan
        told = "left out" if mark.left_out else "–" if not np.isfinite(error) else f"{error:.1f}"
        pixel, floor = (f"{a:.{n}f}, {b:.{n}f}" for (a, b), n in ((mark.pixel, 0), (mark.floor, 2)))
        table.add_row(str(number + 1), pixel, floor, told)
    return table
