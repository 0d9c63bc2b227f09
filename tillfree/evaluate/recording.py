"""The score of recordings, one by one and together: what `tillfree evaluate recording` prints."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.perception.networks import Networks
from protocol.recording import Recording, read_recording, read_truth
from tillfree.evaluate.calibration import expected_calibration_error
from tillfree.evaluate.events import EventMatch, EventScore, match, said_occurrences, true_occurrences
from tillfree.evaluate.receipts import ReceiptScore, item_f1, receipts
from tillfree.evaluate.replay import Replay, replay
from tillfree.evaluate.shoppers import shoppers_of


@dataclass(frozen=True, slots=True)
class RecordingScore:
    """One recording against its truth."""

    folder: Path
    duration_s: float
    replay: Replay
    events: EventMatch
    receipts: tuple[ReceiptScore, ...]


def score_recording(folder: Path, progress: Callable[[float, float], None]) -> RecordingScore:
    """Play the recording in `folder` and score it. `progress` is told how many of how many seconds are done.

    FileError where the recording or its truth cannot be read.
    """
    recording = read_recording(folder)
    truth, true_receipts = read_truth(folder)
    duration_s = recording.file.duration_s
    played = replay(recording, _networks(recording), lambda t_s: progress(t_s, duration_s))
    start = recording.file.start
    shoppers = shoppers_of(played.events, truth, start)
    return RecordingScore(
        folder=folder,
        duration_s=duration_s,
        replay=played,
        events=match(said_occurrences(played.events, shoppers, start), true_occurrences(truth)),
        receipts=tuple(receipts(played.events, shoppers, true_receipts, recording.store)),
    )


def _networks(recording: Recording) -> Networks:
    """What the cameras need whose pictures are there: a recording of signals alone needs none."""
    there = {camera.id for camera in recording.file.cameras}
    cameras = tuple(camera for camera in recording.store.cameras if camera.id in there)
    return Networks.of(recording.store.model_copy(update={"cameras": cameras}))


def report(scores: Sequence[RecordingScore]) -> dict[str, Any]:
    """All scores together, and each by itself, as JSON."""
    return {**_summary(scores), "recordings": [{"recording": str(s.folder), **_summary([s])} for s in scores]}


def _summary(scores: Sequence[RecordingScore]) -> dict[str, Any]:
    total = sum((score.events.total() for score in scores), EventScore(0, 0, 0))
    all_receipts = [receipt for score in scores for receipt in score.receipts]
    wall_s = sum(score.replay.wall_s for score in scores)
    video_s = sum(score.duration_s for score in scores)
    kinds = [score.events.scores() for score in scores]
    said = [
        *((o.p, True) for s in scores for o in s.events.right if o.type in ("pick", "put_back")),
        *((o.p, False) for s in scores for o in s.events.false if o.type in ("pick", "put_back")),
    ]
    calibration_error = expected_calibration_error(said)
    return {
        "events": {
            **total.to_json(),
            "by_type": {kind: sum((k[kind] for k in kinds), EventScore(0, 0, 0)).to_json() for kind in kinds[0]},
        },
        "receipts": {"exact": sum(receipt.exact for receipt in all_receipts), "total": len(all_receipts)},
        "item_f1": round(item_f1(all_receipts), 4),
        "review_rate": round(sum(bool(r.in_review) for r in all_receipts) / max(len(all_receipts), 1), 4),
        "calibration": {
            "expected_error": None if calibration_error is None else round(calibration_error, 4),
            "lines": len(said),
        },
        "speed": {
            "frames": sum(score.replay.frames for score in scores),
            "frames_per_s": round(sum(score.replay.frames for score in scores) / max(wall_s, 1e-9), 1),
            "video_s": round(video_s, 2),
            "networks_s": round(sum(score.replay.networks_s for score in scores), 3),
            "own_s": round(sum(score.replay.own_s for score in scores), 3),
            "own_s_per_video_s": round(sum(score.replay.own_s for score in scores) / max(video_s, 1e-9), 4),
        },
    }
