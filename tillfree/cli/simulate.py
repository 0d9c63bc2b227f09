"""`tillfree simulate`: a mock store's day, or one of its scenes, as a recording with truth."""

from pathlib import Path
from typing import Annotated

import typer

from tillfree.cli.output import JsonOption, console_for, progress, write_json


def simulate(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The recording's folder; it must be new or empty.")],
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
        float, typer.Option(min=0.0, max=1.0, help="Share of close encounters that swap or break track numbers.")
    ] = 0.0,
    json_file: JsonOption = None,
) -> None:
    """Write a recording of a mock store with its truth: a scene, or a crowd in a generated store."""
    from hardware.simulated.errors import SimulationError
    from hardware.simulated.layout.generate import generate_layout
    from hardware.simulated.record import record_signals
    from hardware.simulated.scene.crowd import crowd
    from hardware.simulated.scene.file import open_scene
    from hardware.simulated.sightings import SightNoise
    from hardware.simulated.world.world import World

    if not signals:
        raise SimulationError("pictures are not written yet: add --signals for plates, gate and observations")
    plan = open_scene(scene, seed) if scene is not None else crowd(generate_layout(layout), shoppers, minutes, seed)
    with progress("playing") as advance:
        world = World(plan)
        record_signals(world, out, advance, sight=SightNoise(swaps=swaps))
    timeline = world.timeline
    console = console_for(json_file)
    for note in timeline.notes:
        console.print(f"note: {note}")
    kinds = [event.type for event in timeline.truth]
    counts = {kind: kinds.count(kind) for kind in ("enter", "pick", "put_back", "touch", "exit")}
    console.print(f"{out}: {timeline.duration_s:.0f} s, " + ", ".join(f"{n} × {kind}" for kind, n in counts.items()))
    write_json(json_file, {"folder": str(out), "duration_s": timeline.duration_s, "events": counts})
