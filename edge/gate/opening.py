"""The end of the way in: a lane opens when the entry is on disk, not before, and the light says how things stand."""

import logging
from collections.abc import Callable, Iterable, Iterator

from edge.gate.gatekeeper import Gatekeeper, Refusal
from edge.modes import Mode
from hardware.errors import DeviceError
from hardware.ports import Gate, Light, Reading
from protocol.messages import Envelope

logger = logging.getLogger(__name__)

REFUSALS_A_SECOND = 1.0
"""What the log takes; a phone that shows one wrong code after another must not fill it."""

Say = Callable[[Envelope, float], None]


class Opening:
    """Opens lanes of `gate` and shows the gatekeeper's state on `light`."""

    def __init__(self, gate: Gate | None, light: Light) -> None:
        self._gate = gate
        self._light = light
        self._logged_s = -1.0 / REFUSALS_A_SECOND
        self._unlogged = 0
        self._mode: Mode | None = None

    def refused(self, refusal: Refusal) -> None:
        """Leave it in the log for the operator."""
        if refusal.t_s - self._logged_s < 1.0 / REFUSALS_A_SECOND:
            self._unlogged += 1
            return
        logger.warning("%s%s", refusal, f" ({self._unlogged} more before)" if self._unlogged else "")
        self._logged_s, self._unlogged = refusal.t_s, 0

    def saying(self, say: Say) -> Say:
        """`say`, and a lane opens for each entry that is said: what is said is on disk."""

        def say_and_open(envelope: Envelope, happened_at: float) -> None:
            say(envelope, happened_at)
            if envelope.type == "entered" and self._gate is not None:
                try:
                    self._gate.open(str(envelope.data["lane"]))
                except DeviceError as error:
                    logger.error("%s; let the shopper in by hand", error)  # noqa: TRY400 - the message says all

        return say_and_open

    def showing(self, keeper: Gatekeeper, readings: Iterable[Reading]) -> Iterator[Reading]:
        """`readings` as the gatekeeper lets them through; the light follows."""
        for reading in keeper.readings(readings):
            if keeper.modes.mode is not self._mode:
                self._mode = keeper.modes.mode
                waits = "; ".join(f"{part}: {reason}" for part, reason in keeper.modes.in_the_way.items())
                logger.info("the store is %s%s", self._mode.name, f" ({waits})" if waits else "")
            self._light.show(keeper.light(reading.t_s))
            yield reading
