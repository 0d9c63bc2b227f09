"""`tillfree calibrate`, as an installer types it: what is written, drawn, kept, told, and refused."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from edge.calibration.errors import CalibrationError
from hardware.errors import CameraError
from protocol.document import FileError
from protocol.errors import TillfreeError
from protocol.store_file import read_store
from tests.unit.edge.calibration.hung import floor_seen, hung, off_cm
from tests.unit.edge.calibration.test_board import PLACES, TRUE, lying
from tests.unit.edge.calibration.test_knocked import scene, with_people
from tests.unit.edge.calibration.test_walkers import MINE, THEIRS, boxes
from tillfree.calibrate.view_of import view_of
from tillfree.cli.main import app

VIEW = hung(size=(640, 360))
STORE = """\
format: 1
store: corner
name: Corner
currency: EUR
cameras:
  - id: aisle   # over the door
    role: area
    size: [640, 360]
    floor_points:
{points}
  - id: back
    role: area
    size: [1280, 720]
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    places, pixels = floor_seen(VIEW)
    chosen = np.linspace(0, len(places) - 1, 10).astype(int)
    points = "\n".join(
        f"      - {{pixel: [{u:.2f}, {v:.2f}], floor: [{x}, {y}]}}"
        for (u, v), (x, y) in zip(pixels[chosen].tolist(), places[chosen].tolist(), strict=True)
    )
    path = tmp_path / "store.yaml"
    path.write_text(STORE.format(points=points), encoding="utf-8")
    for name, image in (("a", scene()), ("b", with_people(scene(), 1)), ("c", with_people(scene(), 2))):
        (tmp_path / "view").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "view" / f"{name}.png"), image)
    return path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["calibrate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refusal(*arguments: object) -> TillfreeError:
    with pytest.raises((CalibrationError, FileError, CameraError)) as caught:
        CliRunner().invoke(app, ["calibrate", *map(str, arguments)], catch_exceptions=False)
    return caught.value


def test_a_camera_is_calibrated_drawn_written_and_checked(store: Path, tmp_path: Path) -> None:
    drawn, told = tmp_path / "grid.png", tmp_path / "told.json"
    said = run(store, "--camera", "aisle", "--view", tmp_path / "view", "--picture", drawn, "--json", told)
    assert "error on the floor: half below" in said
    assert "# over the door" in store.read_text(encoding="utf-8")
    camera = read_store(store).camera("aisle")
    assert camera is not None
    view = view_of(camera)
    assert view is not None
    assert np.median(off_cm(view, VIEW)) < 2.0
    assert camera.floor_view is not None
    assert camera.floor_view.error_cm == json.loads(told.read_text(encoding="utf-8"))["error_cm"]
    grid = cv2.imread(str(drawn))
    assert grid is not None
    assert grid.shape == (720, 1280, 3)
    assert "looks where it looked" in run(
        "--check", store, "--camera", "aisle", "--picture", tmp_path / "view" / "b.png"
    )


def test_a_knocked_camera_is_told_and_ends_with_an_error(store: Path, tmp_path: Path) -> None:
    run(store, "--camera", "aisle", "--view", tmp_path / "view")
    cv2.imwrite(str(tmp_path / "now.png"), with_people(scene(0, 2.0, -1.0), 5))
    error = refusal("--check", store, "--camera", "aisle", "--picture", tmp_path / "now.png")
    assert "camera 'aisle': calibrate it anew, or turn it back" in str(error)


def test_a_wrong_point_is_marked_in_the_file(store: Path) -> None:
    text = store.read_text(encoding="utf-8")
    line = [row for row in text.splitlines() if "pixel" in row][5]
    x = float(line.split("floor: [")[1].split(",")[0])
    store.write_text(text.replace(line, line.replace(f"floor: [{x}", f"floor: [{x + 0.7}")), encoding="utf-8")
    assert "Point 6 is left out: the others have it 7" in run(store, "--camera", "aisle")
    camera = read_store(store).camera("aisle")
    assert camera is not None
    assert [point.left_out for point in camera.floor_points].index(True) == 5


def test_nothing_is_written_in_a_dry_run(store: Path) -> None:
    before = store.read_text(encoding="utf-8")
    run(store, "--camera", "aisle", "--dry-run")
    assert store.read_text(encoding="utf-8") == before


def test_a_board_at_several_places_calibrates(store: Path, tmp_path: Path) -> None:
    arguments: list[object] = [store, "--camera", "back", "--square-mm", "200"]
    for n, place in enumerate(PLACES[:3]):
        cv2.imwrite(str(tmp_path / f"board{n}.png"), lying(TRUE, place))
        arguments += ["--seen", tmp_path / f"board{n}.png", "--at", f"{place.x_m},{place.y_m},{place.yaw_deg}"]
    run(*arguments)
    camera = read_store(store).camera("back")
    assert camera is not None
    view = view_of(camera)
    assert view is not None
    assert np.median(off_cm(view, TRUE)) < 6.0
    assert "2 times --seen and 1 times --at" in str(refusal(*arguments[:9], "--seen", tmp_path / "board1.png"))


def walked(folder: Path, seconds: float = 40.0) -> tuple[str, str]:
    """What `aisle` and `back` (hung where the tests of walkers have theirs) saw of two people, as MOTChallenge text."""
    rng, t_s = np.random.default_rng(5), np.arange(0.0, seconds, 0.4)
    told = []
    for name, view in (("aisle", MINE), ("back", THEIRS)):
        seen = boxes(view, t_s, 2, rng)
        frames = np.round(seen.t_s / 0.4).astype(int) + 1
        rows = (
            f"{frame},{track},{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f},1"
            for frame, track, (left, top, right, bottom) in zip(frames, seen.tracks, seen.sides, strict=True)
        )
        (folder / f"{name}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
        told.append(f"{name}={folder / name}.txt")
    return told[0], told[1]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A store of two cameras; the second one is calibrated by points."""
    places, pixels = floor_seen(THEIRS)
    chosen = np.linspace(0, len(places) - 1, 9).astype(int)
    points = "\n".join(
        f"      - {{pixel: [{u:.2f}, {v:.2f}], floor: [{x}, {y}]}}"
        for (u, v), (x, y) in zip(pixels[chosen].tolist(), places[chosen].tolist(), strict=True)
    )
    text = STORE.format(points=points).replace("id: aisle", "id: other").replace("id: back", "id: aisle")
    path = tmp_path / "two.yaml"
    path.write_text(text.replace("id: other", "id: back").replace("[1280, 720]", "[640, 360]"), encoding="utf-8")
    return path


def test_people_calibrate_a_camera_beside_one_that_has_points(two: Path, tmp_path: Path) -> None:
    own, other = walked(tmp_path)
    drawn = tmp_path / "grid.png"
    said = run(
        two, "--camera", "aisle", "--with", "back", "--detections", own, "--detections", other, "--fps", "2.5",
        "--picture", drawn,
    )  # fmt: skip
    assert "moments agree; the clock of 'aisle' is" in said
    assert "Look at the grid" in said
    camera = read_store(two).camera("aisle")
    assert camera is not None
    assert camera.floor_view is not None
    assert camera.floor_view.method == "people"
    view = view_of(camera)
    assert view is not None
    assert np.median(off_cm(view, MINE)) < 15.0
    assert cv2.imread(str(drawn)) is not None


def test_two_cameras_are_calibrated_together_by_people_and_two_marks(two: Path, tmp_path: Path) -> None:
    own, other = walked(tmp_path)
    places, pixels = floor_seen(THEIRS)
    ends = [int(places[:, 0].argmin()), int(places[:, 0].argmax())]
    marks = [f"back:{pixels[n][0]:.1f},{pixels[n][1]:.1f}={places[n][0]:.2f},{places[n][1]:.2f}" for n in ends]
    arguments = [
        two,
        "--camera",
        "aisle",
        "--camera",
        "back",
        "--detections",
        own,
        "--detections",
        other,
        "--fps",
        "2.5",
    ]
    arguments += ["--mark", marks[0], "--mark", marks[1]]
    said = run("together", *arguments, "--pictures", tmp_path / "grids")
    assert "by them people are 1." in said
    store = read_store(two)
    for name, true in (("aisle", MINE), ("back", THEIRS)):
        camera = store.camera(name)
        assert camera is not None
        view = view_of(camera)
        assert view is not None
        assert np.median(off_cm(view, true)) < 35.0
        assert (tmp_path / "grids" / f"{name}.png").exists()


def test_a_view_is_kept_of_any_camera_to_check_it_later(store: Path, tmp_path: Path) -> None:
    said = run("reference", store, "--camera", "aisle", "--view", tmp_path / "view")
    assert "camera aisle:" in said
    assert (tmp_path / "store.calibration" / "aisle.npz").exists()
    assert "looks where it looked" in run(
        "--check", store, "--camera", "aisle", "--picture", tmp_path / "view" / "b.png"
    )
    assert "is of one camera: say which" in str(refusal("reference", store, "--view", tmp_path / "view"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--camera", "aisle"], "say two cameras"),
        (["--camera", "aisle", "--camera", "aisle"], "say two cameras"),
        (["--camera", "aisle", "--camera", "attic"], "there is no camera 'attic'"),
        (["--camera", "aisle", "--camera", "back"], "say where 'aisle' and 'back' saw people"),
        (["--camera", "aisle", "--camera", "back", "--mark", "attic:1,2=3,4"], "with ID back or aisle"),
        (["--camera", "aisle", "--camera", "back", "--mark", "aisle:1,2"], "is not of the form --point u,v=x,y"),
        (["--camera", "aisle", "--camera", "back", "--mark", "aisle:900,2=3,4"], "lies outside the picture of 640×360"),
        (["--camera", "aisle", "--camera", "back", "--hangs", "back=275"], "a camera hangs 0.5 to 20 m"),
        (["--camera", "aisle", "--camera", "back", "--hangs", "2.75"], "is not of the form --hangs ID=M"),
        (["--camera", "aisle", "--camera", "back", "--tall", "183"], "people are 1 to 2.3 m tall"),
    ],
)
def test_what_cannot_be_done_together_is_told(two: Path, arguments: list[str], says: str) -> None:
    before = two.read_text(encoding="utf-8")
    assert says in str(refusal("together", two, *arguments))
    assert two.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--camera", "aile"], "there is no camera 'aile'; there are aisle, back"),
        ([], "which camera? --camera is one of aisle, back"),
        (["--camera", "back"], "its floor points are 0: mark 4 or more"),
        (["--camera", "aisle", "--point", "1,2;3,4"], "is not of the form --point u,v=x,y"),
        (["--camera", "aisle", "--with", "back"], "say where 'aisle' and 'back' saw people"),
        (["--camera", "aisle", "--with", "back", "--seen", "x.png"], "calibrate by one of them"),
        (["--camera", "aisle", "--with", "aisle"], "a camera does not tell where it hangs itself"),
        (["--camera", "aisle", "--with", "back", "--tall", "17"], "people are 1 to 2.3 m tall"),
        (["--camera", "aisle", "--view", "nothing.mp4"], "nothing.mp4: no such file"),
        (["--check"], "no camera has a reference yet"),
    ],
)
def test_what_cannot_be_done_is_told(store: Path, arguments: list[str], says: str) -> None:
    before = store.read_text(encoding="utf-8")
    assert says in str(refusal(store, *arguments))
    assert store.read_text(encoding="utf-8") == before


def test_a_picture_of_another_size_is_refused(store: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "large.png"), np.zeros((720, 1280, 3), np.uint8))
    error = refusal(store, "--camera", "aisle", "--view", tmp_path / "large.png")
    assert "is 1280×720 pixels, and the store file says 640×360" in str(error)


def test_two_cameras_with_one_id_are_refused(store: Path) -> None:
    store.write_text(store.read_text(encoding="utf-8").replace("id: back", "id: aisle"), encoding="utf-8")
    assert "a second camera 'aisle'" in str(refusal(store, "--camera", "aisle"))


def test_the_board_is_printed(tmp_path: Path) -> None:
    run("board", "--out", tmp_path / "board.pdf", "--paper", "a4")
    assert (tmp_path / "board.pdf").read_bytes().startswith(b"%PDF-1.4")
    assert "a board is a .pdf or a .png" in str(refusal("board", "--out", tmp_path / "board.doc"))
