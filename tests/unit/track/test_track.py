"""`tillfree track`: detections of a file in, tracks of a file out; what cannot be is named by file and line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from typer.testing import CliRunner

from edge.perception.certainty import MIDDLE, certain
from edge.perception.clothing import NUMBERS, clothing
from edge.perception.detections import Detections
from edge.perception.persons import PersonDetector
from hardware.cameras.timing import Timing
from hardware.ports import Frame, Image
from tillfree.cli.main import app
from tillfree.track import following
from tillfree.track.detections_file import FRAME_MAX, PROBLEMS_MAX, read_detections
from tillfree.track.errors import TrackError
from tillfree.track.following import follow_detections


def film(path: Path, frames: range, *, hidden: range = range(0), score: float = 0.9) -> Path:
    rows = [f"{n},-1,{100 + 3 * n},50,40,100,{score}" for n in frames if n not in hidden]
    path.write_text("\n".join([*rows, f"{frames[-1] + 1},-1,5,5,10,20,0.01"]) + "\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[list[float]]:
    return [[float(value) for value in line.split(",")] for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_walk_with_a_gap_is_one_person_from_the_first_frame_to_the_last(tmp_path: Path) -> None:
    found = read_detections(film(tmp_path / "det.txt", range(1, 101), hidden=range(40, 60)))
    report = follow_detections(found, 25.0, tmp_path / "out.txt", online=False)
    rows = rows_of(tmp_path / "out.txt")
    assert [row[0] for row in rows] == list(range(1, 101))
    assert {row[1] for row in rows} == {1}
    assert all(row[2] == pytest.approx(100 + 3 * row[0], abs=8) for row in rows)
    assert (report["frames"], report["tracks"], report["boxes"]) == (101, 1, 100)


def test_at_once_nobody_is_said_before_being_confirmed_or_while_hidden(tmp_path: Path) -> None:
    found = read_detections(film(tmp_path / "det.txt", range(1, 101), hidden=range(40, 60)))
    report = follow_detections(found, 25.0, tmp_path / "out.txt", online=True)
    frames = [row[0] for row in rows_of(tmp_path / "out.txt")]
    assert frames == [*range(3, 40), *range(60, 101)]
    assert report["online"] is True


def test_a_film_longer_than_what_is_held_comes_out_whole_and_in_order(tmp_path: Path) -> None:
    found = read_detections(film(tmp_path / "det.txt", range(1, 1500)))
    report = follow_detections(found, 200.0, tmp_path / "out.txt", online=False)
    assert [row[0] for row in rows_of(tmp_path / "out.txt")] == list(range(1, 1500))
    assert report["frames"] == 1500


@pytest.mark.parametrize(
    ("scores", "scale", "expected", "divided_by"),
    [
        ((0.2, 1.0), None, (0.2, 1.0), 1.0),
        ((-0.7, 30.0, 120.0), None, (0.0, 0.5, 1.0), 60.0),
        ((0.0, 50.0, 100.0), 100.0, (0.0, 0.5, 1.0), 100.0),
    ],
)
def test_scores_become_probabilities(
    tmp_path: Path, scores: tuple[float, ...], scale: float | None, expected: tuple[float, ...], divided_by: float
) -> None:
    path = tmp_path / "det.txt"
    path.write_text("".join(f"{n},-1,1,1,5,9,{score}\n" for n, score in enumerate(scores, 1)), encoding="utf-8")
    found = read_detections(path, scale)
    assert found.scores == pytest.approx(np.array(expected, np.float32))
    assert found.divided_by == divided_by


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1,-1,1,1,5", "5 columns"),
        ("frame,id,left,top,width,height,score", "heading"),
        ("1,-1,nan,1,5,9,0.5", "not finite"),
        ("1,-1,1,1,5,9,inf", "not finite"),
        ("0,-1,1,1,5,9,0.5", "frame 0"),
        ("1.5,-1,1,1,5,9,0.5", "frame 1.5"),
        (f"{FRAME_MAX + 1},-1,1,1,5,9,0.5", "whole numbers from 1"),
        ("1,-1,1,1,-5,9,0.5", "-5 wide"),
        ("1,-1,1,1,5,0,0.5", "0 high"),
        ("1,-1,1e9,1,5,9,0.5", "pixels"),
    ],
)
def test_a_line_that_cannot_be_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "det.txt"
    path.write_text(f"1,-1,1,1,5,9,0.5\n\n{line}\n", encoding="utf-8")
    with pytest.raises(TrackError, match=f"det.txt:3: .*{says}"):
        read_detections(path)


def test_of_many_bad_lines_the_first_are_named(tmp_path: Path) -> None:
    path = tmp_path / "det.txt"
    path.write_text("rubbish\n" * 50, encoding="utf-8")
    with pytest.raises(TrackError) as failed:
        read_detections(path)
    assert str(failed.value).count("rubbish") == 0
    assert str(failed.value).count("columns") == PROBLEMS_MAX


def test_nothing_detected_is_nobody_tracked(tmp_path: Path) -> None:
    (tmp_path / "det.txt").write_text("", encoding="utf-8")
    report = follow_detections(read_detections(tmp_path / "det.txt"), 10.0, tmp_path / "out.txt", online=False)
    assert report["frames"] == report["tracks"] == 0
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == ""


def test_scores_that_are_all_too_small_are_told(tmp_path: Path) -> None:
    path = film(tmp_path / "det.txt", range(1, 30), score=0.3)
    result = CliRunner().invoke(
        app, ["track", "--detections", str(path), "--fps", "10", "--out", str(tmp_path / "o"), "--json", "-"]
    )
    assert result.exit_code == 0
    assert "nobody was followed: the surest detection has 0.30" in " ".join(result.stderr.split())
    assert json.loads(result.stdout)["frames"] == 30


class BackInTime:
    """A film whose third picture is from before its second."""

    def __init__(self, camera: str, path: Path, timing: Timing) -> None:
        self.id = camera

    def frames(self) -> Iterator[Frame]:
        for index, t_s in enumerate((0.0, 0.2, 0.1)):
            yield Frame(t_s, self.id, index, np.zeros((48, 64, 3), np.uint8))


class Blind:
    """A detector that sees nobody."""

    def detect(self, image: Image) -> Detections:
        return Detections.none()


def test_a_film_whose_pictures_go_back_in_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "VideoFile", BackInTime)
    with pytest.raises(TrackError, match="picture 2 is from before"):
        following.follow_video(Path("film.mp4"), cast(PersonDetector, Blind()), tmp_path / "out.txt", online=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "give either"),
        (["--detections", "d", "--video", "v"], "give either"),
        (["--detections", "d"], "--fps"),
        (["--video", "v", "--fps", "9"], "tells its own times"),
        (["--detections", "missing.txt", "--fps", "9"], "missing.txt: No such file"),
    ],
)
def test_what_is_asked_amiss_is_told(tmp_path: Path, arguments: list[str], says: str) -> None:
    result = CliRunner().invoke(app, ["track", *arguments, "--out", str(tmp_path / "out.txt")])
    assert isinstance(result.exception, TrackError)
    assert says in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_tracks_that_cannot_be_written_are_told_before_any_work_and_leave_nothing(tmp_path: Path) -> None:
    found = read_detections(film(tmp_path / "det.txt", range(1, 10)))
    with pytest.raises(TrackError, match="is a folder"):
        follow_detections(found, 10.0, tmp_path, online=False)
    with pytest.raises(TrackError, match="No such file or directory"):
        follow_detections(found, 10.0, tmp_path / "none" / "out.txt", online=False)
    assert [path.name for path in tmp_path.iterdir()] == ["det.txt"]


def test_the_same_film_gives_the_same_bytes(tmp_path: Path) -> None:
    found = read_detections(film(tmp_path / "det.txt", range(1, 60), hidden=range(20, 30)))
    for name in ("a", "b"):
        follow_detections(found, 10.0, tmp_path / name, online=False)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_certainty_keeps_the_order_and_is_a_probability() -> None:
    scores = np.array([1.0, 0.7, MIDDLE, 0.3, 0.0], np.float32)
    probabilities = certain(Detections(np.zeros((5, 4), np.float32), scores)).scores
    assert (np.diff(probabilities) < 0).all()
    assert probabilities[2] == pytest.approx(0.5)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


def test_clothes_of_other_colours_look_different_and_a_shadow_changes_brightness_alone() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[:, :100], image[:, 100:200], image[:, 200:] = (40, 40, 200), (200, 60, 40), (24, 24, 120)
    boxes = np.array([[10, 10, 90, 190], [110, 10, 190, 190], [210, 10, 290, 190], [-50, -50, 400, 900]], np.float32)
    red, blue, red_in_shadow, outside = clothing(image, boxes)
    assert red.shape == (NUMBERS,)
    assert np.isfinite(outside).all()
    colour = np.arange(NUMBERS) % 3 != 0
    assert np.abs(red - blue)[colour].max() > 0.5
    assert np.abs(red - red_in_shadow)[colour].max() < 0.3
    assert (red - red_in_shadow)[~colour].min() > 0.2
    assert clothing(image, np.zeros((0, 4), np.float32)).shape == (0, NUMBERS)
