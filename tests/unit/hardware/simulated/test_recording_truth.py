"""The truth that is written never contradicts itself, whatever the seed."""

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.simulated.recording.folder import finish, new_folder
from hardware.simulated.recording.lines import write_lines
from hardware.simulated.recording.signals import about
from hardware.simulated.recording.store_file import write_store
from hardware.simulated.recording.truth import write_truth
from hardware.simulated.scene.crowd import crowd
from hardware.simulated.scene.file import library, open_scene
from hardware.simulated.scene.scene import Scene
from hardware.simulated.world.world import World
from protocol.recording import read_recording
from protocol.truth import Truth, read_checked_truth
from tests.unit.hardware.simulated.scenes import shop


def checked(scene: Scene) -> tuple[World, Truth]:
    """The truth of the scene, written and read back by whoever refuses what contradicts itself."""
    world = World(scene)
    with tempfile.TemporaryDirectory() as parent, new_folder(Path(parent) / "out") as folder:
        write_store(scene.layout.store, folder / "store.yaml")
        write_lines(folder / "gate.jsonl", (line.model_dump_json() for line in world.timeline.gate))
        write_truth(world.timeline, folder)
        finish(folder, "".join(f"{key}: {value}\n" for key, value in about(world).items()))
        return world, read_checked_truth(read_recording(folder))


@given(number=st.integers(0, 9), seed=st.integers(0, 10**6), shoppers=st.integers(1, 6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_crowds_truth_never_contradicts_itself(number: int, seed: int, shoppers: int) -> None:
    scene = crowd(shop(number), shoppers, 0.4, seed)
    world, truth = checked(scene)
    assert truth.receipts is not None
    assert set(truth.receipts) == {m.name for m in scene.cast if m.token is not None and m.companion_of is None}
    assert truth.floor is not None
    for feet in truth.floor[:: max(len(truth.floor) // 50, 1)]:
        person = next(person for person in world.people(feet.t_s) if person.id == feet.shopper)
        assert (person.x, person.y) == pytest.approx((feet.x_m, feet.y_m), abs=0.002)


@pytest.mark.parametrize("name", library())
def test_a_library_scenes_truth_never_contradicts_itself(name: str) -> None:
    _, truth = checked(open_scene(name))
    assert truth.events


def test_everybody_stands_somewhere_ten_times_a_second_while_they_are_there(tmp_path: Path) -> None:
    world = World(crowd(shop(2), 3, 0.5, 1))
    (tmp_path / "truth").mkdir()
    write_truth(world.timeline, tmp_path)
    with (tmp_path / "truth" / "floor.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for life in world.timeline.lives:
        times = [float(row["t_s"]) for row in rows if row["shopper"] == life.name]
        assert times[0] == pytest.approx(life.from_s, abs=0.051)
        assert times[-1] == pytest.approx(min(life.to_s, world.timeline.duration_s), abs=0.11)
        assert len(times) == round((times[-1] - times[0]) * 10) + 1
