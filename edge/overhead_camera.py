"""One area camera that looks steeply down: from its pictures to where people stand, by their heads.

picture ─▶ heads (arms network) ─▶ places on the floor ─▶ numbers ─┬▶ people
        └▶ persons, as any area camera finds them ─────────────────┘  of whom no head shows

Under the ceiling opposite a shelf nobody hides anybody's head, and the person network hardly sees people from there.
Whom it does see, and the arms network does not, is there all the same.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.area_camera import AreaCamera
from edge.errors import PerceptionError
from edge.perception.arms_network import Arms, ArmsNetwork
from edge.perception.clothing import clothing_from_above
from edge.perception.detections import Floats
from edge.perception.glances import Glances
from edge.perception.head_numbers import HeadNumbers
from edge.perception.head_place import Stood, box_around, stood
from edge.perception.wrist_place import Rays
from edge.tracking.floor import PersonOnFloor
from hardware.ports import Frame
from protocol.store import Camera

logger = logging.getLogger(__name__)

SAME_M = 0.8
"""Whose box stands as near to a head's owner is that owner: from above boxes' places are wrong by as much."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Somebody whom a picture shows: the camera's own number of them, and the box that they are in."""

    number: int
    box: Floats


class OverheadCamera:
    """Follows people through one camera's pictures; call in the order of time. `boxes` finds those without heads.

    Without `boxes`, as where the person network does not run, it goes on by heads alone; where the arms network fails
    the log says so, and it goes on by boxes.
    """

    def __init__(
        self, camera: Camera, rays: Rays, arms: ArmsNetwork, boxes: AreaCamera | None, *, gated: bool = True
    ) -> None:
        self._camera, self._rays, self._boxes = camera, rays, boxes
        self._arms: ArmsNetwork | None = arms
        self._glances = Glances(gated=gated)
        self._found = Arms((), ())
        self._numbers = HeadNumbers()
        self.followed: tuple[Seen, ...] = ()
        """Who is in the latest picture."""

    def people(self, frame: Frame) -> list[PersonOnFloor]:
        """Where people stand in the picture, metres on the plan; PerceptionError where no network looks any more."""
        self._find(frame)
        standing = stood(self._rays, self._found.heads)
        by_heads = self._by_heads(frame, standing)
        found = [] if self._boxes is None else self._boxes.people(frame)
        followed = () if self._boxes is None else self._boxes.followed
        by_boxes = {one.track: one for one in found}
        known = {number for number, one in by_boxes.items() if _is_one_of(one, standing)}
        self.followed = (
            *(Seen(one.track, box_around(self._rays, (one.x_m, one.y_m), self._camera.size)) for one in by_heads),
            *(Seen(_odd(one.number), one.box) for one in followed if one.seen and one.number not in known),
        )
        others = [replace(one, track=_odd(number)) for number, one in by_boxes.items() if number not in known]
        return [*by_heads, *others]

    def _find(self, frame: Frame) -> None:
        """Look for heads, where that is worth it."""
        if self._arms is None or not self._glances.is_due(frame, somebody=bool(self._found.heads)):
            return
        try:
            self._found = self._arms.look(frame.image)
        except PerceptionError as error:
            if self._boxes is None:
                raise
            logger.warning("camera %s tells nobody by their heads any more: %s", self._camera.id, error)
            self._arms, self._found = None, Arms((), ())
        self._glances.looked(frame)

    def _by_heads(self, frame: Frame, standing: Sequence[Stood]) -> list[PersonOnFloor]:
        looks = clothing_from_above(frame.image, self._rays, [one.place for one in standing])
        heads = self._numbers.of(standing, looks, frame.t_s)
        return [
            PersonOnFloor(frame.t_s, frame.camera, 2 * head.number, *one.place, one.sigma_m, look=head.look)
            for one, head in zip(standing, heads, strict=True)
        ]


def _is_one_of(one: PersonOnFloor, standing: Sequence[Stood]) -> bool:
    """Whether a head shows whom the box shows."""
    return any(math.dist((one.x_m, one.y_m), other.place) <= SAME_M for other in standing)


def _odd(number: int) -> int:
    """The number here of somebody whom boxes call so; those of heads are even."""
    return 2 * number + 1
