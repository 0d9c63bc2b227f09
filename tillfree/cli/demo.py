"""`tillfree demo`: from pixels to a receipt on one machine."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from protocol.home import home
from protocol.recording import read_recording
from tillfree.cli.output import JsonOption, console_for, write_json


def demo(
    recording: Annotated[Path | None, typer.Argument(metavar="[RECORDING]", help="A recording's folder.")] = None,
    *,
    fast: Annotated[bool, typer.Option(help="Play as fast as it goes, not at the recording's own pace.")] = False,
    once: Annotated[bool, typer.Option(help="End after the last receipt.")] = False,
    camera: Annotated[str | None, typer.Option(metavar="SOURCE", help="webcam:0 or video:PATH, live.")] = None,
    broker: Annotated[str | None, typer.Option(metavar="URL", help="A broker that runs; else one is started.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The API's port; 0 takes a free one.")] = 0,
    state: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep everything here, and take it up again.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Broker, cloud and edge in one go: play RECORDING, or watch the first webcam, and show the receipt."""
    from edge.perception.needs import APPEARANCE, needed
    from tillfree.demo.demo import Demo, Wishes, fresh_state

    names = (APPEARANCE,) if recording is None else needed(read_recording(recording).store)
    _pull(names)
    folder = (state or fresh_state(home() / "demo")).absolute()
    wishes = Wishes(recording, camera, folder, broker, port, fast, once)
    write_json(json_file, Demo(wishes, console_for(json_file)).run())


def _pull(names: tuple[str, ...]) -> None:
    from models.cache import onnx_path
    from models.errors import ModelNotPulled

    try:
        for name in names:
            onnx_path(name)
    except ModelNotPulled:
        # Converting loads much, so only when there is something to convert.
        from models.progress_bar import PullProgress
        from models.pull import pull

        with PullProgress(Console(stderr=True)) as progress:
            pull(names, progress)
