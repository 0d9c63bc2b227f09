"""Truth that contradicts itself is refused, with file, line and reason; what can be read in two ways is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.document import FileError
from protocol.recording import read_recording
from protocol.truth import Truth, read_checked_truth

STORE = """\
format: 1
store: corner
name: Corner
currency: EUR
cameras: [{id: room, role: area, size: [640, 360]}]
gondolas:
  - {id: rack, origin: [0, 0], width: 1, depth: 0.4, shelves: [{id: top, height: 1, slots: [{id: a, span: [0, 0.5]}]}]}
products: [{sku: water, name: Water}, {sku: tea, name: Tea}]
gate: {lanes: [gate]}
"""

Event = dict[str, Any]


def enter(who: str, t_s: float = 1.0) -> Event:
    return {"t_s": t_s, "shopper": who, "type": "enter"}


def leave(who: str, t_s: float = 20.0) -> Event:
    return {"t_s": t_s, "shopper": who, "type": "exit"}


def pick(who: str, t_s: float = 5.0, sku: str = "water", **more: Any) -> Event:
    return {"t_s": t_s, "shopper": who, "type": "pick", "sku": sku, **more}


def put_back(who: str, t_s: float = 8.0, sku: str = "water", **more: Any) -> Event:
    return {"t_s": t_s, "shopper": who, "type": "put_back", "sku": sku, **more}


def truth_of(folder: Path, events: list[Event] | None, receipts: dict[str, Any] | None, **files: str) -> Truth:
    (folder / "recording.yaml").write_text(
        "format: 1\nstart: 2026-03-02T10:00:00Z\nduration_s: 30\ncameras: [{id: room, file: room, fps: 10}]\n"
    )
    (folder / "room").mkdir()
    (folder / "store.yaml").write_text(STORE)
    (folder / "truth" / "boxes").mkdir(parents=True)
    if events is not None:
        (folder / "truth" / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    if receipts is not None:
        (folder / "truth" / "receipts.json").write_text(json.dumps(receipts, indent=1))
    for name, text in files.items():
        (folder / "truth" / name.replace("__", "/").replace("_txt", ".txt").replace("_csv", ".csv")).write_text(text)
    return read_checked_truth(read_recording(folder))


def test_truth_that_agrees_is_read(tmp_path: Path) -> None:
    events = [enter("ann"), pick("ann", qty=2), put_back("ann"), leave("ann")]
    truth = truth_of(tmp_path, events, {"ann": {"water": 1}}, floor_csv="t_s,shopper,x_m,y_m\n1.0,ann,0.5,-1\n")
    assert truth.events is not None
    assert truth.floor is not None
    assert (len(truth.events), truth.receipts, len(truth.floor), truth.readings) == (4, {"ann": {"water": 1}}, 1, ())


def test_what_is_not_labelled_is_none(tmp_path: Path) -> None:
    truth = truth_of(tmp_path, None, {"ann": {"water": 1}})
    assert (truth.events, truth.floor, truth.boxes) == (None, None, {})


@pytest.mark.parametrize(
    ("events", "receipts", "says"),
    [
        ([enter("ann"), pick("bob")], {"ann": {}}, "events.jsonl:2: shopper: 'bob' neither enters nor has a receipt"),
        ([pick("ann", 0.5), enter("ann"), leave("ann")], None, "events.jsonl:1: 'ann' has a pick at 0.5, before ent"),
        ([enter("ann"), leave("ann"), pick("ann", 21)], None, "events.jsonl:3: 'ann' has a pick at 21, after leaving"),
        ([enter("ann"), enter("ann", 2)], None, "events.jsonl:2: 'ann' enters at 2 and is inside already"),
        ([enter("ann"), leave("ann"), leave("ann", 22)], None, "events.jsonl:3: 'ann' leaves at 22, after leaving"),
        ([enter("ann"), put_back("ann")], None, "events.jsonl:2: 'ann' puts back 1 × 'water' at 8 without having it"),
        ([enter("ann"), pick("ann"), put_back("ann", qty=2)], None, "events.jsonl:3: 'ann' puts back 1 × 'water'"),
        ([enter("ann"), pick("ann"), put_back("ann", 4)], None, "events.jsonl:3: 'ann' puts back 1 × 'water' at 4"),
        ([enter("ann"), pick("ann")], {"ann": {"water": 2}}, "receipts.json:3: ann.water: the receipt says 2, the eve"),
        (
            [enter("ann"), pick("ann")],
            {"ann": {}},
            "receipts.json:2: ann.water: the receipt says 0, the events come to",
        ),
        ([enter("ann"), pick("ann", sku="beer")], None, "events.jsonl:2: sku: the store has no product 'beer'"),
        ([enter("ann"), pick("ann", slot="rack.top.z")], None, "events.jsonl:2: slot: the store has no slot 'rack.top"),
        ([enter("ann")], {"ann": {"beer": 1}}, "receipts.json:3: ann.beer: the store has no product 'beer'"),
        ([enter("ann", 31)], None, "events.jsonl:1: t_s: 31 lies beyond the recording, which ends at 30 s"),
        ([enter("ann"), pick("ann", 5, window_s=[6, 7])], None, "events.jsonl:2: window_s: [6.0, 7.0] does not hold"),
        ([enter("ann"), pick("ann", qty=0)], None, "events.jsonl:2: qty: "),
        ([enter("ann"), pick("ann", -1)], None, "events.jsonl:2: t_s: "),
        ([enter("ann"), {**pick("ann"), "t_s": None}], None, "events.jsonl:2: t_s: "),
        ([enter("ann"), {**pick("ann"), "sku": None}], None, "events.jsonl:2: Value error, a pick needs its sku"),
        ([enter("ann"), leave("ann")], {"ann": {}, "bob": {}}, "receipts.json:3: bob: has a receipt and not one event"),
    ],
)
def test_a_contradiction_is_named(
    tmp_path: Path, events: list[Event], receipts: dict[str, Any] | None, says: str
) -> None:
    with pytest.raises(FileError) as caught:
        truth_of(tmp_path, events, receipts)
    assert says in str(caught.value)


BOTH = [enter("ann"), enter("bob", 2), pick("ann")]


@pytest.mark.parametrize(
    ("events", "receipts", "reading"),
    [
        (
            [*BOTH, put_back("bob", 9), leave("ann"), leave("bob")],
            {"ann": {}, "bob": {}},
            "that ann took: read as hand",
        ),
        ([*BOTH, leave("ann", 7), put_back("bob", 9)], {"ann": {}, "bob": {}}, "that ann took: read as handed over"),
        (BOTH, {"ann": {}, "bob": {"water": 1}}, "1 × water taken by ann is on bob's receipt: read as handed over"),
        (BOTH, {"ann": {}}, "1 × water taken by ann is on no receipt: left with bob"),
        ([*BOTH, pick("bob", 6)], {"ann": {"water": 2}}, "1 × water taken by bob, who pays for nothing, is ann's"),
    ],
)
def test_what_changes_hands_unseen_is_read_so_and_told(
    tmp_path: Path, events: list[Event], receipts: dict[str, Any], reading: str
) -> None:
    assert reading in "; ".join(truth_of(tmp_path, events, receipts).readings)


def test_nobody_hands_anything_to_somebody_who_comes_later(tmp_path: Path) -> None:
    events = [enter("ann"), pick("ann"), leave("ann", 7), enter("bob", 9), put_back("bob", 12)]
    with pytest.raises(FileError, match="'bob' puts back 1 × 'water' at 12 without having it"):
        truth_of(tmp_path, events, {"ann": {}, "bob": {}})


def test_staff_may_bring_things(tmp_path: Path) -> None:
    events = [enter("sam"), enter("ann"), pick("ann"), put_back("sam", qty=3), leave("sam"), leave("ann")]
    assert truth_of(tmp_path, events, {"ann": {"water": 1}}).readings == ()


def test_who_comes_twice_has_one_receipt(tmp_path: Path) -> None:
    events = [enter("ann"), pick("ann", 2), leave("ann", 3), enter("ann", 5), pick("ann", 6), leave("ann", 9)]
    assert truth_of(tmp_path, events, {"ann": {"water": 2}}).readings == ()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("floor_csv", "t_s,shopper,x_m\n1,ann,2\n", "floor.csv:1: no column 'y_m'"),
        ("floor_csv", "t_s,shopper,x_m,y_m\n1,ann,2,north\n", "floor.csv:2: t_s, x_m and y_m must be numbers"),
        ("floor_csv", "t_s,shopper,x_m,y_m\n1,ann,2,nan\n", "floor.csv:2: t_s, x_m and y_m must be finite"),
        ("floor_csv", "t_s,shopper,x_m,y_m\n31,ann,2,1\n", "floor.csv:2: t_s 31 lies outside the recording"),
        ("floor_csv", "t_s,shopper,x_m,y_m\n1,ann,2,1\n1,ann,2,2\n", "floor.csv:3: 'ann' stands in two places at 1"),
        ("floor_csv", "t_s,shopper,x_m,y_m\n1,ann\n", "floor.csv:2: t_s, x_m and y_m must be numbers"),
        ("boxes__hall_txt", "1,1,2,3,4,5,1\n", "hall.txt: the recording has no camera 'hall'; it has: room"),
    ],
)
def test_bad_places_are_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(FileError) as caught:
        truth_of(tmp_path, [enter("ann")], None, **{name: text})
    assert says in str(caught.value)


def test_every_problem_is_listed_up_to_a_bound(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        truth_of(tmp_path, [enter("ann"), *(pick("ann", sku=f"no-{n}") for n in range(30))], None)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "(and 10 more)"
