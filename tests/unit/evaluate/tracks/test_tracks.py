"""Reading tracks, and what the scores say of plain cases."""

from pathlib import Path

import pytest

from tillfree.errors import EvaluationError
from tillfree.evaluate.tracks.score import evaluate_tracks

WALK = "".join(f"{frame},1,{10 * frame},50,40,100,1,-1,-1,-1\n" for frame in range(1, 11))


def score(tmp_path: Path, truth: str, tracks: str, *, excuse: bool = False) -> dict[str, float]:
    (tmp_path / "gt.txt").write_text(truth)
    (tmp_path / "tracks.txt").write_text(tracks)
    result = evaluate_tracks([tmp_path / "gt.txt"], [tmp_path / "tracks.txt"], excuse=excuse)
    return {key: value for key, value in result.items() if key != "sequences"}


def test_the_truth_itself_is_perfect(tmp_path: Path) -> None:
    result = score(tmp_path, WALK, WALK)
    assert (result["hota"], result["idf1"], result["mota"], result["id_switches"]) == (100.0, 100.0, 100.0, 0)


def test_nothing_said_is_all_missed(tmp_path: Path) -> None:
    result = score(tmp_path, WALK, "")
    assert (result["hota"], result["idf1"], result["mota"], result["missed"]) == (0.0, 0.0, 0.0, 10)


def test_another_number_halfway_is_one_switch_and_half_of_the_identity(tmp_path: Path) -> None:
    later = "".join(line.replace(",1,", ",2,", 1) if n >= 5 else line for n, line in enumerate(WALK.splitlines(True)))
    result = score(tmp_path, WALK, later)
    assert result["id_switches"] == 1
    assert result["mota"] == pytest.approx(90.0)
    assert result["idf1"] == pytest.approx(50.0)
    assert result["hota"] == pytest.approx(100 * 0.5**0.5, abs=0.01)


OTHER = "".join(f"{frame},7,300,50,40,100,0,-1,-1,-1\n" for frame in range(1, 11))
ON_IT = "".join(f"{frame},9,300,50,40,100,1\n" for frame in range(1, 11))


def test_a_track_on_a_row_with_conf_0_is_false_as_trackeval_has_it_for_mot15(tmp_path: Path) -> None:
    assert score(tmp_path, WALK + OTHER, WALK + ON_IT)["false"] == 10


def test_a_track_on_a_row_with_conf_0_neither_helps_nor_hurts_where_it_is_excused(tmp_path: Path) -> None:
    assert score(tmp_path, WALK + OTHER, WALK + ON_IT, excuse=True) == score(tmp_path, WALK, WALK)


def test_a_track_on_a_distractor_of_mot16_neither_helps_nor_hurts(tmp_path: Path) -> None:
    def classes(text: str, kind: int) -> str:
        return "".join(",".join([*line.split(",")[:7], str(kind), "1.0"]) + "\n" for line in text.splitlines())

    assert score(tmp_path, classes(WALK, 1) + classes(OTHER, 8), WALK + ON_IT)["false"] == 0
    assert score(tmp_path, classes(WALK, 1) + classes(OTHER, 3), WALK + ON_IT)["false"] == 10


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("1,1,2,3,4", "tracks.txt:2: 5 columns"),
        ("1,1,2,3,4,five", "tracks.txt:2: could not convert string to float: 'five'"),
        ("0,1,2,3,4,5,1", "tracks.txt:2: frame 0 is none"),
        ("1.5,1,2,3,4,5,1", "tracks.txt:2: frame 1.5 is none"),
        ("nan,1,2,3,4,5,1", "tracks.txt:2: frame nan is none"),
        ("1,-1,2,3,4,5,1", "tracks.txt:2: id -1: this is a detection, not a track"),
        ("1,2.5,2,3,4,5,1", "tracks.txt:2: id 2.5 is none"),
        ("1,1e300,2,3,4,5,1", "tracks.txt:2: id 1e+300 is none"),
        ("1,2,nan,3,4,5,1", "tracks.txt:2: left, top, width and height must be numbers"),
        ("1,2,2,3,inf,5,1", "tracks.txt:2: left, top, width and height must be numbers"),
        ("1,2,2,3,-4,5,1", "tracks.txt:2: a box of -4 × 5 pixels has no area"),
        ("1,1,2,3,4,5,1", "tracks.txt:2: id 1 is in frame 1 twice; line 1 has it, too"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, bad: str, says: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        score(tmp_path, WALK, f"1,1,10,50,40,100,1\n{bad}\n")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("truth", "says"), [("", "gt.txt: holds no row"), (OTHER, "gt.txt: every row has conf 0 or another class")]
)
def test_a_truth_of_nobody_is_refused(tmp_path: Path, truth: str, says: str) -> None:
    with pytest.raises(EvaluationError, match=says):
        score(tmp_path, truth, WALK)


def test_windows_line_ends_spaces_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    odd = "\ufeff" + WALK.replace(",", ", ").replace("\n", "\r\n") + "\r\n"
    assert score(tmp_path, WALK, odd)["hota"] == 100.0


def test_each_sequence_needs_its_tracks(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text(WALK)
    with pytest.raises(EvaluationError, match="2 of --truth and 1 of --tracks"):
        evaluate_tracks([tmp_path / "gt.txt"] * 2, [tmp_path / "gt.txt"], excuse=False)
