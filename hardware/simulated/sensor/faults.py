"""Cameras that break: one freezes, one goes black, one is knocked askew. Each from a time on, until another."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from hardware.ports import Image
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import axes


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a camera from `from_s` until `until_s`: it gives its last picture again, or black ones."""

    kind: Literal["frozen", "black"]
    from_s: float
    until_s: float = math.inf

    def at(self, t_s: float) -> bool:
        """Whether it is so at `t_s`."""
        return self.from_s <= t_s < self.until_s

    def spoil(self, image: Image, last_good: Image | None, t_s: float) -> Image:
        """What the camera gives at `t_s` instead of `image`."""
        if not self.at(t_s):
            return image
        if self.kind == "frozen" and last_good is not None:
            return last_good
        return np.zeros_like(image)


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody bumped into the camera at `from_s`: it looks elsewhere from then on."""

    from_s: float
    right_deg: float = 0.0
    down_deg: float = 0.0
    until_s: float = math.inf
    """When it was put right again."""

    def viewpoint(self, viewpoint: Viewpoint, t_s: float) -> Viewpoint:
        """Where the camera looks at `t_s`."""
        if not self.from_s <= t_s < self.until_s:
            return viewpoint
        right, down, forward = axes(viewpoint)
        way = forward + right * math.tan(math.radians(self.right_deg)) + down * math.tan(math.radians(self.down_deg))
        distance = math.dist(viewpoint.eye, viewpoint.target)
        x, y, z = (np.array(viewpoint.eye) + distance * way / np.linalg.norm(way)).tolist()
        return replace(viewpoint, target=(x, y, z))
