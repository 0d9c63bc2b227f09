"""Who follows people in an area camera's pictures: by their boxes, or by their heads where it looks steeply down."""

from collections.abc import Sequence
from typing import Protocol

from edge.area_camera import AreaCamera
from edge.overhead_camera import OverheadCamera
from edge.perception.detections import Floats
from edge.perception.networks import Networks
from edge.perception.overhead import overhead_rays
from edge.tracking.floor import PersonOnFloor
from hardware.ports import Frame
from protocol.store import Camera, Store


class Followed(Protocol):
    """Somebody who is followed in a picture."""

    @property
    def number(self) -> int:
        """The camera's own."""

    @property
    def box(self) -> Floats:
        """float32 (4,): left, top, right, bottom in the camera's pixels."""


class Following(Protocol):
    """Follows people through one camera's pictures; call in the order of time."""

    @property
    def followed(self) -> Sequence[Followed]:
        """Who is followed in the latest picture."""

    def people(self, frame: Frame) -> list[PersonOnFloor]:
        """Where people stand in the picture."""


def following(store: Store, networks: Networks) -> dict[str, Following]:
    """By area camera; CalibrationError for floor points that no camera could see so."""
    return {camera.id: _of(camera, store, networks) for camera in store.cameras if camera.role == "area"}


def _of(camera: Camera, store: Store, networks: Networks) -> Following:
    by_boxes = AreaCamera(camera, store.gondolas, networks)
    rays = overhead_rays(camera)
    if rays is None or networks.arms is None:
        return by_boxes
    return OverheadCamera(
        camera, rays, networks.arms, by_boxes if networks.persons is not None else None, gated=networks.gated
    )
