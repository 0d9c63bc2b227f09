"""A recording played: everything in the order of time, and a broken device never stops the others."""

from itertools import pairwise
from pathlib import Path

import pytest

from hardware.playback import readings
from hardware.ports import Fault, Frame, Observation, Pass, Reading, Weight
from protocol.recording import read_recording
from tests.unit.hardware.film import write_film

STORE = """\
format: 1
store: corner
name: The corner shop
currency: EUR
cameras:
  - {id: left, role: area, size: [64, 48], fps_max: 10}
  - {id: right, role: area, size: [64, 48], fps_max: 240}
"""
RECORDING = """\
format: 1
start: 2026-03-02T10:00:00Z
duration_s: 2
cameras:
  - {id: left, file: left.mp4}
  - {id: right, file: right.mp4}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "store.yaml").write_text(STORE)
    (tmp_path / "recording.yaml").write_text(RECORDING)
    (tmp_path / "gate.jsonl").write_text(
        '{"t_s": 1.9, "lane": "gate", "event": "exit", "token": "anna"}\n'
        '{"t_s": 0.5, "lane": "gate", "event": "enter", "token": "anna"}\n'
        '{"t_s": 2.5, "lane": "gate", "event": "enter", "token": "too late"}\n'
    )
    (tmp_path / "scales.csv").write_text("t_s,plate,grams\n" + "".join(f"{n / 10},p1,{n}\n" for n in range(30)))
    write_film(tmp_path / "left.mp4", pictures=60, fps=30)
    write_film(tmp_path / "right.mp4", pictures=40, fps=20)
    return tmp_path


def played(folder: Path) -> list[Reading]:
    return list(readings(read_recording(folder)))


def frames_of(camera: str, seen: list[Reading]) -> list[Frame]:
    return [reading for reading in seen if isinstance(reading, Frame) and reading.camera == camera]


def faults(seen: list[Reading]) -> list[Fault]:
    return [reading for reading in seen if isinstance(reading, Fault)]


def test_everything_comes_in_the_order_of_time(folder: Path) -> None:
    seen = played(folder)
    assert all(a.t_s <= b.t_s for a, b in pairwise(seen))
    assert [r.event for r in seen if isinstance(r, Pass)] == ["enter", "exit"]
    assert len([r for r in seen if isinstance(r, Weight)]) == 21
    assert (len(frames_of("left", seen)), len(frames_of("right", seen))) == (20, 40)
    assert not faults(seen)


def test_of_one_moment_the_gate_comes_first(folder: Path) -> None:
    at_half = [type(reading) for reading in played(folder) if reading.t_s == 0.5]
    assert at_half[0] is Pass


def test_the_same_recording_plays_alike(folder: Path) -> None:
    def trace() -> list[tuple[object, ...]]:
        return [(r.t_s, r.camera, r.index, r.image.tobytes()) if isinstance(r, Frame) else (r,) for r in played(folder)]

    assert trace() == trace()


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is empty"), (b"no film at all" * 100, "not a whole video")],
    ids=["empty", "no film"],
)
def test_a_camera_that_cannot_be_opened_is_one_fault_and_the_other_goes_on(
    folder: Path, content: bytes, says: str
) -> None:
    (folder / "left.mp4").write_bytes(content)
    seen = played(folder)
    (fault,) = faults(seen)
    assert (fault.part, fault.t_s) == ("camera left", 0.0)
    assert says in fault.reason
    assert len(frames_of("right", seen)) == 40


def test_a_film_that_is_cut_short_is_one_fault_where_it_ends(folder: Path) -> None:
    content = (folder / "left.mp4").read_bytes()
    (folder / "left.mp4").write_bytes(content[: len(content) // 3])
    seen = played(folder)
    (fault,) = faults(seen)
    assert fault.part == "camera left"
    assert "pictures" in fault.reason
    assert fault.t_s == frames_of("left", seen)[-1].t_s
    assert all(a.t_s <= b.t_s for a, b in pairwise(seen))
    assert len(frames_of("right", seen)) == 40


def test_pictures_of_another_size_are_one_fault(folder: Path) -> None:
    write_film(folder / "left.mp4", pictures=60, size=(80, 48))
    (fault,) = faults(played(folder))
    assert "a picture of 80×48, but the store file says 64×48" in fault.reason


def test_a_film_shorter_than_the_recording_says_so(folder: Path) -> None:
    write_film(folder / "left.mp4", pictures=15, fps=30)
    (fault,) = faults(played(folder))
    assert "its pictures end at 0.4 s, the recording at 2.0 s" in fault.reason


def test_a_film_may_end_a_moment_early(folder: Path) -> None:
    write_film(folder / "left.mp4", pictures=45, fps=30)
    assert not faults(played(folder))


def test_scales_that_break_off_are_one_fault(folder: Path) -> None:
    (folder / "scales.csv").write_text("t_s,plate,grams\n0.5,p1,1\nbroken\n")
    seen = played(folder)
    (fault,) = faults(seen)
    assert (fault.part, fault.t_s) == ("scales", 0.5)
    assert len(frames_of("left", seen)) == 20


def test_a_list_of_times_that_is_wrong_is_a_fault_of_its_camera(folder: Path) -> None:
    (folder / "recording.yaml").write_text(RECORDING.replace("left.mp4}", "left.mp4, times: left.csv}"))
    (folder / "left.csv").write_text("t_s\n0\n0\n")
    (fault,) = faults(played(folder))
    assert "left.csv:3: t_s does not go on" in fault.reason


def test_a_camera_that_the_store_has_not_is_left_out_and_told_once_and_the_others_go_on(folder: Path) -> None:
    line = '{{"t_s": {}, "camera": "{}", "track": 1, "floor": [1, 1], "sigma_m": 0.1, "wrists": []}}\n'
    told = [(0.1, "left"), (0.2, "attic"), (0.4, "left"), (0.3, "right"), (0.5, "attic")]
    (folder / "observations.jsonl").write_text("".join(line.format(t_s, camera) for t_s, camera in told))
    said = list(readings(read_recording(folder)))
    assert [(o.t_s, o.camera) for o in said if isinstance(o, Observation)] == [
        (0.1, "left"),
        (0.3, "right"),
        (0.4, "left"),
    ]
    assert [f.part for f in said if isinstance(f, Fault) and "attic" in f.part] == ["camera attic"]
