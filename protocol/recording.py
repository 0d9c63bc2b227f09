"""A recording: a folder that any source can fill and every stage can replay. docs/recording.md tells the format.

`read_recording` checks the folder as a whole before anything is played: what is missing is said at once, with file and
line. Pictures themselves are opened by `hardware/`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, RootModel, ValidationError, model_validator

from protocol.document import FileError, Problem, parse, read_as, read_text
from protocol.model import Id, Instant, Message, Model, Probability, Sku, SlotPath, Token
from protocol.store import FloorPoint, Metres, Store
from protocol.store_file import read_store

Seconds = Annotated[float, Field(ge=0, le=10 * 86_400)]
Rate = Annotated[float, Field(gt=0, le=1000)]


class RecordedCamera(Model):
    """One camera's pictures: a video file, or a folder of numbered images with `fps` or `times`.

    `times` names a CSV file with a column `t_s` (and `file`, for images). A video with neither keeps its own times.
    """

    id: Id
    file: Annotated[str, Field(min_length=1)]
    """Relative to the recording's folder."""
    fps: Rate | None = None
    times: str | None = None

    @model_validator(mode="after")
    def _one_clock(self) -> "RecordedCamera":
        if self.fps is not None and self.times is not None:
            raise ValueError("give `fps` or `times`, not both")
        return self


class RecordingFile(Model):
    """What recording.yaml says."""

    format: Literal[1]
    start: Instant
    duration_s: Annotated[float, Field(gt=0, le=10 * 86_400)]
    cameras: Annotated[tuple[RecordedCamera, ...], Field(max_length=1000)] = ()
    store: str = "store.yaml"
    """The store it was made in, relative to the recording's folder."""


class GateLine(Message):
    """A line of gate.jsonl: someone came to a lane with a token, or left by it."""

    t_s: Seconds
    lane: Id
    event: Literal["enter", "exit"]
    token: Token
    party: Annotated[int, Field(ge=1, le=50)] = 1
    """How many people come in on the token."""


Wrist = tuple[Metres, Metres, Metres, Probability]
"""Where a wrist is, x, y and z in metres, and how sure that is."""


class ObservationLine(Message):
    """A line of observations.jsonl: where a camera's node sees a person. `track` is its own number for them."""

    t_s: Seconds
    camera: Id
    track: Annotated[int, Field(ge=0)]
    floor: FloorPoint
    sigma_m: Annotated[float, Field(gt=0, le=100)]
    """Standard deviation of `floor`, each way."""
    wrists: Annotated[tuple[Wrist, ...], Field(max_length=2)] = ()
    """Those that are seen, in any order."""


Fit = Annotated[float, Field(ge=-100, le=100)]
"""A log likelihood ratio."""


class LookLine(Message):
    """A line of looks.jsonl: what a shelf camera's node says of one of its slots, instead of pictures.

    `covered`: from now on something is before the slot, a hand or a body. Not covered: it is seen again, and `from_s`
    to `to_s` something was before it; without these it was nothing. The rest compares the slot with what it showed
    before that: the share of it that is other, the natural logarithm of the edges that the changed part had before
    over those that it has now, and how much better each product fits it than none, before and now.
    """

    t_s: Seconds
    camera: Id
    slot: SlotPath
    covered: bool
    from_s: Seconds | None = None
    to_s: Seconds | None = None
    changed: Annotated[float, Field(ge=0, le=1)] = 0.0
    edges: Fit = 0.0
    before: Annotated[dict[Sku, Fit], Field(max_length=1000, default_factory=dict)]
    after: Annotated[dict[Sku, Fit], Field(max_length=1000, default_factory=dict)]
    doubtful: bool = False
    """Its end was not seen."""

    @model_validator(mode="after")
    def _says_when(self) -> "LookLine":
        if (self.from_s is None) != (self.to_s is None):
            raise ValueError("from_s and to_s go together")
        if self.covered and self.from_s is not None:
            raise ValueError("what is still covered has no from_s and to_s yet")
        if self.from_s is not None and self.to_s is not None and not self.from_s <= self.to_s <= self.t_s:
            raise ValueError("from_s, to_s and t_s follow each other")
        return self


