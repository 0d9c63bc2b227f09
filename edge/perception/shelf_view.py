"""A shelf camera's picture, slot by slot."""

import cv2
import numpy as np
import numpy.typing as npt

from edge.perception.background import Background
from edge.perception.surfaces import Mask, Window
from edge.shelves.sight import SlotSight
from hardware.ports import Frame
from protocol.store import Camera

Corners = npt.NDArray[np.intp]


class ShelfView:
    """Tells what a shelf camera's pictures show of each slot in its `views`. Call in the order of time."""

    def __init__(self, camera: Camera) -> None:
        assert camera.role == "shelf", camera.id
        self._camera = camera
        self._background = Background([view.box for view in camera.views])
        self._blind_since_s: float | None = None
        self._crops = [_whole(view.box) for view in camera.views]
        self._corners: Corners | None = None

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
        if self._corners is None:
            self._corners = self._corners_in(scene.moved, scene.scale)
        reach, moved = (_shares(mask, self._corners) for mask in (scene.reach, scene.moved))
        return tuple(
            SlotSight(view.slot, self._camera.id, frame.t_s, reached, stirred, frame.image[crop])
            for view, crop, reached, stirred in zip(self._camera.views, self._crops, reach, moved, strict=True)
        )

    def _corners_in(self, mask: Mask, scale: float) -> Corners:
        """The slots at the working size: left, top, right, bottom of each, (4, n)."""
        boxes = np.array([view.box for view in self._camera.views], np.float64).reshape(-1, 4) * scale
        first, last = boxes[:, :2].astype(np.intp), (boxes[:, :2] + boxes[:, 2:]).astype(np.intp)
        # At least one pixel, however small the slot is at the working size.
        last = np.maximum(last, first + 1)
        inside = np.array([mask.shape[1], mask.shape[0]], np.intp)
        return np.concatenate([np.minimum(first, inside), np.minimum(last, inside)], axis=1).T


def _whole(box: tuple[float, float, float, float]) -> Window:
    left, top, width, height = box
    return slice(int(top), int(top + height)), slice(int(left), int(left + width))


def _shares(mask: Mask, corners: Corners) -> list[float]:
    """The share of each box that is set."""
    left, top, right, bottom = corners
    if not mask.any():
        return [0.0] * len(left)
    # Sums over boxes by a table of sums, however many slots there are.
    total = cv2.integral(mask.view(np.uint8))
    count = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
    pixels = np.maximum((right - left) * (bottom - top), 1)
    return (count / pixels).tolist()  # type: ignore[no-any-return]  # numpy's tolist
