"""Recordings with pictures: whole or not there, the same in every process, playable, and true to the last box."""

import csv
import errno
import itertools
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hardware.playback import readings
from hardware.ports import Fault, Frame, Pass, Weight
from hardware.simulated.errors import SimulationError
from hardware.simulated.recording.folder import finish, new_folder
from hardware.simulated.recording.frames import labelled_frames
from hardware.simulated.recording.setup import Filming, hang
from hardware.simulated.recording.sheet import write_sheet
from hardware.simulated.recording.with_pictures import record_pictures
from hardware.simulated.scene.file import open_scene
from hardware.simulated.scene.scene import At, Pick, Scene
from protocol.recording import read_recording
from tests.unit.hardware.simulated.drawing import renderer
from tests.unit.hardware.simulated.scenes import scene, shop, shopper
from tests.unit.hardware.simulated.test_world_recordings import digest

FILMING = Filming(("corner1", "shelf-g1-a"), fps=2.0, size=(160, 96), sensor="worn")


def short(seed: int = 1) -> Scene:
    """One shopper who takes one thing."""
    facing = next(facing for facing in shop(2).store.planogram if facing.slot.startswith("g1."))
    return scene(shopper("ann", 0.0, Pick(facing.sku, 1, At(facing.slot))), seed=seed)


