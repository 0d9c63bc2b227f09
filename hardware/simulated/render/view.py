"""A camera's view as the matrices that OpenGL wants, and what lies in it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.layout.projection import NEAR_M, axes

FAR_M = 40.0

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """`matrix` (4, 4) takes the store's frame to clip coordinates with y down, as rows of a picture run."""

    size: tuple[int, int]
    eye: Doubles
    axes: Doubles
    slopes: tuple[float, float]
    """Half the picture's width and height at a depth of 1."""
    matrix: npt.NDArray[np.float32]

    @staticmethod
    def of(viewpoint: Viewpoint, size: tuple[int, int]) -> "View":
        """The view of a camera with pictures of `size`, width and height."""
        across = float(np.tan(np.radians(viewpoint.fov_deg) / 2.0))
        slopes = (across, across * size[1] / size[0])
        eye, turned = np.array(viewpoint.eye), axes(viewpoint)
        camera = np.eye(4)
        camera[:3, :3], camera[:3, 3] = turned, -turned @ eye
        span = FAR_M - NEAR_M
        lens = np.array(
            [
                [1 / slopes[0], 0, 0, 0],
                [0, 1 / slopes[1], 0, 0],
                [0, 0, (FAR_M + NEAR_M) / span, -2 * FAR_M * NEAR_M / span],
                [0, 0, 1, 0],
            ]
        )
        return View(size, eye, turned, slopes, (lens @ camera).astype(np.float32))

    def depths_m(self, points: Doubles) -> Doubles:
        """How far before the camera points (n, 3) are."""
        return np.asarray((points - self.eye) @ self.axes[2])

    def shows(self, points: Doubles, radii_m: Doubles) -> npt.NDArray[np.bool_]:
        """Which balls about `points` (n, 3) may show, (n,); generous at the corners."""
        seen = (points - self.eye) @ self.axes.T
        shown = seen[:, 2] > NEAR_M - radii_m
        for axis, slope in enumerate(self.slopes):
            # Distance from the side planes of the pyramid.
            shown &= np.abs(seen[:, axis]) - slope * seen[:, 2] < radii_m * np.sqrt(1 + slope * slope)
        return np.asarray(shown)

    def pixels_per_metre(self, depth_m: float) -> float:
        """How large a metre is in the picture at that depth."""
        return self.size[0] / 2 / self.slopes[0] / max(depth_m, NEAR_M)
