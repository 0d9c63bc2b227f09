"""How scores of scenes look on a terminal, while they are played and after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tillfree.cli.output import Advance, console_for, progress, write_json
from tillfree.cli.score_tables import items
from tillfree.errors import EvaluationError
from tillfree.evaluate.playing import Seeing
from tillfree.evaluate.scenes import CaseScore, Counts, Finished, report

Play = Callable[[Finished], tuple[list[CaseScore], dict[str, list[str]]]]
REPORT = "report.html"


@dataclass(slots=True)
class SceneRun:
    """A run of scenes, shown as it goes on. `seeing` is how they are seen."""

    seeing: Seeing
    json_file: str | None
    _began_s: float = field(default_factory=perf_counter)

    def show(self, play: Play) -> None:
        """Play, tell how far it is, print the table, write the JSON and, where recordings are kept, the report."""
        scores, odd = self.play(play)
        result = report(scores, odd)
        console = console_for(self.json_file)
        drawn = ("events F1",) if self.seeing.pixels else ()
        table = Table(
            "case", "receipts F1, seed by seed", "exact", "charged exactly", "overcharged", "in review", *drawn
        )
        for case in dict.fromkeys(score.case for score in scores):
            mine = [score for score in scores if score.case == case]
            exact = f"{sum(score.perfect for score in mine)} of {len(mine)}"
            events = [" ".join(f"{one.events.f1:.2f}" for one in mine if one.events is not None)] if drawn else []
            f1s = " ".join(f"{score.f1:.2f}" for score in mine)
            table.add_row(escape(case), f1s, exact, *_decided(Counts.of(mine)), *events)
        table.add_section()
        table.add_row(
            "together",
            f"{result['mean_f1']:.3f}",
            f"{result['perfect']} of {len(scores)}",
            *_decided(Counts.of(scores)),
        )
        table.caption = (
            "F1 and exact as thought best; by the store's policy, of all receipts: charged exactly, overcharged, "
            "in review · "
            f"{result['seconds_per_scene']:.1f} s a scene, {result['processor_s_per_scene']:.1f} s of a core"
        )
        if result["events"] is not None:
            table.caption += f" · events F1 {result['events']['f1']:.3f}"
        console.print(table)
        print_wrong(console, scores)
        for case, notes in odd.items():
            for note in notes:
                console.print(f"{escape(case)}: {escape(note)}")
        write_json(self.json_file, result)
        self._write_report(console, scores)

    def play(self, play: Play) -> tuple[list[CaseScore], dict[str, list[str]]]:
        """Play, and tell how far it is."""
        with progress("scenes") as advance:
            return play(lambda score, done, total: self._tell(score, done, total, advance))

    def _tell(self, score: CaseScore, done: int, total: int, advance: Advance) -> None:
        advance(done, total)
        if not self.seeing.pixels:
            return
        left_s = (perf_counter() - self._began_s) / done * (total - done)
        # Pictures take minutes: a line for each scene, for a log, too.
        Console(stderr=True, highlight=False).print(
            f"{escape(score.case)}, seed {score.seed}: F1 {score.f1:.2f} in {score.seconds:.0f} s "
            f"({done} of {total}; about {left_s / 60:.0f} min left)"
        )

    def _write_report(self, console: Console, scores: list[CaseScore]) -> None:
        recordings = [score.recording for score in scores if score.recording is not None]
        if self.seeing.keep is not None and recordings:
            from tillfree.evaluate.html.report import write_report

            console.print(f"the report: {write_report(recordings, [], self.seeing.keep / REPORT)}")


def print_wrong(console: Console, scores: Sequence[CaseScore], way: str = "") -> None:
    """A line for each receipt that is not exact as it was charged. `way`: said before each."""
    for score in scores:
        for receipt in score.receipts:
            if not receipt.exact:
                waits = f", in review {items(receipt.in_review)}" if receipt.in_review else ""
                said = f"charged {items(receipt.charged)}{waits}, true {items(receipt.true)}"
                console.print(f"{way}{escape(score.case)}, seed {score.seed}: {escape(receipt.shopper)}: {said}")


def _decided(counts: Counts) -> tuple[str, str, str]:
    return f"{counts.exact} of {counts.receipts}", str(counts.overcharged), str(counts.in_review)


def scene_run(
    *,
    signals: bool,
    swaps: float,
    scales: bool,
    fps: float,
    keep: Path | None,
    json_file: str | None,
    looks: bool = False,
) -> SceneRun:
    """A run as the options say. EvaluationError for options that do not go together."""
    if signals and not scales and not looks:
        raise EvaluationError(
            "--no-scales with --signals leaves nothing that sees what is taken: leave one of them out"
        )
    if signals and keep is not None:
        raise EvaluationError("--keep keeps drawn recordings, and --signals draws none: leave one of them out")
    if not signals and swaps:
        raise EvaluationError("--swaps confuses simulated tracks: it needs --signals")
    return SceneRun(Seeing(not signals, swaps, scales, fps, keep, looks), json_file)
