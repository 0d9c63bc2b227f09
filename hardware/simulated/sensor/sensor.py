"""A whole camera: its lens, film, timing and faults in the order in which light and data pass through them."""

from dataclasses import dataclass, field

import numpy as np

from hardware.ports import Image
from hardware.simulated.layout.layout import Viewpoint
from hardware.simulated.sensor.exposure import Flicker, RollingShutter
from hardware.simulated.sensor.faults import Fault, Knock
from hardware.simulated.sensor.film import Blur, Jpeg, Noise, Vignette
from hardware.simulated.sensor.lens import Lens, Size
from hardware.simulated.sensor.timing import Clock, Delivery
from hardware.simulated.sensor.tone import Tone


@dataclass(frozen=True, slots=True)
class Sensor:
    """How one camera sees. As it comes, an ordinary one: sharp, a little noisy, on time."""

    lens: Lens = field(default_factory=Lens)
    shutter: RollingShutter = field(default_factory=lambda: RollingShutter(0.0))
    flicker: Flicker = field(default_factory=Flicker)
    tone: Tone = field(default_factory=Tone)
    blur: Blur = field(default_factory=Blur)
    vignette: Vignette = field(default_factory=Vignette)
    noise: Noise = field(default_factory=Noise)
    jpeg: Jpeg = field(default_factory=lambda: Jpeg(0))
    clock: Clock = field(default_factory=Clock)
    delivery: Delivery = field(default_factory=Delivery)
    faults: tuple[Fault, ...] = ()
    knocks: tuple[Knock, ...] = ()

    def viewpoint(self, viewpoint: Viewpoint, t_s: float) -> Viewpoint:
        """Where the camera looks at `t_s`, knocked or not."""
        for knock in self.knocks:
            viewpoint = knock.viewpoint(viewpoint, t_s)
        return viewpoint


PERFECT = Sensor(blur=Blur(0.0), vignette=Vignette(0.0), noise=Noise(0.0))
"""A sensor that changes nothing."""


@dataclass(slots=True)
class Film:
    """One camera at work: remembers its last picture, as a rolling shutter and a frozen camera need."""

    sensor: Sensor
    rng: np.random.Generator
    _seen: Image | None = field(default=None, repr=False)
    _seen_s: float = 0.0
    _given: Image | None = field(default=None, repr=False)

    def develop(self, image: Image, fov_deg: float, t_s: float, size: Size | None = None) -> Image:
        """What the camera gives, of `size`, of a pinhole's picture taken at `t_s`: see `Lens.bend`.

        Pictures come in the order of their times.
        """
        sensor, before, before_s = self.sensor, self._seen, self._seen_s
        self._seen, self._seen_s = image, t_s
        if before is not None:
            image = sensor.shutter.expose(before, image, t_s - before_s)
        image = sensor.flicker.light(sensor.lens.bend(image, fov_deg, size), t_s)
        image = sensor.tone.render(sensor.vignette.darken(sensor.blur.soften(image)))
        image = sensor.noise.add(image, self.rng)
        image = sensor.jpeg.compress(image)
        for fault in sensor.faults:
            image = fault.spoil(image, self._given, t_s)
        if not any(fault.at(t_s) for fault in sensor.faults):
            self._given = image
        return image
