"""How people's boxes move in a picture: a Kalman filter that knows how tall a person is.

A box is described by four numbers that hardly depend on each other: its centre x and y (pixels), the logarithm of its
height and of its width. Each is followed with its velocity by a filter of its own (white noise of acceleration; the
velocity dies away with `CALM_S`, for nobody walks on for ever unseen). All noises are physical: lengths in heights of
the person's box (a height is about 1.7 m), so that near and far people, and cameras of any resolution, need no
settings of their own, and times in seconds, so that 5 and 30 pictures a second give the same belief. Cameras stand
still: nothing here makes up for one that pans.

The backward pass (Rauch, Tung and Striebel, "Maximum likelihood estimates of linear dynamic systems", AIAA J. 1965) is
`smoothed`: what later pictures tell about an earlier one.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp] | list[int]


SWERVE = 0.25
"""Noise of acceleration, heights²/s³: walking speed changes by half a height a second (0.9 m/s) in a second."""
SWELL = 0.02
"""The same for the logarithms of height and width, 1/s³; of the latter half."""
CALM_S = 3.0
SPEED = 0.65
"""Standard deviation of a newcomer's speed, heights a second: 1.1 m/s."""
SWELLING = 0.2
"""Standard deviation of how fast a newcomer's log-height changes, 1/s; of the log-width half."""
ERROR = (0.04, 0.045, 0.13, 0.2)
"""Standard deviations of a detected box: of x and y in heights, of the logarithms of height and width. Measured on
people that detectors found: 0.03–0.05, 0.04–0.05, 0.07–0.14, 0.12–0.23, and errors last from picture to picture."""
DETERMINANT_MIN = 1e-12
"""Of pictures at the very same time nothing new is known; keeps the division defined."""


_NOISE = np.array((SWERVE, SWERVE, SWELL, SWELL / 2.0))
_SPEEDS = np.array((SPEED, SPEED, SWELLING, SWELLING / 2.0))
_VARIANCE = np.square(np.array(ERROR))


@dataclass(frozen=True, slots=True, eq=False)
class Beliefs:
    """Where n people are thought to be.

    `mean` is float64 (2, n, 4): value and velocity (a second) of x, y (pixels), log-height, log-width. `spread` is
    float64 (3, n, 4): the variance of the value, its covariance with the velocity, the variance of the velocity.
    """

    mean: Doubles
    spread: Doubles

    def __len__(self) -> int:
        return int(self.mean.shape[1])

    def of(self, rows: Rows) -> "Beliefs":
        """The beliefs in `rows`."""
        return Beliefs(self.mean[:, rows], self.spread[:, rows])

    def with_(self, rows: Rows, others: "Beliefs") -> "Beliefs":
        """These beliefs, those in `rows` replaced by `others`."""
        mean, spread = self.mean.copy(), self.spread.copy()
        mean[:, rows], spread[:, rows] = others.mean, others.spread
        return Beliefs(mean, spread)

    def and_(self, others: "Beliefs") -> "Beliefs":
        """These beliefs, and `others` after them."""
        return Beliefs(
            np.concatenate([self.mean, others.mean], axis=1), np.concatenate([self.spread, others.spread], axis=1)
        )

    @property
    def heights(self) -> Doubles:
        """Heights of the boxes, pixels, (n,)."""
        return np.asarray(np.exp(self.mean[0, :, 2]), np.float64)

    @property
    def boxes(self) -> npt.NDArray[np.float32]:
        """Left, top, right, bottom in pixels, float32 (n, 4)."""
        centres, halves = self.mean[0, :, :2], np.exp(self.mean[0, :, :1:-1]) / 2.0
        return np.concatenate([centres - halves, centres + halves], axis=1).astype(np.float32)


def nobody() -> Beliefs:
    """No belief at all."""
    return Beliefs(np.zeros((2, 0, 4)), np.zeros((3, 0, 4)))


def measured(boxes: npt.NDArray[np.float32]) -> Doubles:
    """Boxes (n, 4; left, top, right, bottom) as x, y, log-height, log-width, (n, 4). Sides must be positive."""
    low, high = boxes[:, :2].astype(np.float64), boxes[:, 2:].astype(np.float64)
    return np.concatenate([(low + high) / 2.0, np.log((high - low)[:, ::-1])], axis=1)


