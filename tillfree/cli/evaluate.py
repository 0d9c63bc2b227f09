"""`tillfree evaluate`: the yardstick."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from tillfree.cli.output import JsonOption, console_for, progress, write_json

app = typer.Typer(help="Score the pipeline against truth.", no_args_is_help=True)


@app.command()
def recording(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR…", help="Recordings with a truth/ folder.")],
    json_file: JsonOption = None,
) -> None:
    """Play recordings through the real pipeline; score events and receipts against their truth."""
    from tillfree.evaluate.recording import report, score_recording

    scores = []
    for number, folder in enumerate(folders, start=1):
        with progress(f"{folder.name} ({number} of {len(folders)})") as advance:
            scores.append(score_recording(folder, advance))
    result = report(scores)
    console = console_for(json_file)
    console.print(_events_table(result))
    for score in scores:
        for receipt in score.receipts:
            verdict = "exact" if receipt.exact else "[bold]WRONG[/bold]"
            waits = f", in review: {_items(receipt.in_review)}" if receipt.in_review else ""
            charged = f"charged {_items(receipt.charged)}, true {_items(receipt.true)}{waits}"
            console.print(f"{score.folder.name}: {receipt.shopper}: {charged}: {verdict}")
        for kind, occurrences in (("false", score.events.false), ("missed", score.events.missed)):
            for wrong in occurrences:
                if wrong.type != "touch" or score.events.touches_scored:
                    what = f"{wrong.type} {wrong.sku or ''} {wrong.slot or ''} by {wrong.shopper or 'nobody known'}"
                    console.print(f"{score.folder.name}: {kind}: {wrong.from_s:.2f}–{wrong.to_s:.2f} s: {what}")
    speed = result["speed"]
    console.print(
        f"{speed['frames']} frames at {speed['frames_per_s']} a second; per second of video "
        f"{speed['own_s_per_video_s'] * 1000:.0f} ms of our own beside the networks' bare runs"
    )
    write_json(json_file, result)


@app.command()
def persons(
    coco: Annotated[Path, typer.Option(metavar="FILE", help="COCO JSON; images may be frames of videos.")],
    json_file: JsonOption = None,
) -> None:
    """Average precision of the person detector on labelled pictures."""
    from tillfree.evaluate.persons import evaluate_persons

    with progress("looking for persons") as advance:
        result = evaluate_persons(coco, advance)
    console_for(json_file).print(
        f"persons on {result['images']} images: AP50 {result['ap50']:.3f}, AP {result['ap']:.3f}"
    )
    write_json(json_file, result)


@app.command()
def tracks(
    *,
    truth: Annotated[list[Path], typer.Option(metavar="FILE", help="MOTChallenge truth; once for each sequence.")],
    tracks: Annotated[
        list[Path], typer.Option(metavar="FILE", help="MOTChallenge tracks; as often, in the same order.")
    ],
    excuse_unscored: Annotated[
        bool, typer.Option(help="Leave out tracks on rows with conf 0, instead of counting them as false.")
    ] = False,
    json_file: JsonOption = None,
) -> None:
    """HOTA, IDF1 and MOTA of tracks, in per cent, as TrackEval counts them."""
    from tillfree.evaluate.tracks.score import evaluate_tracks

    result = evaluate_tracks(truth, tracks, excuse=excuse_unscored)
    table = Table("sequence", "HOTA", "DetA", "AssA", "IDF1", "MOTA", "switches", "persons", "tracks")
    rows = [(_sequence_name(Path(row["truth"])), row) for row in result["sequences"]]
    for name, row in rows if len(rows) == 1 else [*rows, ("[bold]together[/bold]", result)]:
        rates = (f"{row[key]:.1f}" for key in ("hota", "deta", "assa", "idf1", "mota"))
        table.add_row(name, *rates, *(str(row[key]) for key in ("id_switches", "persons", "tracks")))
    console_for(json_file).print(table)
    write_json(json_file, result)


def _sequence_name(truth: Path) -> str:
    """MOTChallenge files are called gt.txt; the sequence's name is its folder's."""
    folders = [part for part in truth.absolute().parts[:-1] if part != "gt"]
    return folders[-1] if truth.stem == "gt" and folders else truth.stem


@app.command()
def scenarios(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written scenes: cases with events and receipts.")],
    store: Annotated[Path, typer.Option(metavar="DIR", help="The store's Gondolas, Shelves, Plates, products .json.")],
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Each case is played with seeds 0 … N − 1.")] = 1,
    signals: Annotated[
        bool, typer.Option("--signals", help="Plates, heads and hands with noise instead of pictures.")
    ] = False,
    swaps: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of close encounters that swap or break track numbers.")
    ] = 0.0,
    json_file: JsonOption = None,
) -> None:
    """Re-enact written scenes in the mock store; F1 over final receipts (scenario-equivalent)."""
    from tillfree.errors import EvaluationError
    from tillfree.evaluate.scenarios import evaluate_scenarios, report

    if not signals:
        raise EvaluationError("scenes are not played in pictures yet: add --signals")
    with progress("scenes") as advance:
        scores, odd = evaluate_scenarios(file, store, seeds, swaps, advance)
    result = report(scores, odd)
    console = console_for(json_file)
    table = Table("case", "F1, seed by seed")
    for case in dict.fromkeys(score.case for score in scores):
        table.add_row(case, " ".join(f"{score.f1:.2f}" for score in scores if score.case == case))
    table.caption = f"mean F1 {result['mean_f1']:.3f} · perfect {result['perfect']} of {result['total']}"
    console.print(table)
    for case, notes in odd.items():
        for note in notes:
            console.print(f"{case}: {note}")
    write_json(json_file, result)


def _events_table(result: dict[str, Any]) -> Table:
    table = Table("events", "true", "false", "missed", "precision", "recall", "F1")
    rows = [("scored", result["events"]), *result["events"]["by_type"].items()]
    for name, row in rows:
        counts = (str(row[key]) for key in ("true", "false", "missed"))
        rates = (f"{row[key]:.3f}" for key in ("precision", "recall", "f1"))
        table.add_row(name, *counts, *rates)
    exact = result["receipts"]
    table.caption = f"receipts exact: {exact['exact']} of {exact['total']} · item F1 {result['item_f1']:.3f}"
    return table


def _items(items: Any) -> str:
    return ", ".join(f"{qty} × {sku}" for sku, qty in sorted(items.items())) or "nothing"
