"""Signals of a scene as a recording: the documented format, the same bytes in every process, with tracking's faults."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.playback import readings
from hardware.ports import Observation, Pass, Weight
from hardware.simulated.errors import SimulationError
from hardware.simulated.recording.signals import record_signals
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.scene.file import open_scene
from hardware.simulated.sightings import Sightings, SightNoise
from hardware.simulated.world.world import World
from protocol.recording import read_recording, read_truth
from tests.unit.hardware.simulated.scenes import shop

WRITE = """
import sys
from pathlib import Path
from hardware.simulated.layout.generate import generate_layout
from hardware.simulated.recording.signals import record_signals
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.world.world import World
record_signals(World(crowd(generate_layout(2), 3, 1.0, 7)), Path(sys.argv[1]), lambda done, total: None)
"""


def written(folder: Path, seed: int = 7) -> Path:
    record_signals(World(crowd(shop(2), 3, 1.0, seed)), folder, lambda done, total: None)
    return folder


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_writes_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here = digest(written(tmp_path / "here"))
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path / "there")], check=True, env={"PYTHONHASHSEED": "123"})
    assert digest(tmp_path / "there") == here
    assert digest(written(tmp_path / "other", seed=8)) != here


def test_a_recording_reads_back_and_plays(tmp_path: Path) -> None:
    folder = written(tmp_path / "out")
    recording = read_recording(folder)
    events, receipts = read_truth(folder)
    played = list(readings(recording))
    assert recording.store == shop(2).store
    assert {type(reading) for reading in played} == {Pass, Weight, Observation}
    assert [reading.t_s for reading in played] == sorted(reading.t_s for reading in played)
    assert {event.shopper for event in events if event.type == "enter"} >= set(receipts)


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SimulationError, match="not empty"):
        written(tmp_path)


def test_a_lost_camera_says_nothing_while_it_is_lost() -> None:
    world = World(open_scene("camera-lost"))
    seen = [line for line in Sightings(world).lines() if line.camera == "corner1"]
    assert seen
    assert not [line for line in seen if 9.0 <= line.t_s < 17.0]


def test_close_encounters_break_tracks_as_often_as_was_asked_for() -> None:
    world = World(crowd(shop(3), 12, 1.5, 3))

    def tracks(swaps: float) -> int:
        return len({(line.camera, line.track) for line in Sightings(world, SightNoise(swaps=swaps)).lines()})

    assert tracks(0.0) < tracks(1.0)


def test_whoever_reaches_is_seen_with_a_wrist_at_the_slot() -> None:
    world = World(open_scene("same-slot-same-instant"))
    lines = [line for line in Sightings(world).lines() if abs(line.t_s - 12.0) < 0.3]
    hands = {person.id: person.left or person.right for person in world.people(12.0)}
    targets = [hand.at for hand in hands.values() if hand is not None]
    near = [
        line.track
        for line in lines
        for wrist in line.wrists
        if any(sum((a - b) ** 2 for a, b in zip(wrist[:3], target, strict=True)) < 0.04 for target in targets)
    ]
    assert len(set(near)) == 2
    assert json.loads(lines[0].model_dump_json())["camera"].startswith("corner")
