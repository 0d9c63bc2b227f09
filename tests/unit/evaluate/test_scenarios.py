"""Written scenes with the oddities of real label files: read as is said, or refused with the place."""

import json
from pathlib import Path
from typing import Any

import pytest

from tillfree.errors import EvaluationError
from tillfree.evaluate.playing import Seeing
from tillfree.evaluate.scenarios import evaluate_scenarios
from tillfree.evaluate.scenes import report

AT_ZERO = {"translation": {"x": 0.0, "y": 0.0, "z": 0.0}, "rotation": {"z": 0.0}}


def part(x: float, y: float, z: float, dim_x: float, dim_y: float) -> dict[str, Any]:
    return {"transform": {"translation": {"x": x, "y": y, "z": z}}, "dim_x": dim_x, "dim_y": dim_y}


def shelf_id(shelf: int) -> dict[str, Any]:
    return {"gondola_id": {"id": 1}, "shelf_index": shelf}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """One gondola with two shelves of nine plates, four inches each."""
    gondola = {"id": {"id": 1}, "coordinates": {"transform": AT_ZERO, "dim_x": 0.92, "dim_y": 0.03}}
    shelves = [{"id": shelf_id(n), "coordinates": part(0, -0.4, 0.5 * n, 0.92, 0.4)} for n in (1, 2)]
    plates = [
        {
            "id": {"shelf_id": shelf_id(n), "plate_index": p + 1},
            "coordinates": part(0.1016 * p, 0, 0, 0.1016, 0.4),
        }
        for n in (1, 2)
        for p in range(9)
    ]
    products = [
        {"barcode": "111", "name": "Water", "grams": 538.0},
        {"barcode": "222", "name": "Sweets", "grams": 204.0},
        {"barcode": "333", "name": "No weight", "grams": 0.0},
    ]
    for name, value in (
        ("Gondolas", {"gondolas": [gondola]}),
        ("Shelves", {"shelves": shelves}),
        ("Plates", {"plates": plates}),
        ("products", products),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    return tmp_path


def event(seconds: float | None, action: str, *barcodes: str, shopper: str = "ann", **other: Any) -> dict[str, Any]:
    place = {"gondola": 1, "shelf": 2, "plates": [3]}
    return {"seconds": seconds, "shopper": shopper, "action": action, "barcodes": list(barcodes), **place, **other}


def scored(shop: Path, events: list[dict[str, Any]], receipts: dict[str, dict[str, int]]) -> dict[str, Any]:
    path = shop / "scenarios.json"
    path.write_text(json.dumps([{"case": "one", "shoppers": 1, "events": events, "receipts": receipts}]))
    return report(*evaluate_scenarios(path, shop, 2, Seeing(), lambda score, done, total: None))


def test_a_plain_scene_comes_to_its_receipt(shop: Path) -> None:
    events = [event(0.0, "take", "111"), event(9.0, "take", "222", shelf=1), event(16.0, "put_back", "111")]
    result = scored(shop, events, {"ann": {"222": 1}})
    assert (result["mean_f1"], result["perfect"], result["total"]) == (1.0, 2, 2)
    assert [case["seed"] for case in result["cases"]] == [0, 1]
    assert result["readings"] == {}


@pytest.mark.parametrize(
    ("odd", "receipts", "reading"),
    [
        (event(None, "take"), {"111": 1}, "no time"),
        (event(5.0, "take"), {"111": 1}, "no barcode: a touch"),
        (event(700.0, "take", "222", shelf=1), {"111": 1, "222": 1}, "s of silence played as 10 s"),
        (event(9.0, "take", "333", shelf=1), {"111": 1, "333": 1}, "333: not in the product list with a weight"),
        (event(9.0, "take", "999", shelf=1), {"111": 1, "999": 1}, "999: not in the product list with a weight"),
        (event(9.0, "put_back", "222"), {"111": 1}, "puts back 222 without having it: left out"),
        (event(9.0, "take", "222", shelf=1, plates=[12]), {"111": 1, "222": 1}, "plates [12] of gondola 1 read as [9]"),
        (
            event(9.0, "take", "222", shelf=1),
            {"111": 1},
            "ann: the events come to {'111': 1, '222': 1}, and the receipt says {'111': 1}: sco",
        ),
        (event(0.0, "take", "222", shelf=1), {"111": 1, "222": 1}, "event 1 at 0.0: played in the order of time"),
    ],
)
def test_odd_labels_are_read_in_one_way_and_listed(
    shop: Path, odd: dict[str, Any], receipts: dict[str, int], reading: str
) -> None:
    result = scored(shop, [event(1.0, "take", "111"), odd], {"ann": receipts})
    assert any(reading in line for line in result["readings"]["one"])


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (event(-1.0, "take", "111"), r"\[0\]\.events\[0\]\.seconds"),
        (event(0.0, "steal", "111"), r"\[0\]\.events\[0\]\.action"),
        (event(0.0, "take", "111", shopper="bob"), r"events\[0\]\.shopper: 'bob' has no receipt"),
        (event(0.0, "take", "111", gondola=7), r"events\[0\]: the store has no shelf 2 on gondola 7"),
        (event(float("nan"), "take", "111"), r"scenarios.json:\d+: \[0\]\.events\[0\]\.seconds"),
        (event(90_000.0, "take", "111"), r"scenarios.json:\d+: \[0\]\.events\[0\]\.seconds"),
        ({**event(0.0, "take", "111"), "seconds": "soon"}, r"\[0\]\.events\[0\]\.seconds"),
        (event(0.0, "take", ""), r"\[0\]\.events\[0\]\.barcodes\[0\]"),
        (event(0.0, "take", "111", plates=[]), r"\[0\]\.events\[0\]\.plates"),
        (event(0.0, "take", "111", shelf="top"), r"\[0\]\.events\[0\]\.shelf"),
        ({"seconds": 0.0}, r"\[0\]\.events\[0\]\.shopper: Field required"),
    ],
)
def test_what_has_no_sensible_reading_is_refused_with_its_place(
    shop: Path, bad: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(EvaluationError, match=complaint):
        scored(shop, [bad], {"ann": {}})


def test_a_store_that_is_not_there_is_named(shop: Path) -> None:
    (shop / "Plates.json").unlink()
    with pytest.raises(EvaluationError, match=r"Plates\.json: No such file"):
        scored(shop, [event(0.0, "take", "111")], {"ann": {"111": 1}})


ODD_FILES = (
    ("", r"scenarios.json:1: Expecting value"),
    ("[]", "holds no case"),
    ('{"case": "one"}', "should be a valid tuple"),
    ('[{"case": "one", "receipts": {}}]', "scenarios.json:1: case 'one': receipts name nobody"),
    ('[\n{"case": "one",\n"receipts": {"ann": {"111": 0}}}]', r"scenarios.json:3: \[0\].receipts.ann.111"),
    ('[{"case": "a", "receipts": {"ann": {}}},\n{"case": "a", "receipts": {"ann": {}}}]', "json:2: .* second case 'a'"),
    ('[{"case": "one", "receipts": {"ann": {}, "ann": {"111": 1}}}]', "the key 'ann' stands twice in one object"),
    ('[{"case": "one",\n"receipts": {"ann": {}}', r"scenarios.json:2: Expecting ',' delimiter"),
    ("[" * 100_000, "brackets within brackets"),
    ("\udcff", "utf-8"),
)


@pytest.mark.parametrize(("text", "complaint"), ODD_FILES)
def test_a_file_that_is_none_is_refused_with_its_line(shop: Path, text: str, complaint: str) -> None:
    path = shop / "scenarios.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EvaluationError, match=complaint):
        evaluate_scenarios(path, shop, 1, Seeing(), lambda score, done, total: None)


def test_only_some_cases_can_be_played(shop: Path) -> None:
    path = shop / "scenarios.json"
    events = [event(0.0, "take", "111")]
    path.write_text(json.dumps([{"case": name, "events": events, "receipts": {"ann": {"111": 1}}} for name in "abc"]))
    scores, _ = evaluate_scenarios(path, shop, 1, Seeing(), lambda score, done, total: None, only=["b"])
    assert [score.case for score in scores] == ["b"]
    with pytest.raises(EvaluationError, match="has no case 'd'; it has: a, b, c"):
        evaluate_scenarios(path, shop, 1, Seeing(), lambda score, done, total: None, only=["d"])


def test_more_receipts_than_shoppers_are_told(shop: Path) -> None:
    path = shop / "scenarios.json"
    receipts = {"ann": {"111": 1}, "bob": {}}
    path.write_text(
        json.dumps([{"case": "one", "shoppers": 1, "events": [event(0.0, "take", "111")], "receipts": receipts}])
    )
    _, odd = evaluate_scenarios(path, shop, 1, Seeing(), lambda score, done, total: None)
    assert odd == {"one": ["says 1 shoppers and has 2 receipts: those are scored"]}
