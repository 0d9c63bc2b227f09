"""One recording against its truth. What is not labelled is not scored: None, and never zero."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from edge.perception.networks import Networks
from protocol.recording import Recording, read_recording
from protocol.truth import FeetOnFloor, Truth, read_checked_truth
from tillfree.evaluate.events import EventMatch, match, said_occurrences, true_occurrences
from tillfree.evaluate.people import PeopleScore, score_people
from tillfree.evaluate.pictures import picture_counts
from tillfree.evaluate.receipts import ReceiptScore, receipts
from tillfree.evaluate.replay import Replay, replay
from tillfree.evaluate.shoppers import shoppers_of
from tillfree.evaluate.watching import Seen


@dataclass(frozen=True, slots=True)
class RecordingScore:
    """One recording against its truth. `events` and `receipts` are None where the truth says nothing of them."""

    folder: Path
    duration_s: float
    replay: Replay
    shoppers: dict[UUID, str]
    events: EventMatch | None
    receipts: tuple[ReceiptScore, ...] | None
    people: PeopleScore
    floor: tuple[FeetOnFloor, ...]
    """Where people truly stood; empty where that is not labelled."""
    readings: tuple[str, ...]
    """How the truth was read where it can be read in more than one way."""


def score_recording(
    folder: Path, progress: Callable[[float, float], None], *, keep_crops: bool = False
) -> RecordingScore:
    """Play the recording in `folder` and score it. `progress` is told how many of how many seconds are done.

    FileError where the recording or its truth cannot be read, or the truth contradicts itself.
    """
    recording = read_recording(folder)
    truth = read_checked_truth(recording)
    pictures = picture_counts(recording, truth.boxes)
    duration_s = recording.file.duration_s
    played = replay(
        recording,
        _networks(recording),
        lambda t_s: progress(t_s, duration_s),
        moments=sorted({feet.t_s for feet in truth.floor or ()}),
        keep_crops=keep_crops,
    )
    return _score(recording, truth, played, pictures)


def _score(recording: Recording, truth: Truth, played: Replay, pictures: dict[str, int]) -> RecordingScore:
    start, true = recording.file.start, truth.receipts
    shoppers = shoppers_of(played.events, truth.events or (), start, true or ())
    events = None
    if truth.events is not None:
        names = {event.shopper for event in truth.events}
        outsiders = set() if true is None else names - set(true) - set(shoppers.values())
        said = said_occurrences(played.events, shoppers, start)
        events = match(said, true_occurrences(truth.events, outsiders=outsiders))
    made = None if true is None else tuple(receipts(played.events, shoppers, true, recording.store))
    return RecordingScore(
        folder=recording.folder,
        duration_s=recording.file.duration_s,
        replay=played,
        shoppers=shoppers,
        events=events,
        receipts=made,
        people=score_people(truth.boxes, _followed(recording, played), pictures, truth.floor, played.standing),
        floor=truth.floor or (),
        readings=truth.readings,
    )


def _followed(recording: Recording, played: Replay) -> dict[str, Seen]:
    """What area cameras say; nobody follows people in a shelf camera's pictures."""
    areas = {camera.id for camera in recording.store.cameras if camera.role == "area"}
    return {camera: seen for camera, seen in played.seen.items() if camera in areas}


def _networks(recording: Recording) -> Networks:
    """What the cameras need whose pictures are there: a recording of signals alone needs none."""
    there = {camera.id for camera in recording.file.cameras}
    cameras = tuple(camera for camera in recording.store.cameras if camera.id in there)
    return Networks.of(recording.store.model_copy(update={"cameras": cameras}))
