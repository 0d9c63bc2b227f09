"""`tillfree calibrate together`: two cameras of which neither is calibrated, by the people whom both see."""

from pathlib import Path
from typing import Annotated

import typer

from edge.calibration.errors import CalibrationError
from protocol.store_file import parse_store
from tillfree.cli.calibrate_options import (
    DetectionsOption,
    DryRunOption,
    FpsOption,
    RecordingOption,
    StoreArgument,
    TallOption,
)
from tillfree.cli.output import JsonOption, console_for, write_json


def together(
    store: StoreArgument,
    *,
    camera: Annotated[list[str], typer.Option(metavar="ID", help="The two cameras; give it twice.")],
    recording: RecordingOption = None,
    detections: DetectionsOption = None,
    fps: FpsOption = 10.0,
    mark: Annotated[
        list[str] | None,
        typer.Option(metavar="ID:u,v=x,y", help="A point of the plan in one of the two pictures; two or more."),
    ] = None,
    hangs: Annotated[
        str | None, typer.Option(metavar="ID=M", help="How high one of them hangs over the floor, metres.")
    ] = None,
    tall: TallOption = None,
    pictures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Draw the floor's grid here, into ID.png of each.")
    ] = None,
    dry_run: DryRunOption = False,
    json_file: JsonOption = None,
) -> None:
    """Calibrate two cameras by nothing but the people whom both see walk, and lay them on the plan by two marks."""
    from tillfree.calibrate import asked, finding
    from tillfree.calibrate.drawing import draw
    from tillfree.calibrate.keeping import text_of
    from tillfree.calibrate.planned import planned
    from tillfree.calibrate.seen_walking import one_look, sights
    from tillfree.calibrate.telling import tell
    from tillfree.calibrate.writing import write

    console = console_for(json_file)
    if len(camera) != 2 or camera[0] == camera[1]:
        raise CalibrationError(f"--camera {' --camera '.join(camera)}: say two cameras that see the same floor")
    text = text_of(store)
    plans = parse_store(text, str(store))
    up = asked.height_of(hangs, (camera[0], camera[1])) if hangs is not None else None
    # The one whose height is known is the one on whose floor everything is laid.
    mine, theirs = (planned(plans, name, store) for name in (camera if up is None or up[0] == 1 else camera[::-1]))
    order = (theirs.id, mine.id)
    usual_m = asked.tall_of(tall)
    marks = [asked.mark_of(each, order, {plan.id: plan.size for plan in (mine, theirs)}) for each in mark or ()]
    seen = sights((mine, theirs), recording, detections or (), fps)
    both = finding.by_each_other(*seen, marks, None if up is None else up[1], usual_m)
    for found in both:
        tell(console, found)
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            draw(found, one_look(recording, planned(plans, found.camera, store)), pictures / f"{found.camera}.png")
            console.print(f"the floor's grid is drawn in {pictures / f'{found.camera}.png'}")
    if not dry_run:
        write(store, text, both)
        console.print(f"written to {store}")
    write_json(json_file, {"cameras": [found.to_json() for found in both]})
