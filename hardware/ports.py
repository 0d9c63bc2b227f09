"""The ports: what the store needs of a camera, a scale, a gate and a light, whatever stands behind them.

Every reading carries `t_s`, seconds since the recording began (for a live device: since the node opened it), taken from
the device's own frames and samples and never from the clock on the wall, so that a day can be replayed bit for bit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    # Each camera's process loads this file, and has a second or two to be there again: what the two need is half of it.
    from protocol.commands import Command
    from protocol.events import Event

Image = npt.NDArray[np.uint8]
"""Height × width × 3, blue-green-red, 0–255."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of one camera. `index` counts the camera's own frames from 0, those left out too."""

    t_s: float
    camera: str
    index: int
    image: Image


@dataclass(frozen=True, slots=True)
class Weight:
    """One sample of one plate: the load in grams."""

    t_s: float
    plate: str
    grams: float


@dataclass(frozen=True, slots=True)
class Pass:
    """Someone at the gate: in with a token, or out."""

    t_s: float
    lane: str
    event: Literal["enter", "exit", "turned_away"]
    """Turned away: the lane stayed shut after all for whoever had shown the token."""
    token: str
    party: int = 1
    """How many people come in on the token."""
    staff: bool = False
    """The sealed token says that they work here."""
    waits: bool = False
    """The lane opens when the money is held, and not before."""
    sealed: Literal["hmac", "eddsa"] | None = None
    """How the token proved that it is genuine; None: it did not have to."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Where a node sees a person: instead of pictures, for whoever sees with other eyes or joins several nodes.

    `track` is the camera's own number for them. `x_m`, `y_m` are on the store's plan, `sigma_m` their standard
    deviation; `wrists` are those that are seen: x, y, z in metres and how sure that is (0–1).
    """

    t_s: float
    camera: str
    track: int
    x_m: float
    y_m: float
    sigma_m: float
    wrists: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What a node says of a slot in the view of a shelf camera, instead of pictures: `protocol.recording.LookLine`.

    `span_s` is when something was before the slot; None while it is covered, and where it was nothing.
    """

    t_s: float
    camera: str
    slot: str
    covered: bool
    span_s: tuple[float, float] | None = None
    changed: float = 0.0
    edges: float = 0.0
    before: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A device stopped giving what it should; nothing more comes from it until it is `Restored`."""

    t_s: float
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A device that had faulted gives again what it should."""

    t_s: float
    part: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What something before the node has to tell: it becomes an event as it is."""

    t_s: float
    event: "Event"


@dataclass(frozen=True, slots=True)
class Asked:
    """The cloud asks the store to do something. Whoever does it takes it out of the stream."""

    t_s: float
    command: "Command"


Reading = Frame | Weight | Observation | Look | Pass | Fault | Restored | Notice | Asked


class Camera(Protocol):
    """A source of pictures in the order of their times."""

    @property
    def id(self) -> str:
        """The camera's name in the store file."""

    def frames(self) -> Iterator[Frame]:
        """The pictures, until the source ends. Raises CameraError where it breaks."""

    def close(self) -> None:
        """Let the source go. May be called twice."""


class Scale(Protocol):
    """A source of plate weights in the order of their times."""

    def weights(self) -> Iterator[Weight]:
        """The samples of every plate behind this driver. Raises DeviceError where it breaks."""


class Gate(Protocol):
    """Where tokens are read, and what lets people through."""

    def passes(self) -> Iterator[Pass]:
        """What the readers saw, in the order of their times. Raises DeviceError where they break."""

    def open(self, lane: str) -> None:
        """Let one visit through `lane`."""


LightState = Literal["green", "amber", "red"]


class Light(Protocol):
    """What tells people at the gate how things stand."""

    def show(self, state: LightState) -> None:
        """Green: come in. Amber: a person should look. Red: closed."""
