"""What is drawn into, and read back from the graphics card."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Image
from hardware.simulated.render.ids import FIRST_ITEM, IdImage

if TYPE_CHECKING:
    import moderngl

SAMPLES = 4
OUTLINE = np.array([0.22, 0.56, 0.22], np.float32)
"""Weights across a pixel and its neighbours that soften an outline."""

Region = tuple[int, int, int, int]
"""x, y, width, height in pixels."""


class Target:
    """Framebuffers for pictures of one size: `smooth` with several samples a pixel, `both` for colours and ids."""

    def __init__(self, context: "moderngl.Context", size: tuple[int, int]) -> None:
        self._context, self.size = context, size
        self.smooth = context.framebuffer(
            [context.renderbuffer(size, 4, samples=SAMPLES)], context.depth_renderbuffer(size, samples=SAMPLES)
        )
        self._resolved = context.framebuffer([context.renderbuffer(size, 4)])
        numbers, depths = context.renderbuffer(size, 1, dtype="u2"), context.depth_renderbuffer(size)
        self.both = context.framebuffer([context.renderbuffer(size, 4), numbers], depths)
        self.numbered = context.framebuffer([numbers], depths)

    def read_pixels(self) -> npt.NDArray[np.uint8]:
        """The picture, its samples averaged: (height, width, 4)."""
        self._context.copy_framebuffer(self._resolved, self.smooth)
        width, height = self.size
        return np.frombuffer(self._resolved.read(components=4), np.uint8).reshape(height, width, 4)

    def read_image(self, ids: IdImage) -> Image:
        """The picture of `both`: (height, width, 3), blue-green-red, smoothed where one thing borders on another."""
        width, height = self.size
        pixels = np.frombuffer(self.both.read(components=4), np.uint8).reshape(height, width, 4)
        return smoothed(np.ascontiguousarray(pixels[:, :, :3]), ids)

    def read_ids(self) -> IdImage:
        """The ids of `both`: (height, width)."""
        width, height = self.size
        data = self.numbered.read(components=1, dtype="u2", alignment=1)
        return np.frombuffer(data, np.uint16).reshape(height, width).copy()


def smoothed(image: Image, ids: IdImage) -> Image:
    """The picture with its steps at the outlines of people softened, as several samples a pixel would."""
    people = np.where(ids < FIRST_ITEM, ids >> 2, 0)
    edge = np.zeros(ids.shape, bool)
    across, down = people[:, 1:] != people[:, :-1], people[1:] != people[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    soft = cv2.sepFilter2D(image, -1, OUTLINE, OUTLINE)
    image[edge] = soft[edge]
    return image
