"""`tillfree models`: get the networks, and show what they are."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from models.cache import onnx_path
from models.catalogue import Card, TensorCard, cards
from models.errors import ModelNotPulled
from tillfree.cli.output import JsonOption, write_json

app = typer.Typer(help="The networks: get them, and see what they are.", no_args_is_help=True)


@app.command()
def pull(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Which ones; all by default.")] = None,
) -> None:
    """Fetch networks, verify them, convert them to ONNX and check what they compute. What is there already is quick."""
    # Here, since the converters load slowly and no other command needs them.
    from models.progress_bar import PullProgress
    from models.pull import pull as pull_networks

    with PullProgress(Console(stderr=True)) as progress:
        pull_networks(names or (), progress)


@app.command()
def quantise(
    network: Annotated[str, typer.Argument(metavar="NAME", help="Which one.")],
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="Where its ranges are written.")],
) -> None:
    """Measure on simulated pictures what values a network's maps take: what its variant in eight bits is made from."""
    from tillfree.quantise import quantise as measure

    console = Console(stderr=True)
    sha256 = measure(network, out, lambda done, of: console.print(f"{done} of {of} stores"))
    console.print(f"{out}: SHA-256 {sha256}\nPut it into models/quantise/ranges/, and its hash into models/lock.yaml.")


@app.command(name="list")
def list_networks(json_file: JsonOption = None) -> None:
    """Show every network's card: purpose, licence, input, output, what it was measured to do, whether it is here."""
    shown = [(card, _pulled(card.name)) for card in cards()]
    if json_file is None:
        console = Console(markup=False)
        for card, path in shown:
            console.print(_panel(card, path))
    write_json(json_file, {"networks": [_as_json(card, path) for card, path in shown]})


def _pulled(name: str) -> Path | None:
    try:
        return onnx_path(name)
    except ModelNotPulled:
        return None


def _as_json(card: Card, path: Path | None) -> dict[str, Any]:
    return {**asdict(card), "path": str(path) if path else None, "onnx_bytes": path.stat().st_size if path else None}


def _panel(card: Card, path: Path | None) -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("purpose", card.purpose)
    table.add_row("licence", card.licence)
    table.add_row("origin", card.origin)
    fetched = f" ({card.download_bytes / 1e6:.0f} MB to fetch)" if card.download_bytes else ""
    table.add_row("package", card.package + fetched)
    for label, tensors in (("input", card.inputs), ("output", card.outputs)):
        for index, tensor in enumerate(tensors):
            table.add_row("" if index else label, _tensor(tensor))
    for index, figure in enumerate(card.measured):
        table.add_row("" if index else "measured", f"{figure.what} {figure.value:g}: {figure.measured_on}")
    here = f"{path} ({path.stat().st_size / 1e6:.0f} MB)" if path else f"no; run: tillfree models pull {card.name}"
    table.add_row("pulled", here)
    return Panel(table, title=card.name, title_align="left")


def _tensor(tensor: TensorCard) -> str:
    shape = " x ".join(str(size) for size in tensor.shape)
    return f"{tensor.name}: {tensor.dtype} {shape}: {tensor.meaning}"
