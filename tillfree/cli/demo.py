"""`tillfree demo`: from pixels to a receipt on one machine."""

from pathlib import Path
from typing import Annotated

import typer

from protocol.home import home
from protocol.recording import read_recording
from tillfree.cli.output import JsonOption, console_for, write_json


def demo(
    recording: Annotated[Path | None, typer.Argument(metavar="[RECORDING]", help="A recording's folder.")] = None,
    *,
    fast: Annotated[bool, typer.Option(help="Play as fast as it goes, not at the recording's own pace.")] = False,
    once: Annotated[bool, typer.Option(help="End after the last receipt.")] = False,
    camera: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="Live: webcam (the first one), webcam:NUMBER or video:PATH.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which simulated shop, where there is no recording or camera.")] = 1,
    broker: Annotated[str | None, typer.Option(metavar="URL", help="A broker that runs; else one is started.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The API's port; 0 takes a free one.")] = 0,
    state: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep everything here, and take it up again.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Broker, cloud and edge in one go: a simulated shop, a RECORDING or a live camera, and the receipts."""
    from edge.perception.needs import APPEARANCE, PERSONS, needed
    from tillfree.demo.demo import Demo
    from tillfree.demo.playbill import Wishes
    from tillfree.demo.state import StateFolder

    if recording is not None:
        networks = needed(read_recording(recording).store)
    else:
        # The simulated shop has a camera on the floor, and a webcam looks at a table.
        networks = (APPEARANCE,) if camera is not None else (PERSONS, APPEARANCE)
    folder = StateFolder.fresh(home() / "demo") if state is None else StateFolder(state.absolute())
    try:
        wishes = Wishes(recording, camera, seed, broker, port, fast, once)
        write_json(json_file, Demo(wishes, folder, networks, console_for(json_file)).run())
    finally:
        folder.close()
