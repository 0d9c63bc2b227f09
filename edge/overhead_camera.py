"""One area camera that looks steeply down: from its pictures to where people stand, by their heads.

picture ─▶ heads (arms network) ─▶ places on the floor ─▶ numbers ─▶ people

Under the ceiling opposite a shelf nobody hides anybody's head, and the person network hardly sees people from there.
"""

from dataclasses import dataclass

from edge.perception.arms_network import Arms, ArmsNetwork
from edge.perception.detections import Floats
from edge.perception.glances import Glances
from edge.perception.head_numbers import HeadNumbers
from edge.perception.head_place import box_around, stood
from edge.perception.wrist_place import Rays
from edge.tracking.floor import PersonOnFloor
from hardware.ports import Frame
from protocol.store import Camera


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Somebody whom a picture shows: the camera's own number of them, and the box that they may fill of it."""

    number: int
    box: Floats


class OverheadCamera:
    """Follows people through one camera's pictures; call in the order of time."""

    def __init__(self, camera: Camera, rays: Rays, arms: ArmsNetwork, *, gated: bool = True) -> None:
        self._camera, self._rays, self._arms = camera, rays, arms
        self._glances = Glances(gated=gated)
        self._found = Arms((), ())
        self._numbers = HeadNumbers()
        self.followed: tuple[Seen, ...] = ()
        """Who is in the latest picture."""

    def people(self, frame: Frame) -> list[PersonOnFloor]:
        """Where people stand in the picture."""
        if self._glances.is_due(frame, somebody=bool(self._found.heads)):
            self._found = self._arms.look(frame.image)
            self._glances.looked(frame)
        standing = stood(self._rays, self._found.heads)
        numbers = self._numbers.of([one.place for one in standing], frame.t_s)
        self.followed = tuple(
            Seen(number, box_around(self._rays, one.place, self._camera.size))
            for one, number in zip(standing, numbers, strict=True)
        )
        return [
            PersonOnFloor(frame.t_s, frame.camera, number, *one.place, one.sigma_m)
            for one, number in zip(standing, numbers, strict=True)
        ]