def silent(done: float, total: float) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The short scene with pictures."""
    renderer()  # skips where the machine cannot draw
    folder = tmp_path_factory.mktemp("recorded") / "one"
    record_pictures(short(), folder, FILMING, silent)
    return folder


def rows(folder: Path, kind: str, camera: str) -> list[list[float]]:
    with (folder / "truth" / kind / f"{camera}.txt").open(newline="") as stream:
        return [[float(value) for value in row] for row in csv.reader(stream)]


def test_two_processes_write_the_same_bytes_and_another_seed_other_ones(recorded: Path, tmp_path: Path) -> None:
    record_pictures(short(), tmp_path / "two", FILMING, silent, jobs=2)
    assert digest(tmp_path / "two") == digest(recorded)
    record_pictures(short(2), tmp_path / "other", FILMING, silent)
    other = digest(tmp_path / "other")
    assert other["cameras/corner1.mp4"] != digest(recorded)["cameras/corner1.mp4"]
    assert multiprocessing.active_children() == []


def test_it_plays_as_any_recording_does(recorded: Path) -> None:
    recording = read_recording(recorded)
    played = list(readings(recording))
    assert {type(reading) for reading in played} == {Frame, Weight, Pass}
    assert [reading.t_s for reading in played] == sorted(reading.t_s for reading in played)
    assert not [reading for reading in played if isinstance(reading, Fault)]
    frames = [reading for reading in played if isinstance(reading, Frame)]
    assert {frame.camera for frame in frames} == set(FILMING.cameras)
    assert all(frame.image.shape == (96, 160, 3) for frame in frames)
    assert len({frame.image.tobytes() for frame in frames}) == len(frames)


def test_the_store_has_the_filmed_cameras_with_their_calibration_and_photos(recorded: Path) -> None:
    store = read_recording(recorded).store
    assert [camera.id for camera in store.cameras] == list(FILMING.cameras)
    assert store.cameras[0].floor_points
    assert store.cameras[1].views
    assert all(camera.size == FILMING.size and camera.fps_max == FILMING.fps for camera in store.cameras)
    photographed = {product.sku for product in store.products if product.photos}
    assert photographed >= {facing.sku for facing in store.planogram}
    assert all((recorded / photo.file).is_file() for product in store.products for photo in product.photos)


@pytest.mark.parametrize("kind", ["boxes", "hands", "products"])
def test_every_box_lies_in_a_picture_that_is_there_and_has_a_bearer(recorded: Path, kind: str) -> None:
    frames = [reading for reading in readings(read_recording(recorded)) if isinstance(reading, Frame)]
    with (recorded / "truth" / ("items.csv" if kind == "products" else "people.csv")).open(newline="") as stream:
        numbers = {int(row["number"]) for row in csv.DictReader(stream)}
    numbers |= {2 * number + side for number in numbers for side in (0, 1)} if kind == "hands" else set()
    found = 0
    for camera in FILMING.cameras if kind != "products" else FILMING.cameras[1:]:
        count = sum(frame.camera == camera for frame in frames)
        lines = rows(recorded, kind, camera)
        assert len({(row[0], row[1]) for row in lines}) == len(lines)
        for frame, number, x, y, width, height, conf, what, visibility in lines:
            found += 1
            assert 1 <= frame <= count
            assert number in numbers
            assert min(x, y) >= 0.0
            assert x + width <= 160.0 + 0.11
            assert y + height <= 96.0 + 0.11
            assert conf in (0.0, 1.0)
            assert what in {"boxes": (1,), "hands": (2, 3), "products": (4,)}[kind]
            assert 0.0 <= visibility <= 1.0
    assert found


def test_a_lost_camera_has_no_pictures_while_it_is_lost() -> None:
    renderer()
    lost = open_scene("camera-lost")
    sensors = hang(lost, Filming(("corner1",))).sensors
    assert sensors["corner1"].delivery.gaps == ((9.0, 17.0),)
    ticks = sensors["corner1"].delivery.ticks(5.0, 30.0, sensors["corner1"].clock, np.random.default_rng(1))
    taken = [tick.taken_s for tick in ticks]
    assert taken
    assert not [t_s for t_s in taken if 9.0 <= t_s < 17.0]


def test_labelled_frames_come_without_files() -> None:
    renderer()
    frames = list(itertools.islice(labelled_frames(short(), "shelf-g1-a", seed=3, fps=1.0), 4))
    assert [frame.taken_s for frame in frames] == [0.0, 1.0, 2.0, 3.0]
    plan = shop(2).store.camera("shelf-g1-a")
    assert plan is not None
    assert all(frame.frame.image.shape == (plan.size[1], plan.size[0], 3) for frame in frames)
    assert all(frame.labels.products for frame in frames)


def test_a_sheet_is_drawn_of_what_the_cameras_see(tmp_path: Path) -> None:
    renderer()
    path = tmp_path / "sheet.png"
    write_sheet(short(), Filming(("corner1", "gate"), size=(160, 96)), path, 2, silent)
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SimulationError, match="not written"):
        write_sheet(short(), Filming(("gate",), size=(160, 96)), tmp_path / "none" / "sheet.png", 1, silent)


def test_a_camera_that_is_not_there_is_named() -> None:
    with pytest.raises(SimulationError, match=r"no camera 'roof'; it has: above, .*corner1"):
        hang(short(), Filming(("roof",)))


def full_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "cameras/corner1.mp4")


def interrupted() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("ended", "kind", "message"),
    [(full_disk, SimulationError, "disk is full.*removed"), (interrupted, KeyboardInterrupt, None)],
)
@pytest.mark.parametrize("there", [True, False])
def test_what_is_cut_off_leaves_nothing_behind(
    tmp_path: Path, ended: Callable[[], None], kind: type[BaseException], message: str | None, there: bool
) -> None:
    folder = tmp_path / "out"
    if there:
        folder.mkdir()

    def record() -> None:
        with new_folder(folder):
            (folder / "cameras").mkdir()
            (folder / "cameras" / "corner1.mp4").write_bytes(b"half")
            ended()

    with pytest.raises(kind, match=message):
        record()
    assert folder.exists() == there
    assert not there or list(folder.iterdir()) == []


def test_a_folder_is_no_recording_before_it_is_finished(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out") as folder:
        (folder / "store.yaml").write_text("whole")
        assert not (folder / "recording.yaml").exists()
        finish(folder, "format: 1\n")
    assert sorted(path.name for path in folder.iterdir()) == ["recording.yaml", "store.yaml"]


def test_a_half_recording_is_told_from_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / "store.yaml").write_text("half")
    with pytest.raises(SimulationError, match=r"no recording\.yaml, as what was cut off"), new_folder(tmp_path):
        pass


def test_a_file_that_takes_no_more_ends_the_video_with_an_error_and_not_later(tmp_path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from hardware.simulated.recording.folder import new_folder
from hardware.simulated.recording.video import VideoWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
rng = np.random.default_rng(1)
with new_folder(Path(sys.argv[1])) as folder, VideoWriter(folder / "x.mp4", (64, 64), 5.0) as video:
    for number in range(300):
        video.write(rng.integers(0, 255, (64, 64, 3)).astype(np.uint8), number / 5.0)
print("whole")
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out")], capture_output=True, text=True, check=False
    )
    assert "File too large. What was written is removed" in run.stderr
    assert "whole" not in run.stdout
    assert not (tmp_path / "out").exists()
