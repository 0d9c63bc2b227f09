"""The library's scenes on a terminal: seen in one way, or in every way side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from tillfree.cli.output import console_for, write_json
from tillfree.cli.scene_tables import SceneRun, print_wrong, scene_run
from tillfree.errors import EvaluationError
from tillfree.evaluate.library import evaluate_library
from tillfree.evaluate.scenes import CaseScore, Counts, Finished, report


@dataclass(frozen=True, slots=True)
class Asked:
    """What is played, however it is seen."""

    names: Sequence[str]
    seeds: int
    swaps: float
    fps: float
    keep: Path | None
    jobs: int
    json_file: str | None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to see the scenes."""

    name: str
    signals: bool
    looks: bool
    scales: bool

    def run(self, asked: Asked) -> SceneRun:
        """A run in this way. EvaluationError for options that do not go together."""
        return scene_run(
            signals=self.signals,
            swaps=asked.swaps if self.signals else 0.0,
            scales=self.scales,
            fps=asked.fps,
            keep=None if self.signals else asked.keep,
            json_file=asked.json_file,
            looks=self.looks,
        )


WAYS = (
    Way("signals, plates", signals=True, looks=False, scales=True),
    Way("signals, looks and scale", signals=True, looks=True, scales=True),
    Way("signals, looks alone", signals=True, looks=True, scales=False),
    Way("pixels and scale", signals=False, looks=False, scales=True),
    Way("pixels alone", signals=False, looks=False, scales=False),
)
"""With shelf cameras, two and one scale a gondola; `plates`: one a slot, and no shelf camera."""


def show_library(asked: Asked, *, signals: bool, looks: bool, scales: bool, every_way: bool) -> None:
    """Play as it was asked, and print the table. EvaluationError for options that do not go together."""
    if every_way:
        if signals or looks or not scales:
            raise EvaluationError("--all is signals and pixels, with scales and without: leave the others out")
        _show_all(asked)
        return
    if looks and not signals:
        raise EvaluationError("--looks are signals in place of shelf cameras' pictures: it needs --signals")
    if signals and asked.keep is not None:
        raise EvaluationError("--keep keeps drawn recordings, and --signals draws none: leave one of them out")
    if asked.swaps and not signals:
        raise EvaluationError("--swaps confuses simulated tracks: it needs --signals")
    way = Way("", signals, looks or (signals and not scales), scales)
    run = way.run(asked)
    run.show(lambda finished: (_play(asked, run, finished), {}))


def _play(asked: Asked, run: SceneRun, finished: Finished) -> list[CaseScore]:
    return evaluate_library(asked.names, asked.seeds, run.seeing, asked.jobs, finished)


def _show_all(asked: Asked) -> None:
    console = console_for(asked.json_file)
    by_way: dict[str, list[CaseScore]] = {}
    for way in WAYS:
        Console(stderr=True, highlight=False).print(f"{way.name} …")
        run = way.run(asked)

        def play(finished: Finished, run: SceneRun = run) -> tuple[list[CaseScore], dict[str, list[str]]]:
            return _play(asked, run, finished), {}

        by_way[way.name] = run.play(play)[0]
    console.print(_table(by_way))
    for name, scores in by_way.items():
        print_wrong(console, scores, f"{name}: ")
    write_json(asked.json_file, {"ways": {name: report(scores, {}) for name, scores in by_way.items()}})


def _table(by_way: dict[str, list[CaseScore]]) -> Table:
    table = Table(Column("scene", no_wrap=True), *by_way)
    names = dict.fromkeys(score.case for scores in by_way.values() for score in scores)
    for name in names:
        mine = ([score for score in scores if score.case == name] for scores in by_way.values())
        table.add_row(escape(name), *map(_cell, mine))
    table.add_section()
    table.add_row("together", *map(_cell, by_way.values()))
    table.caption = "F1 as thought best · receipts charged exactly, of all · overcharged (o) · in review (r)"
    return table


def _cell(scores: Sequence[CaseScore]) -> str:
    counts = Counts.of(scores)
    f1 = sum(score.f1 for score in scores) / len(scores)
    wrong = (f"{counts.overcharged}o" if counts.overcharged else "", f"{counts.in_review}r" if counts.in_review else "")
    return " ".join(part for part in (f"{f1:.2f}", f"{counts.exact}/{counts.receipts}", *wrong) if part)
