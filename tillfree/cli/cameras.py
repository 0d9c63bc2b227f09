"""`tillfree cameras`: which there are, and what they give."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from protocol.store_file import read_store
from tillfree.cli.output import JsonOption, console_for, progress, write_json

if TYPE_CHECKING:
    from tillfree.camera_check import CameraCheck

app = typer.Typer(help="Which cameras there are, and what they give.", no_args_is_help=True)


@app.command(name="list")
def list_(*, json_file: JsonOption = None) -> None:
    """List the cameras that this machine shows, each with the `source` to write into the store file."""
    from hardware.cameras.found import found_cameras

    cameras = found_cameras()
    console = console_for(json_file)
    if not cameras:
        console.print(
            "No camera is connected to this machine. Network cameras are not searched for: see docs/cameras.md"
        )
    else:
        table = Table("device", "name", "source")
        for camera in cameras:
            table.add_row(camera.device, escape(camera.name), camera.source)
        console.print(table)
    write_json(json_file, {"cameras": [asdict(camera) for camera in cameras]})


@app.command()
def check(
    store: Annotated[Path, typer.Argument(metavar="STORE.yaml", help="The store file.")],
    *,
    seconds: Annotated[float, typer.Option(min=0.5, max=600.0, help="How long each camera is watched.")] = 3.0,
    snapshots: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a picture of each camera here.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Open every camera of a store file for some seconds: size, rate, clock, problems. Fails where one has any."""
    from tillfree.camera_check import check_cameras

    with progress("looking") as advance:
        checks = check_cameras(read_store(store), store.parent, seconds, snapshots, advance)
    console = console_for(json_file)
    table = Table("camera", "size", "fps", "first after", "behind", "clock offset", "drift", "what is wrong")
    for each in checks:
        table.add_row(*_row(each))
    console.print(table)
    write_json(json_file, {"cameras": [each.to_json() for each in checks]})
    if any(each.problems for each in checks):
        raise typer.Exit(1)


def _row(check: "CameraCheck") -> tuple[str, ...]:
    size = f"{check.size[0]}×{check.size[1]}" if check.size else "–"
    timed = ("–", "–", "–", "–")
    if check.first_s is not None:
        clock = (f"{check.offset_s:+.2f} s", f"{check.drift_ppm:+.0f} ppm")
        timed = (f"{check.first_s:.1f} s", f"{check.behind_ms:.0f} ms", *clock)
    return check.camera, size, f"{check.fps:.1f}", *timed, escape("; ".join(check.problems)) or "nothing"
