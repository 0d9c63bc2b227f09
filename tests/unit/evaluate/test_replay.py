"""A whole recording scored: played through the real pipeline with drawn pictures and the looks of colours."""

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from protocol.document import FileError
from tests.unit.edge import drawn_shelf
from tests.unit.edge.drawn_shelf import LEFT, MIDDLE, Reach, Shelf
from tillfree.evaluate.many import Refused, score_recordings
from tillfree.evaluate.recording import RecordingScore, score_recording
from tillfree.evaluate.summary import report


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Anna takes water and cola and returns the cola."""
    drawn_shelf.open_store(tmp_path)
    head, _, rest = drawn_shelf.STORE.partition("  - id: area")
    (tmp_path / "store.yaml").write_text(head + rest[rest.index("gondolas:") :])
    (tmp_path / "recording.yaml").write_text(
        "format: 1\nstart: 2026-03-02T10:00:00Z\nduration_s: 10\ncameras: [{id: shelf, file: shelf, fps: 10}]\n"
    )
    (tmp_path / "shelf").mkdir()
    story = [Reach(LEFT, 2, 3.5, None), Reach(MIDDLE, 4, 5.5, None), Reach(MIDDLE, 7, 8.5, "cola")]
    for frame in Shelf(story).frames(10):
        cv2.imwrite(str(tmp_path / "shelf" / f"{frame.index}.png"), frame.image)
    write(
        tmp_path / "gate.jsonl",
        *({"t_s": t, "lane": "gate", "event": e, "token": "anna"} for t, e in ((0.5, "enter"), (9.5, "exit"))),
    )
    (tmp_path / "truth").mkdir()
    changes = [(3.5, "pick", "water", LEFT), (5.5, "pick", "cola", MIDDLE), (8.5, "put_back", "cola", MIDDLE)]
    write(
        tmp_path / "truth" / "events.jsonl",
        {"t_s": 0.5, "shopper": "anna", "type": "enter"},
        *({"t_s": t, "shopper": "anna", "type": kind, "sku": sku, "slot": slot} for t, kind, sku, slot in changes),
    )
    (tmp_path / "truth" / "receipts.json").write_text('{"anna": {"water": 1}}')
    monkeypatch.setattr("tillfree.evaluate.recording.Networks.of", lambda store: drawn_shelf.networks_of_colours())
    return tmp_path


def write(path: Path, *lines: object) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_recording_is_scored(folder: Path) -> None:
    told: list[tuple[float, float]] = []
    score = score_recording(folder, lambda done, total: told.append((done, total)))
    result = report([score])
    assert {key: result["events"][key] for key in ("true", "false", "missed", "f1")} == {
        "true": 3,
        "false": 0,
        "missed": 0,
        "f1": 1.0,
    }
    assert result["events"]["by_type"]["put_back"]["true"] == 1
    assert result["receipts"] == {"exact": 1, "total": 1}
    assert (result["item_f1"], result["review_rate"]) == (1.0, 0.0)
    assert result["calibration"]["lines"] == 3
    assert result["calibration"]["expected_error"] < 0.1
    assert result["speed"]["frames"] == 100
    assert told[-1] == (9.9, 10.0)
    json.dumps(result, allow_nan=False)


def test_several_recordings_are_scored_together_and_each_by_itself(folder: Path) -> None:
    score = score_recording(folder, lambda done, total: None)
    result = report([score, score])
    assert result["events"]["true"] == 6
    assert result["receipts"]["total"] == 2
    assert [one["events"]["true"] for one in result["recordings"]] == [3, 3]


def quiet(folder: Path) -> RecordingScore:
    return score_recording(folder, lambda done, total: None)


def test_what_is_not_labelled_is_not_scored(folder: Path) -> None:
    (folder / "truth" / "events.jsonl").unlink()
    result = report([quiet(folder)])
    assert (result["events"], result["calibration"], result["tracks"]["cameras"], result["feet"]) == (None,) * 4
    assert result["receipts"] == {"exact": 1, "total": 1}
    (folder / "truth" / "receipts.json").unlink()
    result = report([quiet(folder)])
    assert (result["receipts"], result["item_f1"], result["review_rate"]) == (None, None, None)
    assert result["speed"]["frames"] == 100


def test_a_decision_waits_until_everything_before_the_exit_has_been_observed(folder: Path) -> None:
    (delay,) = quiet(folder).replay.delays
    assert delay.exit_s == 9.5
    assert delay.waited_s == pytest.approx(0.1)
    assert delay.processing_s >= 0


def test_what_an_interaction_looked_like_is_kept_where_it_is_asked_for(folder: Path) -> None:
    assert quiet(folder).replay.crops == {}
    kept = score_recording(folder, lambda done, total: None, keep_crops=True).replay.crops
    assert len(kept) == 3
    for before, after in kept.values():
        assert picture(before).shape == picture(after).shape


def picture(data: bytes) -> npt.NDArray[np.uint8]:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def test_one_bad_recording_does_not_end_the_others(folder: Path, tmp_path: Path) -> None:
    told: list[float] = []
    nowhere = tmp_path / "nowhere"
    outcomes = score_recordings([nowhere, folder], 1, lambda done, total: told.append(done / total), keep_crops=False)
    refused, score = outcomes
    assert isinstance(refused, Refused)
    assert "no such folder" in refused.reason
    assert isinstance(score, RecordingScore)
    assert told[-1] == 1.0


def test_nobody_is_missed_in_a_shelf_cameras_pictures(folder: Path) -> None:
    (folder / "truth" / "boxes").mkdir()
    (folder / "truth" / "boxes" / "shelf.txt").write_text("1,1,2,3,40,50,1\n")
    assert quiet(folder).people.cameras == {}


def test_boxes_of_pictures_that_are_not_there_are_refused(folder: Path) -> None:
    (folder / "truth" / "boxes").mkdir()
    (folder / "truth" / "boxes" / "shelf.txt").write_text("1,1,2,3,40,50,1\n101,1,2,3,40,50,1\n")
    with pytest.raises(FileError, match=r"shelf.txt:2: frame 101, and the camera has 100 pictures"):
        quiet(folder)
