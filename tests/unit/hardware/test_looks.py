"""Looks of a recording: read by time, what is no look is named, and what no camera watches is left out and told."""

import json
from pathlib import Path

import pytest

from hardware.errors import DeviceError
from hardware.looks import LookFile
from hardware.playback import readings
from hardware.ports import Fault, Look
from hardware.simulated.layout.rig import two_cameras_and_a_scale
from hardware.simulated.recording.signals import record_signals
from hardware.simulated.scene.file import open_scene
from hardware.simulated.world.world import World
from protocol.recording import read_recording
from protocol.store import Store

SEEN = {"t_s": 3.0, "camera": "left-fridge", "slot": "fridge.top.a", "covered": False, "from_s": 1.0, "to_s": 2.0}


@pytest.fixture(scope="module")
def store() -> Store:
    return two_cameras_and_a_scale(open_scene("look-alikes", 0).layout).store


def written(folder: Path, *lines: dict[str, object]) -> Path:
    path = folder / "looks.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_lines_in_any_order_are_looks_by_time(tmp_path: Path, store: Store) -> None:
    covered = {"t_s": 1.0, "camera": "left-fridge", "slot": "fridge.top.a", "covered": True}
    path = written(tmp_path, SEEN | {"changed": 0.2, "before": {"water": 1.5}}, covered)
    first, second = LookFile(path, store).looks()
    assert first == Look(1.0, "left-fridge", "fridge.top.a", covered=True)
    assert (second.span_s, second.changed, second.before) == ((1.0, 2.0), 0.2, {"water": 1.5})


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"to_s": None}, "from_s and to_s go together"),
        ({"to_s": 0.5}, "follow each other"),
        ({"t_s": 1.5}, "follow each other"),
        ({"covered": True}, "still covered"),
        ({"changed": 1.2}, "changed: Input should be less than or equal to 1"),
        ({"before": {"water": 1e9}}, "before.water: Input should be less"),
        ({"slot": "fridge"}, "slot: String should match"),
    ],
)
def test_what_is_no_look_is_named_with_its_line(
    tmp_path: Path, store: Store, wrong: dict[str, object], complaint: str
) -> None:
    path = written(tmp_path, SEEN, SEEN | wrong)
    with pytest.raises(DeviceError, match=f"looks.jsonl:2: .*{complaint}"):
        list(LookFile(path, store).looks())


def test_slots_that_a_camera_is_not_given_are_left_out_and_told_once(tmp_path: Path) -> None:
    scene = open_scene("look-alikes", 0)
    recording = tmp_path / "recording"
    record_signals(World(scene), recording, lambda *_: None)
    written(recording, SEEN, SEEN | {"t_s": 4.0})
    said = list(readings(read_recording(recording)))
    assert not any(isinstance(reading, Look) for reading in said)
    faults = [reading for reading in said if isinstance(reading, Fault)]
    # The camera itself is not broken: its pictures, where it gives any, count.
    assert [fault.part for fault in faults] == ["looks of left-fridge"]
