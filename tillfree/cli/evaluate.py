"""`tillfree evaluate`: the yardstick."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from tillfree.cli.output import JsonOption, console_for, progress, write_json

app = typer.Typer(help="Score the pipeline against truth.", no_args_is_help=True)


@app.command()
def recording(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR…", help="Recordings; their truth/ folder is what counts.")
    ],
    jobs: Annotated[int, typer.Option(min=1, max=64, help="How many recordings are played at once.")] = 1,
    html: Annotated[
        Path | None, typer.Option(metavar="DIR|FILE", help="Write a report with pictures of each wrong line.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Play recordings through the real pipeline and score them: events, receipts, tracks, places, delays."""
    from tillfree.cli.score_tables import events_table, print_lines, summary_table
    from tillfree.errors import EvaluationError
    from tillfree.evaluate.many import Refused, score_recordings
    from tillfree.evaluate.summary import report

    with progress(folders[0].name if len(folders) == 1 else f"{len(folders)} recordings") as advance:
        outcomes = score_recordings(folders, jobs, advance, keep_crops=html is not None)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    scores = [outcome for outcome in outcomes if not isinstance(outcome, Refused)]
    console = console_for(json_file)
    if scores:
        result = report(scores)
        result["refused"] = [{"recording": str(each.folder), "error": each.reason} for each in refused]
        if result["events"] is not None:
            console.print(events_table(result["events"]))
        console.print(summary_table(result))
        for score in scores:
            print_lines(console, score)
        write_json(json_file, result)
    if html is not None and scores:
        from tillfree.evaluate.html.report import write_report

        console.print(f"the report: {write_report(scores, refused, html)}")
    if refused:
        reasons = "\n".join(each.reason for each in refused)
        some = "" if len(folders) == 1 else f"{len(refused)} of {len(folders)} recordings could not be scored:\n"
        raise EvaluationError(some + reasons)


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
def products(
    *,
    gallery: Annotated[Path, typer.Option(metavar="CSV", help="Photos to enrol: columns file, fine_class_id.")],
    queries: Annotated[Path, typer.Option(metavar="CSV", help="Pictures to recognise: the same columns.")],
    json_file: JsonOption = None,
) -> None:
    """How often a product is known by its looks; classes that the gallery lacks should come out as none of it."""
    from tillfree.evaluate.products import evaluate_products

    with progress("looking at products") as advance:
        result = evaluate_products(gallery, queries, advance)
    console = console_for(json_file)
    near, few = result["nearest_photo"], result["narrowed"]
    console.print(
        f"{result['queries']} queries, {result['classes']} classes, {result['gallery']} photos: top-1 "
        f"{result['top1']:.3f}, top-5 {result['top5']:.3f}; by the nearest photo {near['top1']:.3f}, {near['top5']:.3f}"
    )
    unsure = result["narrowed_calibration_error"]
    console.print(
        "; ".join(
            f"among {count} candidates {share:.3f}"
            + (f" (calibration error with none of these {unsure[count]:.3f})" if count in unsure else "")
            for count, share in few.items()
        )
    )
    console.print(
        f"expected calibration error {result['expected_calibration_error']:.3f} with none of these as an answer, "
        f"{result['expected_calibration_error_if_known']:.3f} among the products"
    )
    if result["unknown"]:
        console.print(f"{result['unknown']} of things not in the gallery: told apart {result['auroc_unknown']:.3f}")
    if result["in_gallery_too"]:
        console.print(f"{result['in_gallery_too']} queries are photos of the gallery: this says little")
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


Seeds = Annotated[int, typer.Option(min=1, max=1000, help="Each is played with seeds 0 … N − 1.")]
Signals = Annotated[bool, typer.Option("--signals", help="Plates, heads and hands with noise instead of pictures.")]
Swaps = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="With --signals: share of close encounters that confuse tracks.")
]
Scales = Annotated[bool, typer.Option("--scales/--no-scales", help="Whether plates weigh beside the cameras.")]
Fps = Annotated[float, typer.Option(min=1.0, max=30.0, help="Pictures a second and camera.")]
Keep = Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the drawn recordings here, and a report.html.")]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="How many scenes are played at once.")]


@app.command()
def scenarios(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written scenes: cases with events and receipts.")],
    store: Annotated[Path, typer.Option(metavar="DIR", help="The store's Gondolas, Shelves, Plates, products .json.")],
    cases: Annotated[str | None, typer.Option(metavar="A,B", help="Only these cases.")] = None,
    seeds: Seeds = 1,
    signals: Signals = False,
    swaps: Swaps = 0.0,
    scales: Scales = True,
    fps: Fps = 5.0,
    keep: Keep = None,
    jobs: Jobs = 1,
    json_file: JsonOption = None,
) -> None:
    """Re-enact written scenes in the mock store; F1 over final receipts (scenario-equivalent)."""
    from tillfree.cli.scene_tables import scene_run
    from tillfree.evaluate.scenarios import evaluate_scenarios

    only = [name.strip() for name in (cases or "").split(",") if name.strip()]
    run = scene_run(signals=signals, swaps=swaps, scales=scales, fps=fps, keep=keep, json_file=json_file)
    run.show(lambda finished: evaluate_scenarios(file, store, seeds, run.seeing, finished, only=only, jobs=jobs))


@app.command()
def library(
    *,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME…", help="Scenes of the library; all without.")
    ] = None,
    cases: Annotated[str | None, typer.Option(metavar="A,B", help="Only these scenes, too.")] = None,
    seeds: Seeds = 1,
    signals: Signals = False,
    looks: Annotated[
        bool, typer.Option("--looks", help="With --signals: what the shelf cameras would say, and a scale a gondola.")
    ] = False,
    swaps: Swaps = 0.0,
    scales: Scales = True,
    every_way: Annotated[
        bool, typer.Option("--all", help="The whole table: by signals and by pixels, with scales and without.")
    ] = False,
    fps: Fps = 5.0,
    keep: Keep = None,
    jobs: Jobs = 1,
    json_file: JsonOption = None,
) -> None:
    """Play the library's scenes (docs/scenes.md), what is hard about a shop; F1 over final receipts.

    By pictures without --signals, which takes a minute a scene; with --keep films are made once. With --signals alone,
    by plates, one a slot; with --looks by shelf cameras, too, and with --no-scales by these alone.
    """
    from tillfree.cli.library_table import Asked, show_library

    only = [*(names or []), *(name.strip() for name in (cases or "").split(",") if name.strip())]
    asked = Asked(only, seeds, swaps, fps, keep, jobs, json_file)
    show_library(asked, signals=signals, looks=looks, scales=scales, every_way=every_way)
