"""How a live camera does, for whoever asks."""

from dataclasses import dataclass
from typing import Literal

State = Literal["opening", "live", "faulted", "over"]


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """One camera at a moment.

    `state`: opening (not yet seen), live, faulted, or over (it will not come back by itself); `reason` is the latest
    trouble. `fps` is what came of late. `delay_s` lies between the arrival of the last picture in the capture process
    and its arrival here; `behind_s` between when it was taken and when it arrived. `offset_s` is what the source's
    own clock is off ours (its times may begin anywhere), `drift_ppm` how much ours gains on it, `clock_jumps` how
    often it was set. `passed_over` counts pictures that nobody had time for; `starts` the capture processes.
    """

    camera: str
    state: State = "opening"
    reason: str | None = None
    size: tuple[int, int] | None = None
    fps: float = 0.0
    pictures: int = 0
    passed_over: int = 0
    faults: int = 0
    starts: int = 0
    delay_s: float = 0.0
    behind_s: float = 0.0
    offset_s: float = 0.0
    drift_ppm: float = 0.0
    clock_jumps: int = 0
    pid: int | None = None
