"""`tillfree calibrate`: every camera to metres, and whether it still looks where it looked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from edge.calibration.errors import CalibrationError
from protocol.store import Camera, Store
from protocol.store_file import parse_store, read_store
from tillfree.cli import calibrate_board, calibrate_lens, calibrate_reference, calibrate_together
from tillfree.cli.calibrate_options import (
    DetectionsOption,
    DryRunOption,
    FpsOption,
    RecordingOption,
    SquareOption,
    SquaresOption,
    StoreArgument,
    TallOption,
)
from tillfree.cli.output import JsonOption, console_for, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from hardware.ports import Image
    from tillfree.calibrate.found import Found


class _CameraFirst(TyperGroup):
    """`tillfree calibrate STORE.yaml …` is `tillfree calibrate camera STORE.yaml …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, with the usual command put before them where none is named."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["camera", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="Every camera to metres: by marked points, a printed board, or people who walk.",
    no_args_is_help=True,
    cls=_CameraFirst,
)


@app.command()
def camera(
    store: StoreArgument,
    *,
    camera: Annotated[str | None, typer.Option(metavar="ID", help="Which camera.")] = None,
    point: Annotated[
        list[str] | None, typer.Option(metavar="u,v=x,y", help="A marked point, instead of the store file's.")
    ] = None,
    points: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Marked points instead: columns u, v (pixels), x, y (metres).")
    ] = None,
    line: Annotated[
        list[str] | None, typer.Option(metavar='"u,v u,v u,v"', help="Pixels along an edge that is straight really.")
    ] = None,
    seen: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Picture or video of the board on the floor, or `live`.")
    ] = None,
    at: Annotated[
        list[str] | None, typer.Option(metavar="x,y,yaw", help="Where its cross lay (m), its lower edge's turn (°).")
    ] = None,
    squares: SquaresOption = "3x4",
    square_mm: SquareOption = 90.0,
    with_: Annotated[
        str | None, typer.Option("--with", metavar="ID", help="A calibrated camera that saw the same people.")
    ] = None,
    recording: RecordingOption = None,
    detections: DetectionsOption = None,
    fps: FpsOption = 10.0,
    tall: TallOption = None,
    view: Annotated[
        str | None, typer.Option(metavar="FILE", help="Picture or video of the scene (`live`: now) for --picture.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the floor's grid here. With --check: the picture to check."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say whether cameras were knocked askew since.")] = False,
    dry_run: DryRunOption = False,
    json_file: JsonOption = None,
) -> None:
    """Calibrate one camera of a store to metres, and write it into the store file; or --check what was calibrated."""
    console = console_for(json_file)
    if check:
        _check(console, store, camera, picture, json_file)
        return
    from tillfree.calibrate import asked, finding
    from tillfree.calibrate.drawing import draw
    from tillfree.calibrate.keeping import text_of
    from tillfree.calibrate.planned import planned
    from tillfree.calibrate.remembering import remember
    from tillfree.calibrate.seen_walking import sights
    from tillfree.calibrate.telling import tell
    from tillfree.calibrate.writing import write

    text = text_of(store)
    plans = parse_store(text, str(store))
    plan = planned(plans, camera, store)
    folder = store.parent
    methods = [name for name, given in (("--seen", seen), ("--with", with_), ("--point", point or points)) if given]
    if len(methods) > 1:
        raise CalibrationError(f"{' and '.join(methods)}: calibrate by one of them")
    found: Found
    if seen:
        places = [asked.place_of(each) for each in at or ()]
        found = finding.by_board(plan, seen, places, asked.board_of(squares, square_mm), folder)
    elif with_ is not None:
        other = planned(plans, with_, store)
        if other.id == plan.id:
            raise CalibrationError(f"--with {with_}: a camera does not tell where it hangs itself; name another one")
        usual_m = asked.tall_of(tall)
        found = finding.by_people(*sights((plan, other), recording, detections or (), fps), other, usual_m)
    else:
        given = [asked.point_of(each) for each in point or ()]
        given += asked.points_in(points) if points is not None else ()
        lines = [asked.line_of(each) for each in line or ()]
        found = finding.by_points(plan, given or plan.floor_points, lines)
    looked = _look(plan, view or (seen[0] if seen else None), folder, recording if with_ is not None else None)
    tell(console, found)
    if picture is not None:
        draw(found, looked, picture)
        console.print(f"the floor's grid is drawn in {picture}")
    if not dry_run:
        write(store, text, [found], given_points=bool(point or points))
        console.print(f"written to {store}")
        console.print(remember(store, plan.id, looked), soft_wrap=True)
    write_json(json_file, found.to_json())


app.command()(calibrate_together.together)
app.command()(calibrate_board.board)
app.command()(calibrate_lens.lens)
app.command()(calibrate_reference.reference)


def _look(plan: Camera, source: str | None, folder: Path, recording: Path | None) -> "list[Image]":
    from tillfree.calibrate.pictures import pictures_of
    from tillfree.calibrate.seen_walking import one_look

    return one_look(recording, plan) if source is None else pictures_of(source, plan, folder)


def _check(console: "Console", path: Path, name: str | None, picture: Path | None, json_file: str | None) -> None:
    from tillfree.calibrate.checking import cameras_to_check, checked
    from tillfree.calibrate.planned import planned

    store: Store = read_store(path)
    asked_for = picture is not None or name is not None
    result = checked(path, [planned(store, name, path)] if asked_for else cameras_to_check(store, path), picture)
    for sentence in result.sentences:
        console.print(sentence, soft_wrap=True)
    write_json(json_file, {"cameras": list(result.answers), "problems": list(result.wrong)})
    if result.wrong:
        raise CalibrationError("\n".join(result.wrong))
