"""Scoring how well products are known: label files, ranks, and what is none of them."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.perception.products.certainty import Certainty
from tests.unit.edge.drawn_shelf import COLOURS, Colours, photo
from tillfree.errors import EvaluationError
from tillfree.evaluate import products
from tillfree.evaluate.product_labels import read_product_labels
from tillfree.evaluate.products import (
    DRAWS,
    Trial,
    auroc,
    calibration_error,
    evaluate_products,
    narrowed,
    ranks,
    said,
    said_if_known,
    said_of_few,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for sku in COLOURS:
        cv2.imwrite(str(tmp_path / f"{sku}.png"), photo(sku))
        cv2.imwrite(str(tmp_path / f"{sku}-dim.png"), (photo(sku) * 0.9).astype(np.uint8))
    monkeypatch.setattr(products, "Appearance", lambda _path: Colours())
    monkeypatch.setattr(products, "onnx_path", Path)
    return tmp_path


def labels(folder: Path, name: str, *rows: str, head: str = "file,fine_class_id") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_drawn_shop_is_known(folder: Path) -> None:
    gallery = labels(folder, "gallery.csv", "water.png,7", "cola.png,8")
    queries = labels(folder, "queries.csv", "cola-dim.png,8", "water-dim.png,7", "juice.png,9")
    found = evaluate_products(gallery, queries, lambda done, total: None)
    assert (found["top1"], found["top5"], found["queries"], found["unknown"]) == (1.0, 1.0, 2, 1)
    assert found["by_class"] == {"7": {"queries": 1, "top1": 1.0}, "8": {"queries": 1, "top1": 1.0}}
    assert found["auroc_unknown"] == 1.0
    assert found["in_gallery_too"] == 0
    wrong = labels(folder, "wrong.csv", "cola-dim.png,7", "water-dim.png,8")
    assert evaluate_products(gallery, wrong, lambda done, total: None)["top1"] == 0.0


def test_more_columns_and_blanks_are_passed_over(folder: Path) -> None:
    path = labels(folder, "g.csv", "7, water.png ,x", head="fine_class_id, file,fine_class_name")
    (row,) = read_product_labels(path)
    assert (row.product, row.path, row.where) == ("7", folder / "water.png", f"{path}:2")


@pytest.mark.parametrize(
    ("rows", "head", "says"),
    [
        (["water.png"], "file,class", r"g.csv:1: no column 'fine_class_id'"),
        ([], "file,fine_class_id", "names no pictures"),
        (["water.png,"], "file,fine_class_id", r"g.csv:2: fine_class_id is empty"),
        (["water.png,1", ",2"], "file,fine_class_id", r"g.csv:3: file is empty"),
        (["water.png"], "file,fine_class_id", r"g.csv:2: fine_class_id is empty"),
        (["gone.png,1", "away.png,2"], "file,fine_class_id", r"g.csv:2: no file .*gone.png\n.*g.csv:3: no file"),
    ],
)
def test_bad_rows_are_named(folder: Path, rows: list[str], head: str, says: str) -> None:
    with pytest.raises(EvaluationError, match=says):
        read_product_labels(labels(folder, "g.csv", *rows, head=head))


def test_pictures_that_are_none_are_all_named_with_their_lines(folder: Path) -> None:
    (folder / "broken.png").write_bytes(b"\x89PNG broken")
    cv2.imwrite(str(folder / "dot.png"), np.zeros((2, 2, 3), np.uint8))
    gallery = labels(folder, "gallery.csv", "water.png,7", "broken.png,8", "dot.png,9")
    with pytest.raises(EvaluationError, match=r"gallery.csv:3: .*not a whole picture.*\n.*gallery.csv:4: .*2×2 pixels"):
        evaluate_products(gallery, gallery, lambda done, total: None)


def test_files_that_are_no_labels_are_refused(folder: Path) -> None:
    with pytest.raises(EvaluationError, match="No such file"):
        read_product_labels(folder / "none.csv")
    (folder / "latin.csv").write_bytes(b"file,fine_class_id\n\xff\xfe,1\n")
    with pytest.raises(EvaluationError, match="not UTF-8"):
        read_product_labels(folder / "latin.csv")
    gallery, queries = labels(folder, "a.csv", "water.png,1"), labels(folder, "b.csv", "cola.png,2")
    with pytest.raises(EvaluationError, match="none of its classes is in"):
        evaluate_products(gallery, queries, lambda done, total: None)


def test_ranks_count_who_is_ahead_and_leave_strangers_out() -> None:
    scores = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.2, 0.2, 0.2], [1.0, 0.0, 0.0]])
    assert ranks(["a", "b", "c"], scores, ["a", "c", "b", "?"]).tolist() == [0, 2, 1]


def test_none_of_these_is_an_answer_that_may_be_right() -> None:
    scores = np.array([[0.9, 0.1], [0.1, 0.0], [0.1, 0.0]])
    stated, right = said(Trial(("a", "b"), scores, ("a", "strange", "b"), Certainty(20.0, 0.5)))
    assert right.tolist() == [True, True, False]
    assert (stated > 0.99).all()
    assert calibration_error(stated, right) == pytest.approx(1 / 3, abs=0.01)
    stated, right = said_if_known(Trial(("a", "b"), scores, ("a", "strange", "b"), Certainty(20.0, 0.5)))
    assert right.tolist() == [True, False]
    assert stated == pytest.approx([1.0, 1 / (1 + np.exp(-2.0))], abs=1e-3)


def test_fewer_candidates_are_easier() -> None:
    chance = np.random.default_rng(0)
    scores = chance.normal(size=(40, 20)) + 1.5 * np.eye(20)[np.arange(40) % 20]
    names = tuple(f"{place:02d}" for place in range(20))
    trial = Trial(names, scores, tuple(names[place % 20] for place in range(40)), Certainty(20.0, 0.5))
    assert narrowed(trial, 2) > narrowed(trial, 5) > narrowed(trial, 15) > float(np.mean(trial.ranks() < 1)) - 0.05


def test_among_few_each_query_is_asked_with_the_right_one_and_without() -> None:
    trial = Trial(("a", "b", "c"), np.eye(3), ("a", "strange", "c"), Certainty(20.0, 0.5), {2: Certainty(90.0, 0.5)})
    stated, right = said_of_few(trial, 2)
    # Two known queries; a strange one has no right one.
    assert len(stated) == len(right) == 2 * 2 * DRAWS
    assert right.all()
    assert (stated > 0.999).all()
    assert (stated > said_of_few(replace(trial, few={}), 2)[0]).all()


def test_auroc_is_how_probably_one_is_above_the_other() -> None:
    assert auroc(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1.0
    assert auroc(np.array([1.0]), np.array([1.0])) == 0.5
    assert auroc(np.array([0.0, 2.0]), np.array([1.0])) == 0.5
