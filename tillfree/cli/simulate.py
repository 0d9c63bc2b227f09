"""`tillfree simulate`: a mock store's day, or one of its scenes, as a recording with truth, or as a contact sheet."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tillfree.cli.output import JsonOption, console_for, progress, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from hardware.simulated.recording.setup import Filming
    from hardware.simulated.scene.scene import Scene
    from hardware.simulated.world.timeline import Timeline

INTERRUPTED = 130
"""What a shell calls the end by Ctrl-C."""
KINDS = ("enter", "pick", "put_back", "touch", "exit")


def simulate(
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write a recording here; the folder must be new or empty.")
    ] = None,
    scene: Annotated[
        str | None,
        typer.Argument(metavar="SCENE", help="A scene file, or a scene of the library (see docs/scenes.md)."),
    ] = None,
    layout: Annotated[int, typer.Option(min=0, help="Which generated store: each number is another one.")] = 0,
    shoppers: Annotated[int, typer.Option(min=0, max=5000)] = 3,
    minutes: Annotated[float, typer.Option(min=0.1, max=1440.0)] = 2.0,
    seed: Annotated[int, typer.Option(min=0, help="Names every chance: people, plans, weights, noise.")] = 0,
    signals: Annotated[
        bool, typer.Option("--signals", help="Plates, gate and observations of people instead of pictures.")
    ] = False,
    swaps: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="With --signals: share of close encounters that swap or break tracks."),
    ] = 0.0,
    looks: Annotated[
        bool, typer.Option("--looks", help="With --signals: what shelf cameras say of their slots, too.")
    ] = False,
    cameras: Annotated[
        str | None, typer.Option(metavar="ID,ID", help="Only these of the store's cameras; all without.")
    ] = None,
    fps: Annotated[
        float | None, typer.Option(min=0.1, max=60.0, help="Pictures a second instead of the cameras' own.")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Pixels instead of the cameras' own: 320x192.")
    ] = None,
    sensor: Annotated[
        str, typer.Option(help="What the cameras are like: clean, good, worn or bad (docs/mock-store.md).")
    ] = "good",
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes that draw; what they write is the same.")] = 1,
    sheet: Annotated[
        Path | None,
        typer.Option("--contact-sheet", metavar="FILE.png", help="Draw what the cameras see, the truth over it."),
    ] = None,
    moments: Annotated[int, typer.Option(min=1, max=20, help="Pictures a camera on the contact sheet.")] = 3,
    json_file: JsonOption = None,
) -> None:
    """Write a recording of a mock store with its truth: a scene, or a crowd in a generated store."""
    from hardware.simulated.errors import SimulationError
    from hardware.simulated.layout.generate import generate_layout
    from hardware.simulated.recording.setup import Filming
    from hardware.simulated.scene.crowd import crowd
    from hardware.simulated.scene.file import open_scene

    if looks and not signals:
        raise SimulationError("--looks are what shelf cameras say instead of pictures: give --signals, too")
    if out is None and sheet is None:
        raise SimulationError("nothing to make: give --out DIR for a recording, --contact-sheet FILE.png for a sheet")
    filming = Filming(tuple(cameras.split(",")) if cameras else (), fps, _size(size), sensor)
    plan = open_scene(scene, seed) if scene is not None else crowd(generate_layout(layout), shoppers, minutes, seed)
    console = console_for(json_file)
    result: dict[str, object] = {}
    try:
        if out is not None:
            if signals:
                result = _signals(plan, out, swaps, console, looks=looks)
            else:
                result = _pictures(plan, out, filming, jobs, console)
        if sheet is not None:
            result["contact_sheet"] = str(sheet)
            _sheet(plan, filming, sheet, moments, console)
    except KeyboardInterrupt:
        console.print("stopped; what was written is removed")
        raise typer.Exit(INTERRUPTED) from None
    write_json(json_file, result)


def _signals(plan: "Scene", out: Path, swaps: float, console: "Console", *, looks: bool) -> dict[str, object]:
    from hardware.simulated.looks import Looks
    from hardware.simulated.recording.signals import record_signals
    from hardware.simulated.sightings import SightNoise
    from hardware.simulated.world.world import World

    with progress("playing") as advance:
        world = World(plan)
        record_signals(world, out, advance, sight=SightNoise(swaps=swaps), looks=Looks(world) if looks else None)
    return _told(world.timeline, out, console)


def _pictures(plan: "Scene", out: Path, filming: "Filming", jobs: int, console: "Console") -> dict[str, object]:
    from hardware.simulated.recording.with_pictures import record_pictures

    with progress("filming") as advance:
        recorded = record_pictures(plan, out, filming, advance, jobs=jobs)
    result = _told(recorded.timeline, out, console)
    for each in recorded.cameras:
        spaced = "its own times in a CSV" if each.fps is None else f"{each.fps:g} a second"
        console.print(
            f"  {each.camera}: {each.pictures} pictures, {spaced}" if each.pictures else f"  {each.camera}: lost"
        )
    return result | {"pictures": {each.camera: each.pictures for each in recorded.cameras}}


def _told(timeline: "Timeline", out: Path, console: "Console") -> dict[str, object]:
    """Say what was played and how large it is, and give it for the JSON."""
    for note in timeline.notes:
        console.print(f"note: {note}")
    kinds: list[str] = [event.type for event in timeline.truth]
    counts = {kind: kinds.count(kind) for kind in KINDS}
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    events = ", ".join(f"{count} × {kind}" for kind, count in counts.items())
    console.print(f"{out}: {timeline.duration_s:.0f} s, {size / 1e6:.1f} MB, {events}")
    return {"folder": str(out), "duration_s": timeline.duration_s, "bytes": size, "events": counts}


def _sheet(plan: "Scene", filming: "Filming", path: Path, moments: int, console: "Console") -> None:
    from hardware.simulated.recording.sheet import write_sheet

    with progress("drawing") as advance:
        write_sheet(plan, filming, path, moments, advance)
    console.print(f"{path}: what the cameras see, the truth over it")


def _size(text: str | None) -> tuple[int, int] | None:
    from hardware.simulated.errors import SimulationError

    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    sides = [int(side) if side.isdecimal() else 0 for side in (width, height)]
    if any(not 16 <= side <= 4096 or side % 2 for side in sides):
        raise SimulationError(f"--size {text}: write WIDTHxHEIGHT in even pixels from 16 to 4096, such as 320x192")
    return sides[0], sides[1]
