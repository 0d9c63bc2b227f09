"""A folder of numbered images as a camera."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from hardware.cameras.image_folder import ImageFolder, read_image
from hardware.cameras.timing import Timing, read_times
from hardware.errors import CameraError
from tests.unit.hardware.film import picture


def folder_of(path: Path, *names: str) -> Path:
    path.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        cv2.imwrite(str(path / name), picture(number))
    return path


def test_images_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "frame_10.png", "frame_2.png", "frame_1.png", "frame_011.png")
    (tmp_path / "notes.txt").write_text("not a picture")
    seen = [frame.image for frame in ImageFolder("c", folder, Timing(fps=2)).frames()]
    assert [np.array_equal(image, picture(n)) for image, n in zip(seen, (2, 1, 0, 3), strict=True)] == [True] * 4


def test_images_at_a_rate_and_at_given_times(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "0.png", "1.png", "2.png")
    assert [f.t_s for f in ImageFolder("c", folder, Timing(fps=4)).frames()] == [0, 0.25, 0.5]
    assert [f.t_s for f in ImageFolder("c", folder, Timing(times_s=(1, 2, 4))).frames()] == [1, 2, 4]
    assert [f.index for f in ImageFolder("c", folder, Timing(times_s=(1, 2, 4), fps_max=0.5)).frames()] == [0, 2]
    assert [f.index for f in ImageFolder("c", folder, Timing(times_s=(1, 2, 4), until_s=2)).frames()] == [0]


def test_a_list_of_times_may_name_the_files(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "images", "b.png", "a.png")
    (tmp_path / "times.csv").write_text("file,t_s\nb.png,0.5\na.png,0.75\n")
    times, files = read_times(tmp_path / "times.csv")
    camera = ImageFolder("c", folder, Timing(times_s=times), files)
    assert [(f.t_s, np.array_equal(f.image, picture(f.index))) for f in camera.frames()] == [(0.5, True), (0.75, True)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"times\.csv:1: the list of times needs a heading with the column t_s"),
        ("seconds\n1\n", r"times\.csv:1: .*column t_s"),
        ("t_s\n", r"times\.csv:1: "),
        ("t_s\n0\nsoon\n", r"times\.csv:3: t_s is 'soon'"),
        ("t_s\n0\nnan\n", r"times\.csv:3: t_s is 'nan'"),
        ("t_s\ninf\n", r"times\.csv:2: t_s is 'inf'"),
        ("t_s\n0\n1\n1\n", r"times\.csv:4: t_s does not go on: 1\.0, then 1\.0"),
        ("t_s\n1\n0\n", r"times\.csv:3: t_s does not go on: 1\.0, then 0\.0"),
        ("t_s,file\n0,a.png\n1\n", r"times\.csv:3: names no file"),
        ("file,t_s\na.png\n", r"times\.csv:2: t_s is None"),
    ],
)
def test_a_bad_list_of_times_names_the_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "times.csv").write_text(text)
    with pytest.raises(CameraError, match=says):
        read_times(tmp_path / "times.csv")


def test_a_list_of_times_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="No such file"):
        read_times(tmp_path / "times.csv")
    (tmp_path / "times.csv").write_bytes(b"t_s\n\xff\xfe\n")
    with pytest.raises(CameraError, match=r"times\.csv: "):
        read_times(tmp_path / "times.csv")


def test_folders_that_give_nothing(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="no such folder"):
        ImageFolder("c", tmp_path / "gone", Timing(fps=1))
    with pytest.raises(CameraError, match="holds no images"):
        ImageFolder("c", tmp_path, Timing(fps=1))
    with pytest.raises(CameraError, match=r"b\.png is in the list of times, but not in the folder"):
        ImageFolder("c", folder_of(tmp_path, "a.png"), Timing(times_s=(0, 1)), ("a.png", "b.png"))


def test_more_images_than_times(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "0.png", "1.png")
    with pytest.raises(CameraError, match=r"1\.png: picture 1 has no time"):
        list(ImageFolder("c", folder, Timing(times_s=(0.0,))).frames())
    with pytest.raises(CameraError, match="give `fps` or `times`"):
        list(ImageFolder("c", folder, Timing()).frames())


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
def test_a_picture_cut_short_is_refused(tmp_path: Path, suffix: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    content = cv2.imencode(suffix, noise)[1].tobytes()
    (tmp_path / f"a{suffix}").write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(CameraError, match=f"a{suffix}: not a whole picture"):
        read_image(tmp_path / f"a{suffix}")


def test_a_picture_that_claims_a_million_by_a_million_is_refused(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 1_000_000, 1_000_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    with pytest.raises(CameraError, match="not a whole picture"):
        read_image(tmp_path / "a.png")


def test_a_picture_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="No such file"):
        read_image(tmp_path / "a.png")
