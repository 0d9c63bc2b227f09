"""The scores of recordings, one by one and together, as JSON. docs/evaluating.md tells every number."""

from collections.abc import Sequence
from typing import Any

from tillfree.evaluate.calibration import expected_calibration_error, reliability
from tillfree.evaluate.delay import delays_json
from tillfree.evaluate.events import EventScore
from tillfree.evaluate.receipts import ReceiptScore, item_f1
from tillfree.evaluate.recording import RecordingScore
from tillfree.evaluate.tracks.score import TrackScore

CHANGES = ("pick", "put_back")


def report(scores: Sequence[RecordingScore]) -> dict[str, Any]:
    """All scores together, and each by itself."""
    each = [{"recording": str(s.folder), "readings": list(s.readings), **_summary([s])} for s in scores]
    return {**_summary(scores), "recordings": each}


def _summary(scores: Sequence[RecordingScore]) -> dict[str, Any]:
    receipts = [receipt for score in scores for receipt in score.receipts or ()]
    labelled = any(score.receipts is not None for score in scores)
    return {
        "events": _events(scores),
        "receipts": _exact(receipts) if labelled else None,
        "item_f1": round(item_f1(receipts), 4) if labelled else None,
        "review_rate": round(sum(bool(r.in_review) for r in receipts) / max(len(receipts), 1), 4) if labelled else None,
        "calibration": _calibration(scores),
        "tracks": _tracks(scores),
        "feet": _feet(scores),
        "delay": delays_json([delay for score in scores for delay in score.replay.delays]),
        "speed": _speed(scores),
    }


def _exact(receipts: Sequence[ReceiptScore]) -> dict[str, int]:
    return {"exact": sum(receipt.exact for receipt in receipts), "total": len(receipts)}


def _events(scores: Sequence[RecordingScore]) -> dict[str, Any] | None:
    matches = [score.events for score in scores if score.events is not None]
    if not matches:
        return None
    nothing = EventScore(0, 0, 0)
    kinds = [each.scores() for each in matches]
    total = sum((each.total() for each in matches), nothing)
    by_type = {kind: sum((each[kind] for each in kinds), nothing).to_json() for kind in kinds[0]}
    return {**total.to_json(), "by_type": by_type}


def _calibration(scores: Sequence[RecordingScore]) -> dict[str, Any] | None:
    matches = [score.events for score in scores if score.events is not None]
    if not matches:
        return None
    said = [
        *((o.p, True) for each in matches for o in each.right if o.type in CHANGES),
        *((o.p, False) for each in matches for o in each.false if o.type in CHANGES),
    ]
    error = expected_calibration_error(said)
    return {
        "expected_error": None if error is None else round(error, 4),
        "lines": len(said),
        "bins": [each.to_json() for each in reliability(said)],
    }


def _tracks(scores: Sequence[RecordingScore]) -> dict[str, Any]:
    """Over all cameras, each camera of one recording, and store-wide; None where there is no truth."""
    cameras = [(camera, score) for each in scores for camera, score in each.people.cameras.items()]
    stores = [each.people.store for each in scores if each.people.store is not None]
    together = _together([score for _, score in cameras])
    each = {camera: score.to_json() for camera, score in cameras} if len(scores) == 1 else {}
    return {"cameras": together, "by_camera": each, "store": _together(stores)}


def _together(scores: Sequence[TrackScore]) -> dict[str, float | int] | None:
    if not scores:
        return None
    total = scores[0]
    for score in scores[1:]:
        total = total + score
    return total.to_json()


def _feet(scores: Sequence[RecordingScore]) -> dict[str, float | int] | None:
    labelled = [score.people for score in scores if score.people.store is not None]
    if not labelled:
        return None
    apart_m = sorted(apart for people in labelled for apart in people.feet_m)
    result: dict[str, float | int] = {"met": len(apart_m), "not_met": sum(people.not_met for people in labelled)}
    if apart_m:
        result["mean_cm"] = round(100 * sum(apart_m) / len(apart_m), 1)
        result["median_cm"] = round(100 * apart_m[len(apart_m) // 2], 1)
        result["p90_cm"] = round(100 * apart_m[int(0.9 * len(apart_m))], 1)
    return result


def _speed(scores: Sequence[RecordingScore]) -> dict[str, float | int]:
    wall_s = sum(score.replay.wall_s for score in scores)
    video_s = sum(score.duration_s for score in scores)
    own_s = sum(score.replay.own_s for score in scores)
    frames = sum(score.replay.frames for score in scores)
    return {
        "frames": frames,
        "frames_per_s": round(frames / max(wall_s, 1e-9), 1),
        "video_s": round(video_s, 2),
        "networks_s": round(sum(score.replay.networks_s for score in scores), 3),
        "own_s": round(own_s, 3),
        "own_s_per_video_s": round(own_s / max(video_s, 1e-9), 4),
    }
