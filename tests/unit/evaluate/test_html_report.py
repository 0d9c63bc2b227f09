"""The report with pictures: which lines are in it, and that it needs nothing beside itself."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from protocol.truth import FeetOnFloor
from tests.unit.edge import drawn_shelf
from tests.unit.edge.drawn_shelf import LEFT, MIDDLE
from tests.unit.evaluate.test_replay import folder  # noqa: F401 - a fixture
from tillfree.errors import EvaluationError
from tillfree.evaluate.events import EventMatch, Occurrence
from tillfree.evaluate.html.floor import floor_plan
from tillfree.evaluate.html.report import write_report
from tillfree.evaluate.html.wrong import wrong_lines
from tillfree.evaluate.many import Refused
from tillfree.evaluate.people import PeopleScore
from tillfree.evaluate.recording import RecordingScore, score_recording
from tillfree.evaluate.replay import Replay
from tillfree.evaluate.watching import Standing


def said(t_s: float, sku: str = "water", who: str = "ann", p: float = 0.95, kind: str = "pick") -> Occurrence:
    return Occurrence(kind, who, sku, LEFT, t_s, t_s, p, UUID(int=round(t_s * 1000)))


def true(t_s: float, sku: str = "water", who: str = "ann", kind: str = "pick") -> Occurrence:
    return Occurrence(kind, who, sku, LEFT, t_s - 1, t_s + 1)


def score_with(right: list[Occurrence], false: list[Occurrence], missed: list[Occurrence]) -> RecordingScore:
    nothing = Replay((), 0, 1.0, 1.0, 0.0, (), {}, (), {})
    match = EventMatch(tuple(right), tuple(false), tuple(missed), touches_scored=False)
    return RecordingScore(Path(), 60.0, nothing, {}, match, (), PeopleScore({}, None, (), 0), (), ())


@pytest.mark.parametrize(
    ("right", "false", "missed", "verdicts"),
    [
        ([], [], [], []),
        ([said(5)], [], [], []),
        ([said(5, p=0.6)], [], [], ["doubtful"]),
        ([], [said(5, "cola")], [true(5)], ["wrong"]),
        ([], [said(5, who="bob")], [true(5)], ["wrong"]),
        ([], [said(5)], [true(20)], ["false", "missed"]),
        (
            [],
            [said(5, "cola", "bob", kind="put_back")],
            [Occurrence("pick", "ann", "tea", MIDDLE, 4, 6)],
            ["missed", "false"],
        ),
        ([], [said(5, kind="touch")], [], []),
        ([], [said(5), said(5.2)], [true(5)], ["wrong", "false"]),
    ],
)
def test_what_was_said_and_what_was_true_are_told_together(
    right: list[Occurrence], false: list[Occurrence], missed: list[Occurrence], verdicts: list[str]
) -> None:
    assert [line.verdict for line in wrong_lines(score_with(right, false, missed), 0.9)] == verdicts


def test_the_right_thing_at_another_time_is_told_apart() -> None:
    (late,) = wrong_lines(score_with([], [said(7)], [true(5)]), 0.9)
    (other,) = wrong_lines(score_with([], [said(5, who="bob")], [true(5)]), 0.9)
    assert (late.alike, other.alike) == (True, False)


def test_a_missed_line_says_what_was_right_at_about_that_time() -> None:
    (line,) = wrong_lines(score_with([said(5), said(30)], [], [true(5, "cola")]), 0.9)
    assert [each.from_s for each in line.nearby] == [5]


def test_the_report_holds_pictures_of_every_wrong_line_and_needs_nothing_else(folder: Path) -> None:  # noqa: F811
    lines = (folder / "truth" / "events.jsonl").read_text().splitlines()
    first = {**json.loads(lines[1]), "sku": "cola", "shopper": "anna"}
    (folder / "truth" / "events.jsonl").write_text("\n".join([lines[0], json.dumps(first), *lines[2:]]) + "\n")
    (folder / "truth" / "receipts.json").write_text('{"anna": {"cola": 1}}')
    score = score_recording(folder, lambda done, total: None, keep_crops=True)
    path = write_report([score], [Refused(Path("x"), "<x>: no such folder")], folder / "report")
    page = path.read_text(encoding="utf-8")
    assert path == folder / "report" / "index.html"
    assert "said one thing, and another was true" in page
    assert "&lt;x&gt;: no such folder" in page
    assert page.count("data:image/jpeg;base64,") == 5
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert drawn_shelf.LEFT in page


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationError, match="the report was not written"):
        write_report([], [Refused(Path("x"), "bad")], tmp_path / "file" / "report.html")


def test_the_floor_shows_who_stood_where_at_that_moment(tmp_path: Path) -> None:
    store = drawn_shelf.open_store(tmp_path)
    feet = [FeetOnFloor(t, "ann", 1.0, -1.0) for t in (1.0, 2.0)]
    standing = [Standing(2.0, "v1", 1.2, -1.0), Standing(2.0, "v2", 0.2, -1.0)]
    drawn = floor_plan(store, 2.1, feet, standing, {"v1": "ann"})
    assert (drawn.count("<circle"), drawn.count("<path")) == (1, 2)
    assert ">ann<" in drawn
    assert ">no visit<" in drawn
    assert floor_plan(store, 9.0, feet, standing, {}) == ""
