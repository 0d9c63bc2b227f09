"""`tillfree calibrate lens`: how a camera's lens bends, from pictures of a pattern."""

from typing import TYPE_CHECKING, Annotated

import typer

from protocol.store_file import parse_store
from tillfree.cli.calibrate_options import DryRunOption, SquareOption, SquaresOption, StoreArgument
from tillfree.cli.output import JsonOption, console_for, write_json

if TYPE_CHECKING:
    from hardware.ports import Image


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
    dry_run: DryRunOption = False,
    json_file: JsonOption = None,
) -> None:
    """Find how a camera's lens bends, from pictures of a chessboard or the printed board held before it."""
    from edge.calibration.pictures.lens_seen import lens_from_pictures
    from edge.calibration.written import with_calibration
    from protocol.store import Lens
    from tillfree.calibrate import asked
    from tillfree.calibrate.keeping import replace_text, text_of
    from tillfree.calibrate.pictures import pictures_of
    from tillfree.calibrate.planned import planned

    console = console_for(json_file)
    text = text_of(store)
    plan = planned(parse_store(text, str(store)), camera, store)
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
