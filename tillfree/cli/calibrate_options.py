"""Options that several commands of `tillfree calibrate` have."""

from pathlib import Path
from typing import Annotated

import typer

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE.yaml", help="The store file.")]
SquaresOption = Annotated[str, typer.Option(metavar="CxR", help="Columns and rows of the board's squares.")]
SquareOption = Annotated[float, typer.Option(metavar="MM", help="The side of a square as printed: measure it.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Leave the store file as it is.")]
RecordingOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The recording in which both cameras saw people walk.")
]
DetectionsOption = Annotated[
    list[str] | None, typer.Option(metavar="ID=FILE", help="Their boxes as MOTChallenge text instead.")
]
FpsOption = Annotated[float, typer.Option(help="Of the pictures that such boxes were found in.")]
TallOption = Annotated[
    float | None, typer.Option(metavar="M", help="How tall the people are in shoes, where they were measured.")
]