class TruthEvent(Message):
    """A line of truth/events.jsonl: what a shopper really did.

    `window_s` is where the labeller knows the event to lie; without it the event lies within a tolerance of `t_s`.
    """

    t_s: Seconds
    shopper: str
    type: Literal["pick", "put_back", "touch", "enter", "exit"]
    sku: Sku | None = None
    qty: Annotated[int, Field(ge=1)] = 1
    slot: SlotPath | None = None
    window_s: tuple[Seconds, Seconds] | None = None

    @model_validator(mode="after")
    def _says_what(self) -> "TruthEvent":
        if self.type in ("pick", "put_back") and self.sku is None:
            raise ValueError(f"a {self.type} needs its sku")
        if self.window_s is not None and self.window_s[0] > self.window_s[1]:
            raise ValueError("window_s ends before it begins")
        return self


class ReceiptsFile(RootModel[dict[str, dict[Sku, Annotated[int, Field(ge=1)]]]]):
    """What truth/receipts.json says: shopper → SKU → how many they carried out."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A checked recording, ready to be played: the store, the cameras' files, and what the gate read."""

    folder: Path
    file: RecordingFile
    store: Store
    store_path: Path
    gate: tuple[GateLine, ...]


def read_recording(folder: Path) -> Recording:
    """The recording in `folder`; FileError lists every problem with file, line and key."""
    if not folder.is_dir():
        raise FileError(f"{folder}: no such folder; a recording is a folder with a recording.yaml")
    path = folder / "recording.yaml"
    document = parse(read_text(path), str(path))
    file = read_as(RecordingFile, document)
    store_path = folder / file.store
    store = read_store(store_path)
    document.complain(_problems(folder, file, store))
    gate = sorted(_gate(folder / "gate.jsonl", store), key=lambda line: line.t_s)
    return Recording(folder, file, store, store_path, tuple(gate))


def read_truth(folder: Path) -> tuple[tuple[TruthEvent, ...], dict[str, dict[str, int]]]:
    """The true events, by time, and the true receipts (shopper → SKU → quantity) of the recording in `folder`."""
    events_path, path = folder / "truth" / "events.jsonl", folder / "truth" / "receipts.json"
    for needed in (events_path, path):
        if not needed.exists():
            raise FileError(f"{needed}: missing; the recording cannot be scored without it")
    events = sorted(read_lines(events_path, TruthEvent), key=lambda event: event.t_s)
    receipts = read_as(ReceiptsFile, parse(read_text(path), str(path)))
    return tuple(events), receipts.root


M = TypeVar("M", bound=Message)


def read_lines(path: Path, kind: type[M]) -> Iterator[M]:
    """The JSON lines of the file at `path` as values of `kind`; none where there is no such file."""
    return (value for _, value in numbered_lines(path, kind))


def numbered_lines(path: Path, kind: type[M]) -> Iterator[tuple[int, M]]:
    """The same with the number of each line, from 1. FileError names the line that is none."""
    if not path.exists():
        return
    # Not splitlines: JSON text may hold what Unicode calls a line's end.
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, kind.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            raise FileError(f"{path}:{number}: {key + ': ' if key else ''}{first['msg']}") from None


def _problems(folder: Path, file: RecordingFile, store: Store) -> Iterator[Problem]:
    known = ", ".join(camera.id for camera in store.cameras)
    seen: set[str] = set()
    for index, camera in enumerate(file.cameras):
        where = ("cameras", index)
        if store.camera(camera.id) is None:
            yield Problem((*where, "id"), f"the store has no camera {camera.id!r}; known: {known}")
        if camera.id in seen:
            yield Problem((*where, "id"), f"a second camera {camera.id!r}")
        seen.add(camera.id)
        path = folder / camera.file
        if not path.exists():
            yield Problem((*where, "file"), f"{path} does not exist")
        elif path.is_dir() and camera.fps is None and camera.times is None:
            yield Problem((*where, "file"), "a folder of images needs `fps` or `times`")
        if camera.times is not None and not (folder / camera.times).is_file():
            yield Problem((*where, "times"), f"{folder / camera.times} does not exist")


def _gate(path: Path, store: Store) -> Iterator[GateLine]:
    for number, line in numbered_lines(path, GateLine):
        if line.lane not in store.gate.lanes:
            known = ", ".join(store.gate.lanes)
            raise FileError(f"{path}:{number}: lane: the store's gate has no lane {line.lane!r}; known: {known}")
        yield line
