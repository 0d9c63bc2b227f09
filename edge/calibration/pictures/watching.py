"""A store's cameras, watched for knocks while it works: a step that all readings pass before anybody acts on them.

    cameras ─▶ watching ─▶ gate ─▶ node

It passes everything on. Of each camera that has a reference (reference.py) it looks now and then, best while nobody
stands there, at what stays of three pictures; where the camera's view is wrong it says so as a `Fault` of the part
`view CAMERA`, and `Restored` when it is put back. So a store does not go UP by a camera that was knocked at night, and
the operator hears of it. Kept are three pictures of a camera at the most, for three seconds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from edge.calibration.errors import CalibrationError
from edge.calibration.knock_watch import KnockWatch, Said, ViewHealth
from edge.calibration.knocked import Askew, Features, compare
from edge.calibration.optics import Optics, same_shape
from edge.calibration.pictures.reference import features_of
from hardware.ports import Fault, Frame, Image, Reading, Restored
from protocol.store import Camera, Store

Doubles = npt.NDArray[np.float64]

PICTURES = 3
APART_S = 1.5
"""Between pictures of which what stays is taken: who walks has gone on by then."""


def view_part(camera: str) -> str:
    """What a camera's view is called in faults."""
    return f"view {camera}"


def nobody(camera: str) -> bool:  # noqa: ARG001 - as whoever knows where people are is asked
    """Nobody stands anywhere."""
    return False


def looked_at(plan: Camera, was: Features, images: list[Image]) -> Askew:
    """How the camera looks in pictures of now beside its reference. CalibrationError for pictures of another shape."""
    matrix = None
    if plan.floor_view is not None:
        scale = same_shape(plan.floor_view.size, plan.size, plan.id, "view of the floor")
        matrix = np.asarray(np.array(plan.floor_view.matrix) @ np.diag([1.0 / scale, 1.0 / scale, 1.0]), np.float64)
    return compare(was, features_of(images), Optics.of(plan.lens, plan.size, plan.id), matrix, plan.id)


class Watching:
    """`references` are by camera; `people` says whether somebody stands before a camera now."""

    def __init__(
        self, store: Store, references: Mapping[str, Features], people: Callable[[str], bool] = nobody
    ) -> None:
        self._plans = {camera.id: camera for camera in store.cameras if camera.id in references}
        self._references = {name: references[name] for name in self._plans}
        self._watches = {name: KnockWatch(name) for name in self._plans}
        self._kept: dict[str, list[Frame]] = {}
        self._people = people

    def readings(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """`readings`, and before them what their pictures say of how cameras hang."""
        for reading in readings:
            if isinstance(reading, Frame):
                yield from self._look(reading)
            elif isinstance(reading, Fault):
                # What came before a fault may be the fault.
                self._kept.pop(reading.part.removeprefix("camera "), None)
            yield reading

    def health(self) -> tuple[ViewHealth, ...]:
        """How each camera hangs, in the order of their names."""
        return tuple(self._watches[name].health() for name in sorted(self._watches))

    def _look(self, frame: Frame) -> Iterator[Reading]:
        watch = self._watches.get(frame.camera)
        if watch is None:
            return
        kept = self._kept.get(frame.camera, [])
        if not kept and not watch.due(frame.t_s, people=self._people(frame.camera)):
            return
        if kept and frame.t_s - kept[-1].t_s < APART_S:
            return
        kept = [*kept, frame]
        if len(kept) < (1 if watch.beginning else PICTURES):
            self._kept[frame.camera] = kept
            return
        self._kept.pop(frame.camera, None)
        said = self._judge(watch, kept)
        if said is None:
            return
        part = view_part(frame.camera)
        yield Restored(frame.t_s, part) if said.reason is None else Fault(frame.t_s, part, said.reason)

    def _judge(self, watch: KnockWatch, kept: list[Frame]) -> Said | None:
        last = kept[-1]
        try:
            askew = looked_at(self._plans[last.camera], self._references[last.camera], [each.image for each in kept])
        except CalibrationError as error:
            return watch.refused(last.t_s, str(error))
        return watch.looked(last.t_s, askew)
