"""`tillfree calibrate`: every camera to metres, and whether it still looks where it looked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from edge.calibration.errors import CalibrationError
from protocol.document import FileError
from protocol.store import Camera, Store
from protocol.store_file import parse_store, read_store
from tillfree.cli.output import JsonOption, console_for, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from edge.calibration.knocked import Askew
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

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE.yaml", help="The store file.")]
SquaresOption = Annotated[str, typer.Option(metavar="CxR", help="Columns and rows of the board's squares.")]
SquareOption = Annotated[float, typer.Option(metavar="MM", help="The side of a square as printed: measure it.")]


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
    recording: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The recording in which both cameras saw them.")
    ] = None,
    detections: Annotated[
        list[str] | None, typer.Option(metavar="ID=FILE", help="Their boxes as MOTChallenge text instead.")
    ] = None,
    fps: Annotated[float, typer.Option(help="Of the pictures that such boxes were found in.")] = 10.0,
    view: Annotated[
        str | None, typer.Option(metavar="FILE", help="Picture or video of the scene (`live`: now) for --picture.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the floor's grid here. With --check: the picture to check."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say whether cameras were knocked askew since.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Leave the store file as it is.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Calibrate one camera of a store to metres, and write it into the store file; or --check what was calibrated."""
    console = console_for(json_file)
    if check:
        _check(console, store, camera, picture, json_file)
        return
    from tillfree.calibrate import asked, finding
    from tillfree.calibrate.keeping import text_of

    text = text_of(store)
    plan = _camera(parse_store(text, str(store)), camera, store)
    folder = store.parent
    methods = [name for name, given in (("--seen", seen), ("--with", with_), ("--point", point or points)) if given]
    if len(methods) > 1:
        raise CalibrationError(f"{' and '.join(methods)}: calibrate by one of them")
    if seen:
        places = [asked.place_of(each) for each in at or ()]
        found = finding.by_board(plan, seen, places, asked.board_of(squares, square_mm), folder)
    elif with_ is not None:
        other = _camera(parse_store(text, str(store)), with_, store)
        found = finding.by_people(plan, other, *_boxes(plan, other, recording, detections or (), fps))
    else:
        given = [asked.point_of(each) for each in point or ()]
        given += asked.points_in(points) if points is not None else ()
        lines = [asked.line_of(each) for each in line or ()]
        found = finding.by_points(plan, given or plan.floor_points, lines)
    looked = _look(plan, view or (seen[0] if seen else None), folder)
    _tell(console, found)
    if picture is not None:
        _draw(found, looked, picture, plan)
        console.print(f"the floor's grid is drawn in {picture}")
    if not dry_run:
        _write(console, store, text, plan, found, given_points=bool(point or points))
        _remember(console, store, plan, looked)
    write_json(json_file, found.to_json())


@app.command()
def board(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to put it: .pdf or .png.")],
    paper: Annotated[str, typer.Option(help="a4, a3, a2, a1 or a0; the larger, the farther it is seen.")] = "a3",
    squares: SquaresOption = "3x4",
    square_mm: Annotated[
        float | None, typer.Option(metavar="MM", help="A square's side; the largest that fits.")
    ] = None,
) -> None:
    """Draw the board to print (at 100 %, on matt paper) and lay on the floor."""
    from edge.calibration.pictures.sheet import board_for, pdf, png
    from tillfree.calibrate.asked import board_of

    shape = board_of(squares, square_mm or 1.0)
    chosen = board_for(paper, shape.columns, shape.rows, square_mm)
    if out.suffix.lower() not in {".pdf", ".png"}:
        raise CalibrationError(f"{out}: a board is a .pdf or a .png")
    try:
        out.write_bytes(pdf(chosen, paper) if out.suffix.lower() == ".pdf" else png(chosen, paper))
    except OSError as error:
        raise CalibrationError(f"{out}: {error.strerror}") from None
    console_for(None).print(
        f"{out}: {chosen.columns}×{chosen.rows} squares of {chosen.square_mm:g} mm on {paper}. Print it at 100 %, "
        f"measure a square, and say --squares {chosen.columns}x{chosen.rows} --square-mm {chosen.square_mm:g}",
        soft_wrap=True,
    )


