"""Scenes with seeds: what they come to, in whatever order they are done, and options that do not go together."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tillfree.cli.scene_tables import scene_run
from tillfree.errors import EvaluationError
from tillfree.evaluate.library import evaluate_library
from tillfree.evaluate.playing import PlayedScene, Seeing
from tillfree.evaluate.receipts import ReceiptScore
from tillfree.evaluate.scenes import CaseScore, play_all, report


@dataclass(frozen=True)
class Taken:
    """A case whose shopper is charged for water, whatever was taken."""

    case: str
    seed: int

    def play(self) -> PlayedScene:
        if self.case == "broken":
            raise EvaluationError("cannot be played")
        return PlayedScene((ReceiptScore("ann", {"water": 1}, {}, {"water" if self.seed else "tea": 1}),), (), None)


TASKS = [Taken(case, seed) for case in ("a", "b") for seed in (0, 1)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_scores_come_in_the_order_of_their_tasks_whoever_does_them(jobs: int) -> None:
    told: list[tuple[int, int]] = []
    scores = play_all(TASKS, jobs, lambda score, done, total: told.append((done, total)))
    assert [(score.case, score.seed, score.f1) for score in scores] == [(t.case, t.seed, float(t.seed)) for t in TASKS]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    result = report(scores, {})
    assert (result["mean_f1"], result["perfect"], result["total"], result["events"]) == (0.5, 2, 4, None)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_cannot_be_played_ends_the_run_with_its_reason(jobs: int) -> None:
    with pytest.raises(EvaluationError, match="cannot be played"):
        play_all([*TASKS, Taken("broken", 0)], jobs, lambda score, done, total: None)


def test_the_library_is_scored_against_what_really_happens() -> None:
    scores: list[CaseScore] = evaluate_library(
        ["both-hands", "following-in"], 1, Seeing(), 1, lambda score, done, total: None
    )
    both, following = scores
    assert both.perfect
    assert {receipt.shopper: dict(receipt.true) for receipt in following.receipts} == {"ann": {"water": 1}}


def test_a_scene_that_the_library_does_not_have_is_named() -> None:
    with pytest.raises(EvaluationError, match="no scene 'robbery'; it has: arms-crossing"):
        evaluate_library(["robbery"], 1, Seeing(), 1, lambda score, done, total: None)


@pytest.mark.parametrize(
    ("signals", "swaps", "scales", "keep", "complaint"),
    [
        (True, 0.0, False, None, "--no-scales with --signals leaves nothing"),
        (True, 0.0, True, Path("x"), "--signals draws none"),
        (False, 0.3, True, None, "--swaps confuses simulated tracks"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    signals: bool, swaps: float, scales: bool, keep: Path | None, complaint: str
) -> None:
    with pytest.raises(EvaluationError, match=complaint):
        scene_run(signals=signals, swaps=swaps, scales=scales, fps=5.0, keep=keep, json_file=None)
