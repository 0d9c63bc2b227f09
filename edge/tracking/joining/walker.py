"""One person on the store's floor: where they are thought to be, and how sure that is.

Motion is the integrated Ornstein-Uhlenbeck process: people keep their velocity for about `KEEPS_S`, then go elsewhere.
It is discretised exactly, so it does not matter how often or how evenly cameras see, and a person whom nobody sees
becomes uncertain at the rate of a walker and not at that of a bullet. Both axes share one covariance, because places
are measured equally well each way (Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and
Navigation, 2001, sections 6.2 and 8.2).
"""

import math
from dataclasses import dataclass, field

KEEPS_S = 1.2
SPEED_M_S = 0.8
"""Standard deviation of a shopper's velocity, each way."""
CALIBRATION_M = 0.15
"""What cameras disagree by on one place however often they look, standard deviation each way."""


@dataclass(slots=True)
class Walker:
    """A person with the store-wide number `person`: place in metres on the plan, velocity in m/s, at `t_s`.

    `spread` is the variance of the place each way (m²), `drift` its covariance with the velocity, `pace` the variance
    of the velocity.
    """

    person: int
    t_s: float
    x_m: float
    y_m: float
    spread: float
    born_s: float
    born_at: tuple[float, float]
    """When and where they were seen for the first time."""
    vx: float = 0.0
    vy: float = 0.0
    drift: float = 0.0
    pace: float = SPEED_M_S**2
    seen_s: float = 0.0
    """When a camera saw them last, and where that was (metres)."""
    seen_at: tuple[float, float] = (0.0, 0.0)
    seen_times: int = 1
    confirmed: bool = False
    leaving: bool = False
    expected: bool = False
    """Whether they are one of those whom the gate let in."""
    seen_by: dict[str, tuple[int, float]] = field(default_factory=dict)
    """By camera: its own number for them, and when it saw them last."""

    @property
    def sigma_m(self) -> float:
        """Standard deviation of the place, each way."""
        return math.sqrt(self.spread)

    def predict(self, t_s: float) -> None:
        """Move on to `t_s`; an earlier moment changes nothing."""
        dt = t_s - self.t_s
        if dt <= 0.0:
            return
        keeps = math.exp(-dt / KEEPS_S)
        goes_s = KEEPS_S * (1.0 - keeps)
        self.x_m += self.vx * goes_s
        self.y_m += self.vy * goes_s
        self.vx *= keeps
        self.vy *= keeps
        fresh = SPEED_M_S**2
        wander = fresh * (2.0 * KEEPS_S * dt - KEEPS_S**2 * (3.0 - 4.0 * keeps + keeps**2))
        self.spread += 2.0 * goes_s * self.drift + goes_s**2 * self.pace + wander
        self.drift = keeps * (self.drift + goes_s * self.pace) + fresh * goes_s * (1.0 - keeps)
        self.pace = keeps**2 * self.pace + fresh * (1.0 - keeps**2)
        self.t_s = t_s

    def take_over(self, other: "Walker") -> None:
        """`other` was this person all the time: they are where it is."""
        self.t_s, self.x_m, self.y_m, self.vx, self.vy = other.t_s, other.x_m, other.y_m, other.vx, other.vy
        self.spread, self.drift, self.pace = other.spread, other.drift, other.pace
        self.seen_s, self.seen_at, self.leaving = other.seen_s, other.seen_at, False
        self.seen_times += other.seen_times
        self.seen_by |= other.seen_by

    def surprise(self, x_m: float, y_m: float, sigma_m: float) -> tuple[float, float]:
        """How far from here a camera saw somebody: squared, in standard deviations; and the variance of one (m²)."""
        variance = self.spread + measured_variance(sigma_m)
        return ((x_m - self.x_m) ** 2 + (y_m - self.y_m) ** 2) / variance, variance

    def update(self, x_m: float, y_m: float, sigma_m: float) -> None:
        """Take in where a camera sees them now."""
        variance = self.spread + measured_variance(sigma_m)
        gain, gain_v = self.spread / variance, self.drift / variance
        off_x, off_y = x_m - self.x_m, y_m - self.y_m
        self.x_m += gain * off_x
        self.y_m += gain * off_y
        self.vx += gain_v * off_x
        self.vy += gain_v * off_y
        self.pace -= gain_v * self.drift
        self.drift *= 1.0 - gain
        self.spread *= 1.0 - gain


def measured_variance(sigma_m: float) -> float:
    """Of a place that a camera gives with standard deviation `sigma_m`: the camera's own error comes on top; m²."""
    return sigma_m**2 + CALIBRATION_M**2
