"""A shelf camera's picture, slot by slot."""

import numpy as np

from edge.perception.background import Background
from edge.perception.surfaces import Mask
from edge.shelves.sight import SlotSight
from hardware.ports import Frame
from protocol.store import Camera


class ShelfView:
    """Tells what a shelf camera's pictures show of each slot in its `views`. Call in the order of time."""

    def __init__(self, camera: Camera) -> None:
        assert camera.role == "shelf", camera.id
        self._camera = camera
        self._background = Background([view.box for view in camera.views])
        self._blind_since_s: float | None = None

    def blind_s(self, t_s: float) -> float:
        """For how long, at `t_s`, the camera's pictures have shown nothing."""
        return 0.0 if self._blind_since_s is None else t_s - self._blind_since_s

    def observe(self, frame: Frame) -> tuple[SlotSight, ...]:
        """The slots in `frame`, in the order of the store file; none where its picture shows nothing at all.

        Their crops are views into the frame's picture.
        """
        scene = self._background.observe(frame.image, frame.t_s)
        if scene is None:
            self._blind_since_s = frame.t_s if self._blind_since_s is None else self._blind_since_s
            return ()
        self._blind_since_s = None
        sights = []
        for view in self._camera.views:
            left, top, width, height = view.box
            # At least one pixel, however small the slot is at the working size.
            rows = slice(int(top * scene.scale), max(int((top + height) * scene.scale), int(top * scene.scale) + 1))
            columns = slice(
                int(left * scene.scale), max(int((left + width) * scene.scale), int(left * scene.scale) + 1)
            )
            sights.append(
                SlotSight(
                    slot=view.slot,
                    camera=self._camera.id,
                    t_s=frame.t_s,
                    reach=_share(scene.reach[rows, columns]),
                    moved=_share(scene.moved[rows, columns]),
                    crop=frame.image[int(top) : int(top + height), int(left) : int(left + width)],
                )
            )
        return tuple(sights)


def _share(mask: Mask) -> float:
    return float(np.count_nonzero(mask)) / max(mask.size, 1)
