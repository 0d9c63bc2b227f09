"""A skeleton being posed: bones are turned one after another, parents before children."""

import numpy as np

from hardware.simulated.bodies.rotation import Array
from hardware.simulated.bodies.wardrobe import Skeleton


class Armature:
    """Where each bone has gone: a point p that follows bone b at rest is at `rotations[b] @ p + offsets[b]`.

    All in the body's frame and the skeleton's own size.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        count = len(skeleton.names)
        self.rotations = np.tile(np.eye(3), (count, 1, 1))
        self.offsets = np.zeros((count, 3))
        self._index = {name: index for index, name in enumerate(skeleton.names)}

    def rest(self, name: str) -> Array:
        """The bone's joint at rest (3)."""
        return np.asarray(self.skeleton.heads[self._index[name]])

    def joint(self, name: str) -> Array:
        """Where the bone's joint has gone (3): it hangs on its parent."""
        index = self._index[name]
        parent = self.skeleton.parents[index]
        if parent < 0:
            return np.asarray(self.skeleton.heads[index])
        joint: Array = self.rotations[parent] @ self.skeleton.heads[index] + self.offsets[parent]
        return joint

    def rotation(self, name: str) -> Array:
        """How the bone is turned (3, 3)."""
        rotation: Array = self.rotations[self._index[name]]
        return rotation

    def turn(self, name: str, by: Array) -> None:
        """Turn the bone about its joint by `by`, against its parent."""
        parent = self.skeleton.parents[self._index[name]]
        self.set(name, by if parent < 0 else self.rotations[parent] @ by)

    def set(self, name: str, rotation: Array, shift: Array | None = None) -> None:
        """Turn the bone to `rotation`, whatever its parent does, its joint where that leaves it or moved by `shift`."""
        index = self._index[name]
        joint = self.joint(name) if shift is None else self.joint(name) + shift
        self.rotations[index] = rotation
        self.offsets[index] = joint - rotation @ self.skeleton.heads[index]

    def move(self, name: str, rest: Array, to: Array, rotation: Array) -> None:
        """Turn the bone to `rotation` so that what is at `rest` on it comes to be at `to`."""
        index = self._index[name]
        self.rotations[index] = rotation
        self.offsets[index] = to - rotation @ rest

    def joints(self) -> Array:
        """Every bone's joint (B, 3)."""
        return np.asarray(np.einsum("bij,bj->bi", self.rotations, self.skeleton.heads) + self.offsets)
