"""docs/recording.md tells every key, and its example is a recording that can be played and scored."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from hardware.cameras.timing import read_times
from hardware.looks import LookFile
from hardware.scales.file import ScaleFile
from protocol.document import FileError
from protocol.recording import GateLine, LookLine, RecordedCamera, RecordingFile, TruthEvent, read_recording, read_truth
from tests.unit.docs.pages import examples, key_tables
from tillfree.evaluate.events import TOLERANCE_S
from tillfree.evaluate.shoppers import ENTRY_WITHIN_S


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example as a folder, in the store of docs/store-file.md; the pictures themselves are empty."""
    files = {**examples("store-file.md"), **examples("recording.md")}
    for name, text in files.items():
        path = tmp_path / "corner" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "corner" / "cameras" / "room").mkdir()
    (tmp_path / "corner" / "cameras" / "shelf.mp4").touch()
    return tmp_path / "corner"


def test_the_example_is_a_recording(folder: Path) -> None:
    recording = read_recording(folder)
    assert [camera.id for camera in recording.file.cameras] == ["shelf", "room"]
    assert [line.event for line in recording.gate] == ["enter", "exit"]
    assert read_times(folder / "cameras" / "room.csv") == (
        (0.0, 0.104, 0.198),
        ("000001.jpg", "000002.jpg", "000003.jpg"),
    )


def test_the_example_s_truth_adds_up(folder: Path) -> None:
    events, receipts = read_truth(folder)
    signs = {"pick": 1, "put_back": -1}
    carried = sum(signs.get(event.type, 0) * event.qty for event in events)
    assert receipts == {"alice": {"water-500": carried}}


def test_the_example_s_plates_are_the_store_s(folder: Path) -> None:
    plates = {
        plate.id
        for gondola in read_recording(folder).store.gondolas
        for shelf in gondola.shelves
        for plate in shelf.plates
    }
    assert {weight.plate for weight in ScaleFile(folder / "scales.csv").weights()} == plates


def test_the_example_s_looks_are_of_the_store_s_slots(folder: Path) -> None:
    file = LookFile(folder / "looks.jsonl", read_recording(folder).store)
    assert [look.covered for look in file.looks()] == [True, False]
    assert file.strangers == set()


def test_every_key_has_its_line_and_no_other() -> None:
    models: list[type[BaseModel]] = [RecordingFile, RecordedCamera, GateLine, LookLine, TruthEvent]
    assert [set(keys) for keys in key_tables("recording.md")] == [set(model.model_fields) for model in models]


def test_what_is_wrong_is_told_as_the_page_says(folder: Path) -> None:
    gate = folder / "gate.jsonl"
    gate.write_text(gate.read_text(encoding="utf-8").replace('"exit"', '"left"'), encoding="utf-8")
    with pytest.raises(FileError, match=r"gate\.jsonl:2: event: Input should be 'enter' or 'exit'"):
        read_recording(folder)
    (folder / "cameras" / "shelf.mp4").unlink()
    with pytest.raises(FileError, match=r"recording\.yaml:5: cameras\[0\]\.file: .*shelf\.mp4 does not exist"):
        read_recording(folder)


def test_the_tolerances_on_the_page_are_the_scorer_s() -> None:
    assert (TOLERANCE_S, ENTRY_WITHIN_S) == (2.0, 10.0)
