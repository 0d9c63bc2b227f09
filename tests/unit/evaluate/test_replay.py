"""A whole recording scored: played through the real pipeline with drawn pictures and the looks of colours."""

import json
from pathlib import Path

import cv2
import pytest

from protocol.document import FileError
from tests.unit.edge import drawn_shelf
from tests.unit.edge.drawn_shelf import LEFT, MIDDLE, Reach, Shelf
from tillfree.evaluate.recording import report, score_recording


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


def test_a_recording_without_truth_is_refused(folder: Path) -> None:
    (folder / "truth" / "events.jsonl").unlink()
    with pytest.raises(FileError, match="cannot be scored without it"):
        score_recording(folder, lambda done, total: None)
