"""Sensors by name: from a camera as a catalogue shows it to one that should have been replaced.

A preset is a range for each thing that a camera does to a picture; what one camera of a store does is drawn from these
by the store's seed and the camera's id. docs/mock-store.md has the table.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hardware.simulated.errors import SimulationError
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.sensor.exposure import Flicker, RollingShutter
from hardware.simulated.sensor.film import Blur, Jpeg, Noise, Vignette
from hardware.simulated.sensor.lens import Lens, Size
from hardware.simulated.sensor.sensor import PERFECT, Sensor
from hardware.simulated.sensor.timing import Clock, Delivery
from hardware.simulated.sensor.tone import Tone
from hardware.simulated.streams import stream

Range = tuple[float, float]
NOTHING: Range = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Preset:
    """From and to, for each of a camera's faults; a camera draws one value of each."""

    barrel: Range = NOTHING
    """By which share the picture's corners are drawn in."""
    blur_px: Range = NOTHING
    vignette: Range = NOTHING
    noise: Range = NOTHING
    """Grey values of 255."""
    jpeg: Range = NOTHING
    """Quality; 0 for none."""
    readout_s: Range = NOTHING
    """From the first row's exposure to the last one's."""
    flicker: Range = NOTHING
    ev: Range = NOTHING
    warmth: Range = NOTHING
    dropped: Range = NOTHING
    """Share of frames."""
    late_s: Range = NOTHING
    jitter_s: Range = NOTHING
    stamped_on_arrival: bool = False
    clock_off_s: Range = NOTHING
    drift_ppm: Range = NOTHING


PRESETS: Mapping[str, Preset | None] = {
    "clean": None,
    "good": Preset(
        barrel=(0.0, 0.03),
        blur_px=(0.3, 0.6),
        vignette=(0.0, 0.15),
        noise=(1.0, 2.5),
        jpeg=(85, 95),
        readout_s=(0.005, 0.02),
        ev=(-0.15, 0.15),
        warmth=(-0.1, 0.1),
        late_s=(0.02, 0.08),
        jitter_s=(0.0, 0.01),
        clock_off_s=(-0.02, 0.02),
        drift_ppm=(-20, 20),
    ),
    "worn": Preset(
        barrel=(0.02, 0.06),
        blur_px=(0.5, 1.1),
        vignette=(0.1, 0.3),
        noise=(2.5, 5.0),
        jpeg=(60, 85),
        readout_s=(0.01, 0.03),
        flicker=(0.0, 0.06),
        ev=(-0.5, 0.5),
        warmth=(-0.35, 0.35),
        dropped=(0.0, 0.03),
        late_s=(0.05, 0.2),
        jitter_s=(0.01, 0.05),
        clock_off_s=(-0.1, 0.1),
        drift_ppm=(-60, 60),
    ),
    "bad": Preset(
        barrel=(0.05, 0.1),
        blur_px=(1.0, 2.0),
        vignette=(0.2, 0.5),
        noise=(5.0, 9.0),
        jpeg=(30, 60),
        readout_s=(0.02, 0.04),
        flicker=(0.05, 0.2),
        ev=(-1.0, 1.0),
        warmth=(-0.7, 0.7),
        dropped=(0.03, 0.15),
        late_s=(0.1, 0.4),
        jitter_s=(0.05, 0.2),
        stamped_on_arrival=True,
        clock_off_s=(-0.3, 0.3),
        drift_ppm=(-200, 200),
    ),
}
"""`clean`: a pinhole. `good`: a decent camera, well set. `worn`: years old, cheap, set once. `bad`: change it."""


def sensor_of(preset: str, viewpoint: Viewpoint, size: Size, seed: int) -> Sensor:
    """The sensor of the camera at `viewpoint` with pictures of `size` in the store with that `seed`.

    SimulationError where no preset is called so.
    """
    if preset not in PRESETS:
        raise SimulationError(f"no sensor is called {preset!r}; there are: {', '.join(PRESETS)}")
    ranges = PRESETS[preset]
    if ranges is None:
        return PERFECT
    rng = stream(seed, "sensor", viewpoint.camera)
    return Sensor(
        lens=_lens(_drawn(rng, ranges.barrel), viewpoint.fov_deg, size),
        blur=Blur(_drawn(rng, ranges.blur_px)),
        vignette=Vignette(_drawn(rng, ranges.vignette)),
        noise=Noise(_drawn(rng, ranges.noise)),
        jpeg=Jpeg(round(_drawn(rng, ranges.jpeg))),
        shutter=RollingShutter(_drawn(rng, ranges.readout_s)),
        flicker=Flicker(_drawn(rng, ranges.flicker)),
        tone=Tone(_drawn(rng, ranges.ev), _drawn(rng, ranges.warmth)),
        delivery=Delivery(
            _drawn(rng, ranges.dropped),
            _drawn(rng, ranges.late_s),
            _drawn(rng, ranges.jitter_s),
            ranges.stamped_on_arrival,
        ),
        clock=Clock(_drawn(rng, ranges.clock_off_s), _drawn(rng, ranges.drift_ppm)),
    )


def _drawn(rng: np.random.Generator, limits: Range) -> float:
    # Six places: a figure that can be read, and the same on every machine.
    return round(float(rng.uniform(*limits)), 6)


def _lens(barrel: float, fov_deg: float, size: Size) -> Lens:
    """The lens that draws a picture's corners in by that share: the wider the view, the weaker its term.

    Up to 4/27 the corners can be reached at all.
    """
    across = math.tan(math.radians(fov_deg) / 2.0)
    corner = across * math.hypot(1.0, size[1] / size[0])
    return Lens(k1=round(-barrel / corner**2, 6))
