"""`tillfree evaluate hands`: the shelf network on labelled pictures."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tillfree.cli.output import JsonOption, console_for, progress, write_json


class Kind(StrEnum):
    """What is scored."""

    HAND = "hand"
    PRODUCT = "product"


def hands(
    *,
    coco: Annotated[Path, typer.Option(metavar="FILE", help="COCO JSON; images may be frames of videos.")],
    kind: Annotated[
        Kind, typer.Option(help="Categories called hand or hands; or all the others, which are products.")
    ] = Kind.HAND,
    json_file: JsonOption = None,
) -> None:
    """Average precision of the shelf network on labelled pictures."""
    from tillfree.evaluate.hands import evaluate_hands

    with progress(f"looking for {kind.value}s") as advance:
        result = evaluate_hands(coco, advance, kind.value)
    console_for(json_file).print(
        f"{kind.value}s on {result['images']} images: AP50 {result['ap50']:.3f}, AP {result['ap']:.3f}"
    )
    write_json(json_file, result)
