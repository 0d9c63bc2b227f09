"""`tillfree calibrate board`: a board to print and lay on the floor."""

from pathlib import Path
from typing import Annotated

import typer

from edge.calibration.errors import CalibrationError
from tillfree.cli.calibrate_options import SquaresOption
from tillfree.cli.output import console_for


def board(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to put it: .pdf or .png.")],
    paper: Annotated[str, typer.Option(help="a4, a3, a2, a1 or a0; the larger, the farther it is seen.")] = "a3",
    squares: SquaresOption = "3x4",
    square_mm: Annotated[
        float | None, typer.Option(metavar="MM", help="A square's side; the largest that fits.")
    ] = None,
) -> None:
    """Draw the board to print (at 100 %, on matt paper) and lay on the floor."""
    from edge.calibration.pictures.sheet import board_for, pdf, png
    from tillfree.calibrate.asked import board_of

    shape = board_of(squares, square_mm or 1.0)
    chosen = board_for(paper, shape.columns, shape.rows, square_mm)
    if out.suffix.lower() not in {".pdf", ".png"}:
        raise CalibrationError(f"{out}: a board is a .pdf or a .png")
    try:
        out.write_bytes(pdf(chosen, paper) if out.suffix.lower() == ".pdf" else png(chosen, paper))
    except OSError as error:
        raise CalibrationError(f"{out}: {error.strerror}") from None
    console_for(None).print(
        f"{out}: {chosen.columns}×{chosen.rows} squares of {chosen.square_mm:g} mm on {paper}. Print it at 100 %, "
        f"measure a square, and say --squares {chosen.columns}x{chosen.rows} --square-mm {chosen.square_mm:g}",
        soft_wrap=True,
    )
