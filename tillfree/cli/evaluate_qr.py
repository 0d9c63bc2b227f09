"""`tillfree evaluate qr`: the gate's reader against photographed codes."""

from pathlib import Path
from typing import Annotated

import typer

from tillfree.cli.output import JsonOption, console_for, progress, write_json


def qr(
    labels: Annotated[Path, typer.Option(metavar="CSV", help="Columns file (relative to the CSV) and text.")],
    json_file: JsonOption = None,
) -> None:
    """How many photographed QR codes the gate's reader reads."""
    from tillfree.evaluate.qr import evaluate_qr

    with progress("reading codes") as advance:
        result = evaluate_qr(labels, advance)
    console = console_for(json_file)
    console.print(
        f"codes: {result['read']} of {result['total']} read ({result['as_they_are']} as they are), "
        f"{result['ms_per_picture']:.1f} ms a picture; without a code, every attempt made: {result['ms_empty']:.1f} ms"
    )
    for file in result["missed"]:
        console.print(f"missed: {file}")
    write_json(json_file, result)
