"""`tillfree calibrate reference`: keep how cameras look, to see later whether they were knocked."""

from typing import Annotated

import typer

from protocol.store_file import read_store
from tillfree.cli.calibrate_options import StoreArgument
from tillfree.cli.output import console_for


def reference(
    store: StoreArgument,
    *,
    camera: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Which cameras, shelf and gate ones too; all without it.")
    ] = None,
    view: Annotated[
        str, typer.Option(metavar="FILE", help="Picture or video of the scene as it is, for one camera; `live`: now.")
    ] = "live",
) -> None:
    """Keep how cameras look now: ones that nobody calibrates to the floor, or after the shop was rebuilt."""
    from edge.calibration.errors import CalibrationError
    from hardware.errors import CameraError
    from tillfree.calibrate.pictures import LIVE, pictures_of
    from tillfree.calibrate.planned import planned
    from tillfree.calibrate.remembering import remember

    console = console_for(None)
    plans = read_store(store)
    cameras = [planned(plans, name, store) for name in camera] if camera else list(plans.cameras)
    if view != LIVE and len(cameras) != 1:
        raise CalibrationError(f"--view {view} is of one camera: say which by --camera")
    wrong: list[str] = []
    for plan in cameras:
        try:
            said = remember(store, plan.id, pictures_of(view, plan, store.parent))
        except (CalibrationError, CameraError) as error:
            # One camera that cannot be looked through keeps no other from being remembered.
            wrong.append(str(error))
            continue
        console.print(f"camera {plan.id}: {said}", soft_wrap=True)
    if wrong:
        raise CalibrationError("\n".join(wrong))
