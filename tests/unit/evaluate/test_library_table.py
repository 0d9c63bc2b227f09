"""The library's table: every way side by side, and options that do not go together."""

from pathlib import Path

import pytest

from tillfree.cli.library_table import Asked, show_library
from tillfree.errors import EvaluationError
from tillfree.evaluate.library import evaluate_library
from tillfree.evaluate.playing import Seeing
from tillfree.evaluate.receipts import ReceiptScore
from tillfree.evaluate.scenes import CaseScore, Counts


@pytest.mark.parametrize(
    ("signals", "looks", "scales", "every_way", "keep", "complaint"),
    [
        (True, False, True, True, None, "--all is signals and pixels"),
        (False, False, False, True, None, "--all is signals and pixels"),
        (False, True, True, False, None, "--looks are signals"),
        (True, False, True, False, Path("x"), "--signals draws none"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    signals: bool, looks: bool, scales: bool, every_way: bool, keep: Path | None, complaint: str
) -> None:
    asked = Asked(["both-hands"], 1, 0.0, 5.0, keep, 1, None)
    with pytest.raises(EvaluationError, match=complaint):
        show_library(asked, signals=signals, looks=looks, scales=scales, every_way=every_way)


def test_receipts_are_counted_as_they_are_charged_and_f1_is_of_what_was_thought_best() -> None:
    receipts = (
        ReceiptScore("ann", {"tea": 1}, {}, {"tea": 1}),
        ReceiptScore("bob", {}, {"cola": 1, "(unknown)": 1}, {"cola": 1}),
        ReceiptScore("eve", {"tea": 2}, {}, {"tea": 1}),
    )
    score = CaseScore("a", 0, receipts, (), 0.0, 0.0)
    assert Counts.of([score]) == Counts(receipts=3, exact=1, overcharged=1, in_review=1)
    assert score.f1 == pytest.approx(2 * 3 / (4 + 3))
    assert not score.perfect


def test_shelf_cameras_words_alone_tell_what_was_taken() -> None:
    (score,) = evaluate_library(["following-in"], 1, Seeing(looks=True, scales=False), 1, lambda *_: None)
    assert score.f1 == 1.0
