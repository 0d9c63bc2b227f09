"""What the demo plays: a recording, a live camera, or else a simulated shop."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from protocol.recording import read_recording
from protocol.store import Store
from protocol.store_file import read_store

TOKEN = "you"  # noqa: S105 - the name of whoever stands before the webcam, no secret


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the demo was asked for: a recording, a live camera's source, or else the simulated shop number `seed`."""

    recording: Path | None
    camera: str | None
    seed: int
    broker: str | None
    port: int
    fast: bool
    once: bool


@dataclass(frozen=True, slots=True)
class Playbill:
    """A store, who comes with which tokens, and how the edge is told to watch it."""

    store: Store
    title: str
    tokens: list[str]
    start: datetime
    arguments: list[str]
    live: bool = False
    taken: dict[str, dict[str, int]] | None = None
    """What each shopper really leaves with, by token; None where only a camera knows."""


def playbill(wishes: Wishes, state: Path, console: Console) -> Playbill:
    """What there is to see. Errors as of reading recordings, and DemoError where no camera is."""
    if wishes.recording is not None:
        recording = read_recording(wishes.recording)
        tokens = list(dict.fromkeys(line.token for line in recording.gate if line.event == "enter"))
        title = f"{recording.folder.name}, {recording.file.duration_s:g} s"
        arguments = ["--recording", str(recording.folder), "--stay"]
        return Playbill(recording.store, title, tokens, recording.file.start, arguments)
    if wishes.camera is not None:
        # OpenCV is large, and only a live demo looks through it in this process.
        from tillfree.demo import webcam

        source = webcam.first_source() if wishes.camera == "webcam" else wishes.camera
        console.print(f"Looking through {source}: what stands left, in the middle and right is enrolled now.")
        path = webcam.make_store(source, state)
        return Playbill(read_store(path), "live", [TOKEN], datetime.now(UTC), [str(path), "--gate"], live=True)
    from tillfree.mock_store import MockStore

    mock = MockStore(wishes.seed)
    title = f"simulated, {mock.duration_s:.0f} s, {len(mock.tokens)} shoppers"
    arguments = ["--mock", str(wishes.seed), "--stay"]
    return Playbill(mock.store, title, mock.tokens, mock.start, arguments, taken=mock.taken())
