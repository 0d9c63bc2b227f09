"""Where somebody on the floor is thought to be, and how sure that is.

Motion is the integrated Ornstein-Uhlenbeck process: people keep their velocity for about `KEEPS_S`, then go elsewhere.
It is discretised exactly, so it does not matter how often or how evenly cameras see, and a person whom nobody sees
becomes uncertain at the rate of a walker and not at that of a bullet. Both axes share one covariance, because places
are measured equally well each way (Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and
Navigation, 2001, sections 6.2 and 8.2).
"""

import math
from dataclasses import dataclass

KEEPS_S = 1.2
SPEED_M_S = 0.8
"""Standard deviation of a shopper's velocity, each way."""
CALIBRATION_M = 0.15
"""What cameras disagree by on one place however often they look, standard deviation each way."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A place in metres on the plan and a velocity in m/s, at `t_s`.

    `spread` is the variance of the place each way (m²), `drift` its covariance with the velocity, `pace` the variance
    of the velocity.
    """

    t_s: float
    x_m: float
    y_m: float
    spread: float
    vx: float = 0.0
    vy: float = 0.0
    drift: float = 0.0
    pace: float = SPEED_M_S**2

    def later(self, t_s: float) -> "Motion":
        """The same at `t_s`, nothing having been seen; an earlier moment changes nothing."""
        dt = t_s - self.t_s
        if dt <= 0.0:
            return self
        keeps = math.exp(-dt / KEEPS_S)
        goes_s = KEEPS_S * (1.0 - keeps)
        fresh = SPEED_M_S**2
        wander = fresh * (2.0 * KEEPS_S * dt - KEEPS_S**2 * (3.0 - 4.0 * keeps + keeps**2))
        return Motion(
            t_s,
            self.x_m + self.vx * goes_s,
            self.y_m + self.vy * goes_s,
            self.spread + 2.0 * goes_s * self.drift + goes_s**2 * self.pace + wander,
            keeps * self.vx,
            keeps * self.vy,
            keeps * (self.drift + goes_s * self.pace) + fresh * goes_s * (1.0 - keeps),
            keeps**2 * self.pace + fresh * (1.0 - keeps**2),
        )

    def seen(self, x_m: float, y_m: float, sigma_m: float) -> "Motion":
        """The same after a camera has seen them at a place."""
        variance = self.spread + measured_variance(sigma_m)
        gain, gain_v = self.spread / variance, self.drift / variance
        off_x, off_y = x_m - self.x_m, y_m - self.y_m
        return Motion(
            self.t_s,
            self.x_m + gain * off_x,
            self.y_m + gain * off_y,
            self.spread * (1.0 - gain),
            self.vx + gain_v * off_x,
            self.vy + gain_v * off_y,
            self.drift * (1.0 - gain),
            self.pace - gain_v * self.drift,
        )

    def log_density(self, x_m: float, y_m: float, variance: float) -> float:
        """Log of the density (1/m²) of being seen at a place that is measured with `variance` (m² each way)."""
        variance += self.spread
        squared = ((x_m - self.x_m) ** 2 + (y_m - self.y_m) ** 2) / variance
        return -0.5 * squared - math.log(2.0 * math.pi * variance)

    def away_m(self, x_m: float, y_m: float) -> float:
        """How far from here a place is."""
        return math.hypot(x_m - self.x_m, y_m - self.y_m)


def measured_variance(sigma_m: float) -> float:
    """Of a place that a camera gives with standard deviation `sigma_m`: the camera's own error comes on top; m²."""
    return sigma_m**2 + CALIBRATION_M**2