def errors(heights: Doubles) -> Doubles:
    """Variances (n, 4) of a measurement of people whose boxes are `heights` (n,) pixels high."""
    return np.asarray(_VARIANCE * _squares(heights), np.float64)


def born(measurements: Doubles) -> Beliefs:
    """What one measurement (n, 4) says about somebody never seen before."""
    squares = _squares(np.exp(measurements[:, 2]))
    none = np.zeros_like(measurements)
    return Beliefs(np.stack([measurements, none]), np.stack([_VARIANCE * squares, none, np.square(_SPEEDS) * squares]))


def predicted(beliefs: Beliefs, step_s: float) -> Beliefs:
    """The beliefs `step_s` seconds later, nothing having been seen."""
    keeps = math.exp(-step_s / CALM_S)
    goes_s = CALM_S * (1.0 - keeps)
    mean, spread = np.empty_like(beliefs.mean), np.empty_like(beliefs.spread)
    mean[0] = beliefs.mean[0] + goes_s * beliefs.mean[1]
    mean[1] = keeps * beliefs.mean[1]
    noise = _NOISE * _squares(beliefs.heights)
    value, both, velocity = beliefs.spread
    later = both + goes_s * velocity
    spread[0] = value + goes_s * (both + later) + noise * (step_s**3 / 3.0)
    spread[1] = keeps * later + noise * (step_s**2 / 2.0)
    spread[2] = keeps * keeps * velocity + noise * step_s
    return Beliefs(mean, spread)


def corrected(beliefs: Beliefs, measurements: Doubles) -> Beliefs:
    """The beliefs after one measurement (n, 4) of each."""
    value, both, velocity = beliefs.spread
    trust = 1.0 / (value + errors(beliefs.heights))
    surprise = (measurements - beliefs.mean[0]) * trust
    mean, spread = np.empty_like(beliefs.mean), np.empty_like(beliefs.spread)
    mean[0] = beliefs.mean[0] + value * surprise
    mean[1] = beliefs.mean[1] + both * surprise
    kept = 1.0 - value * trust
    spread[0] = kept * value
    spread[1] = kept * both
    spread[2] = velocity - both * both * trust
    return Beliefs(mean, spread)


def smoothed(earlier: Beliefs, step_s: float, later: Beliefs) -> Beliefs:
    """What `later` (smoothed, `step_s` seconds after) tells about `earlier` (filtered): the same people, in order."""
    guess = predicted(earlier, step_s)
    keeps = math.exp(-step_s / CALM_S)
    goes_s = CALM_S * (1.0 - keeps)
    a, b, c = earlier.spread
    p, q, r = guess.spread
    scale = 1.0 / np.maximum(p * r - q * q, DETERMINANT_MIN)
    # The gain: covariance of now with then, (a b; b c)·(1 0; goes keeps), by the inverse of then's own.
    ab, bc = a + goes_s * b, b + goes_s * c
    g00, g01 = (ab * r - keeps * b * q) * scale, (keeps * b * p - ab * q) * scale
    g10, g11 = (bc * r - keeps * c * q) * scale, (keeps * c * p - bc * q) * scale
    off, off_v = later.mean - guess.mean
    mean, spread = np.empty_like(earlier.mean), np.empty_like(earlier.spread)
    mean[0] = earlier.mean[0] + g00 * off + g01 * off_v
    mean[1] = earlier.mean[1] + g10 * off + g11 * off_v
    d0, d1, d2 = later.spread - guess.spread
    up, down = g00 * d0 + g01 * d1, g00 * d1 + g01 * d2
    spread[0] = a + g00 * up + g01 * down
    spread[1] = b + g10 * up + g11 * down
    spread[2] = c + g10 * (g10 * d0 + g11 * d1) + g11 * (g10 * d1 + g11 * d2)
    return Beliefs(mean, spread)


def _squares(heights: Doubles) -> Doubles:
    """What turns variances in heights into pixels, (n, 4); 1 for the logarithms."""
    squares = np.ones((len(heights), 4))
    squares[:, :2] = np.square(heights)[:, None]
    return squares