@app.command()
def lens(
    store: StoreArgument,
    *,
    camera: Annotated[str, typer.Option(metavar="ID", help="Which camera.")],
    seen: Annotated[
        list[str], typer.Option(metavar="FILE", help="A picture of the pattern, a folder of them, a video, or `live`.")
    ],
    inner: Annotated[
        str | None, typer.Option(metavar="CxR", help="Inner corners of a chessboard; without it, the printed board.")
    ] = None,
    squares: SquaresOption = "3x4",
    square_mm: SquareOption = 90.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Leave the store file as it is.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Find how a camera's lens bends, from pictures of a chessboard or the printed board held before it."""
    from edge.calibration.pictures.lens_seen import lens_from_pictures
    from edge.calibration.written import with_calibration
    from protocol.store import Lens
    from tillfree.calibrate import asked
    from tillfree.calibrate.keeping import replace_text, text_of
    from tillfree.calibrate.pictures import pictures_of

    console = console_for(json_file)
    text = text_of(store)
    plan = _camera(parse_store(text, str(store)), camera, store)
    images: list[tuple[str, Image]] = []
    for source in seen:
        several = pictures_of(source, plan, store.parent)
        images += [(f"{source} {n}" if len(several) > 1 else source, image) for n, image in enumerate(several, 1)]
    chessboard = None if inner is None else asked.board_of(inner, 1.0)
    pattern = asked.board_of(squares, square_mm) if chessboard is None else (chessboard.columns, chessboard.rows)
    found = lens_from_pictures(images, pattern, plan.id)
    optics = found.optics
    assert optics.focal_px is not None, "Zhang's method finds a focal length"
    told = Lens(
        model="brown",
        size=optics.size,
        centre=(round(optics.centre[0], 2), round(optics.centre[1], 2)),
        focal=round(optics.focal_px, 2),
        coefficients=tuple(round(value, 6) for value in optics.coefficients),
    )
    console.print(
        f"camera {plan.id}: focal length {told.focal} px, centre {told.centre}, k1 k2 p1 p2 {told.coefficients}; "
        f"corners foretold in pictures not used: {found.error_px:.2f} px; {found.pictures} pictures, "
        f"{len(found.unused)} without the whole pattern",
        soft_wrap=True,
    )
    if not dry_run:
        # What was found of the floor was found with another lens.
        parts = {"lens": told, "pose": None, "floor_view": None}
        replace_text(store, text, with_calibration(text, str(store), plan.id, parts))
        console.print(f"written to {store}; now calibrate its floor: by points, a board or people", soft_wrap=True)
    write_json(json_file, {"camera": plan.id, "lens": told.model_dump(), "error_px": round(found.error_px, 3)})


def _camera(store: Store, name: str | None, path: Path) -> Camera:
    if name is None and len(store.cameras) == 1:
        return store.cameras[0]
    known = ", ".join(camera.id for camera in store.cameras)
    if name is None:
        raise CalibrationError(f"{path}: which camera? --camera is one of {known}")
    found = store.camera(name)
    if found is None:
        raise CalibrationError(f"{path}: there is no camera {name!r}; there are {known}")
    return found


def _boxes(plan: Camera, other: Camera, recording: Path | None, detections: "list[str] | tuple[()]", fps: float) -> Any:
    from edge.perception.networks import Networks
    from protocol.recording import read_recording
    from tillfree.calibrate.walkers import boxes_in, boxes_of

    files = dict(each.partition("=")[::2] for each in detections)
    if recording is None and not {plan.id, other.id} <= files.keys():
        raise CalibrationError(
            f"say where {plan.id!r} and {other.id!r} saw people: --recording DIR, or --detections {plan.id}=FILE "
            f"--detections {other.id}=FILE"
        )
    if {plan.id, other.id} <= files.keys():
        return boxes_in(Path(files[plan.id]), fps), boxes_in(Path(files[other.id]), fps)
    assert recording is not None, "asked for above"
    played = read_recording(recording)
    networks = Networks.of(played.store)
    return boxes_of(played, plan, networks), boxes_of(played, other, networks)


def _look(plan: Camera, source: str | None, folder: Path) -> "list[Image]":
    from tillfree.calibrate.pictures import pictures_of

    return [] if source is None else pictures_of(source, plan, folder)


def _tell(console: "Console", found: "Found") -> None:
    import numpy as np
    from rich.table import Table

    if found.method != "people" and found.marks:
        table = Table("nr", "pixel", "floor, m", "error, cm", title=f"camera {found.camera}, by {found.method}")
        for number, mark in enumerate(found.marks):
            error = found.errors_cm[number] if number < len(found.errors_cm) else np.nan
            told = "left out" if mark.left_out else "–" if not np.isfinite(error) else f"{error:.1f}"
            pixel, floor = (f"{a:.{n}f}, {b:.{n}f}" for (a, b), n in ((mark.pixel, 0), (mark.floor, 2)))
            table.add_row(str(number + 1), pixel, floor, told)
        console.print(table)
    eye = ", ".join(f"{value:.2f}" for value in found.view.eye)
    across = 2.0 * np.degrees(np.arctan(found.view.size[0] / 2.0 / found.view.focal_px))
    console.print(f"hangs at {eye} m, sees {across:.0f}° across", highlight=False)
    if found.error_cm is not None:
        console.print(f"error on the floor: half below {found.error_cm} cm, nine in ten below {found.error_most_cm} cm")
    for note in found.notes:
        console.print(note, soft_wrap=True)


def _draw(found: "Found", looked: "list[Image]", picture: Path, plan: Camera) -> None:
    import cv2
    import numpy as np

    from edge.calibration.pictures.grid import with_grid
    from tillfree.calibrate.pictures import still

    ground = still(looked) if looked else np.full((plan.size[1], plan.size[0], 3), 60, np.uint8)
    drawn = with_grid(ground, found.view.optics, found.view.matrix(), found.marks)
    try:
        whole, encoded = cv2.imencode(picture.suffix or ".png", drawn)
    except cv2.error:
        whole, encoded = False, np.zeros(0, np.uint8)
    if not whole:
        raise CalibrationError(f"{picture}: a picture is a .png or a .jpg")
    try:
        picture.write_bytes(encoded.tobytes())
    except OSError as error:
        raise CalibrationError(f"{picture}: {error.strerror}") from None


def _write(console: "Console", store: Path, text: str, plan: Camera, found: "Found", *, given_points: bool) -> None:
    from edge.calibration.written import marked_left_out, with_calibration
    from protocol.store import MarkedPoint
    from tillfree.calibrate.keeping import replace_text

    parts: dict[str, Any] = dict(found.parts())
    if given_points:
        parts["floor_points"] = [MarkedPoint(pixel=m.pixel, floor=m.floor, left_out=m.left_out) for m in found.marks]
    changed = with_calibration(text, str(store), plan.id, parts)
    if found.method == "points" and not given_points:
        changed = marked_left_out(changed, str(store), plan.id, found.left_out)
    replace_text(store, text, changed)
    console.print(f"written to {store}")


def _remember(console: "Console", store: Path, plan: Camera, looked: "list[Image]") -> None:
    from edge.calibration.knocked import refuse_empty
    from edge.calibration.pictures.reference import features_of, reference_path, write_reference

    if not looked:
        console.print(
            "no picture was given (--view), so nothing is kept to --check by later; calibrate with one", soft_wrap=True
        )
        return
    features = features_of(looked)
    try:
        refuse_empty(features, plan.id)
    except CalibrationError as error:
        # The calibration itself is good and written; only --check has nothing to go by.
        console.print(f"nothing is kept to --check by: {error}", soft_wrap=True)
        return
    write_reference(reference_path(store, plan.id), features)
    console.print(
        f"{len(features.pixels)} places are kept in {reference_path(store, plan.id)} to --check by (no picture)",
        soft_wrap=True,
    )


def _check(console: "Console", store_path: Path, name: str | None, picture: Path | None, json_file: str | None) -> None:
    from edge.calibration.pictures.reference import reference_path
    from hardware.errors import CameraError

    store = read_store(store_path)
    if picture is not None or name is not None:
        plans = [_camera(store, name, store_path)]
    else:
        plans = [camera for camera in store.cameras if reference_path(store_path, camera.id).exists()]
        if not plans:
            raise FileError(f"{store_path}: no camera has a reference yet; calibrate with a picture (--view) first")
    answers: list[dict[str, Any]] = []
    wrong: list[str] = []
    for plan in plans:
        try:
            askew = _askew(store_path, plan, picture)
        except (CalibrationError, CameraError) as error:
            # One camera that cannot be looked through keeps no other from being checked.
            wrong.append(str(error))
            continue
        console.print(_sentence(plan.id, askew), soft_wrap=True)
        answers.append(_answer(plan.id, askew))
        if askew.turned_deg is None or askew.knocked:
            wrong.append(f"camera {plan.id!r}: calibrate it anew, or turn it back and --check again")
    write_json(json_file, {"cameras": answers, "problems": wrong})
    if wrong:
        raise CalibrationError("\n".join(wrong))


def _askew(store_path: Path, plan: Camera, picture: Path | None) -> "Askew":
    import numpy as np

    from edge.calibration.knocked import compare
    from edge.calibration.optics import Optics, same_shape
    from edge.calibration.pictures.reference import features_of, read_reference, reference_path
    from tillfree.calibrate.pictures import pictures_of

    was = read_reference(reference_path(store_path, plan.id), plan.id)
    now = features_of(pictures_of("live" if picture is None else str(picture), plan, store_path.parent))
    matrix = None
    if plan.floor_view is not None:
        scale = same_shape(plan.floor_view.size, plan.size, plan.id, "view of the floor")
        matrix = np.asarray(np.array(plan.floor_view.matrix) @ np.diag([1.0 / scale, 1.0 / scale, 1.0]), np.float64)
    return compare(was, now, Optics.of(plan.lens, plan.size, plan.id), matrix, plan.id)


def _sentence(name: str, askew: "Askew") -> str:
    counted = f"{askew.agreed} of {askew.remembered} places agree"
    if askew.turned_deg is None:
        return (
            f"camera {name}: cannot tell ({counted}). Is it dark, covered, turned right away, or is the shop rebuilt "
            "before it?"
        )
    on_floor = "" if askew.floor_cm is None else f", {askew.floor_cm:.0f} cm on the floor"
    how = f"{askew.turned_deg:.1f}° ({askew.moved_px:.0f} px in the middle{on_floor})"
    if not askew.knocked:
        return f"camera {name}: looks where it looked: turned by {how}; {counted}"
    ways = [
        f"{abs(value):.1f}° {positive if value > 0 else negative}"
        for value, positive, negative in (
            (askew.right_deg, "to the right", "to the left"),
            (askew.down_deg, "down", "up"),
            (askew.rolled_deg, "clockwise", "counter-clockwise"),
        )
        if abs(value) > 0.2
    ]
    return f"camera {name}: KNOCKED by {how}: {', '.join(ways)}; {counted}"


def _answer(name: str, askew: "Askew") -> dict[str, Any]:
    rounded = {
        key: None if value is None else round(value, 3)
        for key, value in (
            ("turned_deg", askew.turned_deg),
            ("right_deg", askew.right_deg),
            ("down_deg", askew.down_deg),
            ("rolled_deg", askew.rolled_deg),
            ("moved_px", askew.moved_px),
            ("floor_cm", askew.floor_cm),
        )
    }
    return {"camera": name, "knocked": askew.knocked if askew.turned_deg is not None else None, **rounded,
            "agreed": askew.agreed, "remembered": askew.remembered}  # fmt: skip
