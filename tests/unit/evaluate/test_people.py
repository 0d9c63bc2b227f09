"""Whom cameras follow and where people stand, against the truth."""

from pathlib import Path

import pytest

from protocol.truth import FeetOnFloor
from tillfree.evaluate.people import PeopleScore, score_people
from tillfree.evaluate.watching import Seen, Standing

BOX = (10.0, 20.0, 40.0, 100.0)


def followed(frames: range, *tracks: int) -> Seen:
    rows = tuple((frame, track, *BOX) for frame in frames for track in tracks)
    return Seen(rows, frozenset(frames))


def boxes(folder: Path, frames: range, conf: int = 1) -> dict[str, Path]:
    path = folder / "room.txt"
    path.write_text("".join(f"{frame},1,10,20,40,100,{conf},1,0.9\n" for frame in frames))
    return {"room": path}


def test_pictures_that_were_not_shown_are_nobodys_fault(tmp_path: Path) -> None:
    every_second = range(1, 11, 2)
    result = score_people(boxes(tmp_path, range(1, 11)), {"room": followed(every_second, 7)}, {"room": 10}, None, ())
    assert result.cameras["room"].to_json()["mota"] == 100.0
    assert result.cameras["room"].to_json()["missed"] == 0


def test_a_track_on_somebody_hardly_visible_neither_helps_nor_hurts(tmp_path: Path) -> None:
    frames = range(1, 11)
    result = score_people(boxes(tmp_path, frames, conf=0), {"room": followed(frames, 7)}, {"room": 10}, None, ())
    assert result.cameras["room"].to_json()["false"] == 0


def test_without_truth_nothing_is_scored() -> None:
    assert score_people({}, {"room": followed(range(1, 5), 1)}, {}, None, ()) == PeopleScore({}, None, (), 0)


def test_feet_are_compared_where_somebody_is_met() -> None:
    floor = [FeetOnFloor(t, who, x, 0.0) for t in (1.0, 2.0) for who, x in (("ann", 0.0), ("bob", 5.0))]
    standing = [Standing(1.0, "v1", 0.3, 0.4), Standing(2.0, "v1", 0.0, 0.1), Standing(2.0, "v2", 5.0, 1.5)]
    result = score_people({}, {}, {}, floor, standing)
    assert sorted(result.feet_m) == pytest.approx([0.1, 0.5])
    assert result.not_met == 2
    assert result.store is not None
    assert result.store.to_json()["missed"] == 2
    assert result.store.to_json()["false"] == 1


def test_two_who_swap_names_are_two_switches() -> None:
    floor = [FeetOnFloor(float(t), who, x, 0.0) for t in range(10) for who, x in (("ann", 0.0), ("bob", 3.0))]
    names = [("a", "b") if t < 5 else ("b", "a") for t in range(10)]
    standing = [Standing(float(t), who, x, 0.0) for t in range(10) for who, x in zip(names[t], (0.0, 3.0), strict=True)]
    result = score_people({}, {}, {}, floor, standing)
    assert result.store is not None
    assert (result.store.to_json()["id_switches"], result.store.to_json()["idf1"]) == (2, 50.0)
