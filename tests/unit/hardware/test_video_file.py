"""A video file as a camera: every picture at its time, and a clear word where there is none."""

from contextlib import suppress
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from hardware.cameras.timing import Timing
from hardware.cameras.video_file import VideoFile, picture_at
from hardware.errors import CameraError
from tests.unit.hardware.film import HEIGHT, WIDTH, picture, write_film


def test_pictures_come_with_their_own_times(tmp_path: Path) -> None:
    frames = list(VideoFile("aisle", write_film(tmp_path / "a.mp4", pictures=10, fps=20), Timing()).frames())
    assert [frame.index for frame in frames] == list(range(10))
    assert [frame.t_s for frame in frames] == pytest.approx([index / 20 for index in range(10)])
    assert {frame.camera for frame in frames} == {"aisle"}
    assert frames[0].image.shape == (HEIGHT, WIDTH, 3)
    assert frames[0].image.flags.c_contiguous
    assert np.abs(frames[4].image.astype(int) - picture(4)).mean() < 12


def test_given_rates_and_times_go_before_the_files_own(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", pictures=3)
    assert [f.t_s for f in VideoFile("c", path, Timing(fps=2)).frames()] == [0.0, 0.5, 1.0]
    assert [f.t_s for f in VideoFile("c", path, Timing(times_s=(5.0, 6.0, 9.0))).frames()] == [5.0, 6.0, 9.0]
    with pytest.raises(CameraError, match="picture 2 has no time"):
        list(VideoFile("c", path, Timing(times_s=(5.0, 6.0))).frames())


@pytest.mark.parametrize(
    ("fps_max", "wanted"),
    [(30.0, range(12)), (15.0, range(0, 12, 2)), (10.0, range(0, 12, 3)), (5.0, (0, 6)), (1.0, (0,))],
)
def test_a_fast_camera_is_thinned_evenly_and_always_alike(tmp_path: Path, fps_max: float, wanted: range) -> None:
    path = write_film(tmp_path / "a.mp4", pictures=12, fps=30)
    once, again = ([f.index for f in VideoFile("c", path, Timing(fps_max=fps_max)).frames()] for _ in range(2))
    assert once == again == list(wanted)


def test_nothing_comes_after_the_recordings_end(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", pictures=30, fps=30)
    assert [f.index for f in VideoFile("c", path, Timing(until_s=0.1)).frames()] == [0, 1, 2]


def test_a_camera_can_be_looked_at_twice(tmp_path: Path) -> None:
    video = VideoFile("c", write_film(tmp_path / "a.mp4", pictures=4), Timing())
    first, second = list(video.frames()), list(video.frames())
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, second, strict=True))
    video.close()
    video.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"", "is empty; copy it again"),
        (b"this is no film\n" * 50, "not a whole video"),
        (bytes(5000), "not a whole video"),
        (np.random.default_rng(0).bytes(5000), "not a whole video"),
    ],
    ids=["missing", "empty", "text", "zeros", "noise"],
)
def test_what_is_no_film_is_said_at_once(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CameraError, match=says) as caught:
        VideoFile("aisle", path, Timing())
    assert "camera 'aisle'" in str(caught.value)
    assert str(path) in str(caught.value)


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(CameraError, match="holds no pictures, only 1 other streams"):
        VideoFile("aisle", path, Timing())


def times_until_it_breaks(path: Path) -> list[float]:
    """Whether a cut shows depends on where it falls: then the film just ends early, which playback tells."""
    times: list[float] = []
    with suppress(CameraError):
        times.extend(frame.t_s for frame in VideoFile("c", path, Timing()).frames())
    return times


@pytest.mark.parametrize("kept", [0.9, 0.6, 0.3])
def test_a_film_without_its_tail_gives_what_is_there(tmp_path: Path, kept: float) -> None:
    content = write_film(tmp_path / "a.mp4", pictures=60).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: int(len(content) * kept)])
    times = times_until_it_breaks(tmp_path / "cut.mp4")
    assert times == [frame.t_s for frame in VideoFile("c", tmp_path / "a.mp4", Timing()).frames()][: len(times)]
    assert 0 < len(times) < 60


def test_a_film_without_its_index_is_said_at_once(tmp_path: Path) -> None:
    content = write_film(tmp_path / "a.mp4", pictures=60).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[:200])
    with pytest.raises(CameraError, match=r"holds no pictures|not a whole video|holds nothing"):
        VideoFile("c", tmp_path / "cut.mp4", Timing())


@pytest.mark.parametrize("without", [300, 3000])
def test_a_film_without_its_middle_never_gives_a_time_twice(tmp_path: Path, without: int) -> None:
    content = write_film(tmp_path / "a.mp4", pictures=60).read_bytes()
    half = len(content) // 2
    (tmp_path / "cut.mp4").write_bytes(content[:half] + content[half + without :])
    times = times_until_it_breaks(tmp_path / "cut.mp4")
    assert times == sorted(set(times))
    assert times


def test_one_picture_of_a_film(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", pictures=5)
    assert np.abs(picture_at(path, 3).astype(int) - picture(3)).mean() < 12
    with pytest.raises(CameraError, match="has no picture 5"):
        picture_at(path, 5)


def test_a_photo_passes_for_a_film_of_one_picture(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), picture(0))
    assert len(list(VideoFile("c", tmp_path / "a.png", Timing(fps=1)).frames())) == 1
