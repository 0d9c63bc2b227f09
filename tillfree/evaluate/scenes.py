"""Many scenes with many seeds, several at once, and what they come to together."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any, Protocol

from tillfree.evaluate.events import EventScore
from tillfree.evaluate.lines import CheckedCart
from tillfree.evaluate.playing import PlayedScene
from tillfree.evaluate.receipts import ReceiptScore, item_f1
from tillfree.evaluate.recording import RecordingScore


@dataclass(frozen=True, slots=True)
class CaseScore:
    """One case with one seed."""

    case: str
    seed: int
    receipts: tuple[ReceiptScore, ...]
    notes: tuple[str, ...]
    seconds: float
    """That it took to play."""
    processor_s: float
    """Of one core, whatever else the machine did."""
    recording: RecordingScore | None = None
    carts: tuple[CheckedCart, ...] = ()

    @property
    def said(self) -> tuple[ReceiptScore, ...]:
        """The receipts as if whoever reviews doubtful lines found each as it was thought best."""
        return tuple(receipt.reviewed_as_said for receipt in self.receipts)

    @property
    def f1(self) -> float:
        """Over the items of all receipts, as they were thought best."""
        return item_f1(self.said)

    @property
    def events(self) -> EventScore | None:
        """Its picks and put-backs, where it was drawn: a receipt can come right by luck, events hardly."""
        match = None if self.recording is None else self.recording.events
        return None if match is None else match.total()

    @property
    def perfect(self) -> bool:
        """Every receipt is exactly right as it was thought best."""
        return all(receipt.exact for receipt in self.said)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of receipts: how many are exact as they were charged, overcharged, or have a line in review."""

    receipts: int
    exact: int
    overcharged: int
    in_review: int

    @staticmethod
    def of(scores: Iterable[CaseScore]) -> "Counts":
        """Of all receipts of these scores."""
        made = [receipt for score in scores for receipt in score.receipts]
        return Counts(
            len(made),
            sum(receipt.exact for receipt in made),
            sum(receipt.overcharged for receipt in made),
            sum(bool(receipt.in_review) for receipt in made),
        )


class Task(Protocol):
    """A case with a seed, ready to be played in any process."""

    @property
    def case(self) -> str:
        """Its name."""

    @property
    def seed(self) -> int:
        """And seed."""

    def play(self) -> PlayedScene:
        """Play it."""


Finished = Callable[[CaseScore, int, int], None]
"""Told each score as it comes, and how many of how many are there."""


def play_all(tasks: Sequence[Task], jobs: int, finished: Finished) -> list[CaseScore]:
    """The scores in the order of `tasks`, whatever `jobs` is. Raises what a task raises; the others are ended then."""
    if jobs == 1 or len(tasks) == 1:
        scores = []
        for task in tasks:
            scores.append(_score(task))
            finished(scores[-1], len(scores), len(tasks))
        return scores
    by_place: dict[int, CaseScore] = {}
    # Spawned: a forked process would share onnxruntime's threads and the renderer's context.
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[CaseScore], int] = {pool.submit(_score, task): n for n, task in enumerate(tasks)}
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    score = future.result()
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
                by_place[waiting.pop(future)] = score
                finished(score, len(by_place), len(tasks))
    return [by_place[place] for place in range(len(tasks))]


def report(scores: Sequence[CaseScore], odd: dict[str, list[str]]) -> dict[str, Any]:
    """The scores as JSON; `odd`: how odd labels were read, by case."""
    return {
        "mean_f1": round(sum(score.f1 for score in scores) / len(scores), 4),
        "perfect": sum(score.perfect for score in scores),
        "total": len(scores),
        "receipts": asdict(Counts.of(scores)),
        "events": _events(scores),
        "seconds_per_scene": round(sum(score.seconds for score in scores) / len(scores), 2),
        "processor_s_per_scene": round(sum(score.processor_s for score in scores) / len(scores), 2),
        "cases": [
            {
                "case": score.case,
                "seed": score.seed,
                "f1": round(score.f1, 4),
                "events": None if score.events is None else score.events.to_json(),
                "seconds": round(score.seconds, 2),
                "processor_s": round(score.processor_s, 2),
                "notes": list(score.notes),
                "receipts": {
                    receipt.shopper: {
                        "charged": dict(receipt.charged),
                        "in_review": dict(receipt.in_review),
                        "true": dict(receipt.true),
                    }
                    for receipt in score.receipts
                },
            }
            for score in scores
        ],
        "readings": odd,
    }


def _events(scores: Sequence[CaseScore]) -> dict[str, float | int] | None:
    """Of all scenes together; None where none was drawn."""
    drawn = [score.events for score in scores if score.events is not None]
    return sum(drawn, EventScore(0, 0, 0)).to_json() if drawn else None


def _score(task: Task) -> CaseScore:
    began_s, began_processor_s = time.perf_counter(), time.process_time()
    played = task.play()
    return CaseScore(
        case=task.case,
        seed=task.seed,
        receipts=played.receipts,
        notes=played.notes,
        seconds=time.perf_counter() - began_s,
        processor_s=time.process_time() - began_processor_s,
        recording=played.recording,
        carts=played.carts,
    )
