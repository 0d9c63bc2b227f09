"""One person of the store, as the joining knows them."""

import math
from dataclasses import dataclass, field

import numpy as np

from edge.tracking.appearance import Appearance
from edge.tracking.floor import PersonOnFloor
from edge.tracking.joining.motion import Motion, measured_variance

AT_ONCE_S = 0.5
"""Of two that were seen within this time of each other, the surer place holds."""
LOOKS_MEMORY = 100.0
"""So many looks a person's stands for: some seven seconds of three cameras, so that a wrong pairing spoils little."""


@dataclass(slots=True, eq=False)
class Walker:
    """A person with the store-wide number `person`: `motion` is where they are thought to be by now."""

    person: int
    motion: Motion
    born: Motion
    """When and where they were seen for the first time."""
    seen: Motion
    """And for the last time."""
    seen_times: int = 1
    confirmed: bool = False
    leaving: bool = False
    expected: bool = False
    """Whether they are one of those whom the gate let in."""
    seen_by: dict[str, tuple[int, float]] = field(default_factory=dict)
    """By camera: its own number for them, and when it saw them last."""
    appearance: Appearance | None = None
    """What they look like, where cameras tell."""

    @staticmethod
    def of(person: int, one: PersonOnFloor) -> "Walker":
        """Somebody whom a camera sees for the first time."""
        here = Motion(one.t_s, one.x_m, one.y_m, measured_variance(one.sigma_m))
        walker = Walker(person, here, here, here, seen_by={one.camera: (one.track, one.t_s)})
        walker.look(one)
        return walker

    @property
    def sigma_m(self) -> float:
        """Standard deviation of the place, each way."""
        return math.sqrt(self.motion.spread)

    def update(self, one: PersonOnFloor) -> None:
        """Take in that a camera sees them."""
        self.motion = self.seen = self.motion.seen(one.x_m, one.y_m, one.sigma_m)
        self.seen_times += 1
        self.seen_by[one.camera] = (one.track, one.t_s)
        self.look(one)

    def look(self, one: PersonOnFloor) -> None:
        """Take in what a camera sees them look like."""
        if one.look is None:
            return
        look = np.array(one.look, np.float32)
        self.appearance = Appearance(look) if self.appearance is None else self.appearance.with_(look, LOOKS_MEMORY)

    def take_over(self, other: "Walker") -> None:
        """`other` was this person all the time: they are where it is."""
        self.motion, self.seen, self.leaving = other.motion, other.seen, False
        self.seen_times += other.seen_times
        self.seen_by |= other.seen_by
        self.appearance = self.appearance or other.appearance

    def is_also(self, other: "Walker") -> None:
        """Some cameras followed this person as `other` all the while; what they call them is known by that."""
        newer_s = other.seen.t_s - self.seen.t_s
        if newer_s > AT_ONCE_S or (newer_s > -AT_ONCE_S and other.motion.spread < self.motion.spread):
            self.motion, self.seen = other.motion, other.seen
        self.seen_times += other.seen_times
        self.expected |= other.expected
        for camera, known in other.seen_by.items():
            self.seen_by[camera] = max(known, self.seen_by.get(camera, known), key=lambda each: each[1])
        self.appearance = self.appearance or other.appearance
