"""A relay on a pin of a board's GPIO chip, through libgpiod: Raspberry Pi, Jetson and what else Linux knows.

Written as `/dev/gpiochip0:17`; `/dev/gpiochip0:17:low` for a relay board that switches on when the pin is low, as most
with optocouplers do. The kernel takes the pin back when the process ends; whether it then falls to off is the board's
matter, so wire the relay such that a floating pin leaves the turnstile shut. This has not been run on a device yet.
"""

import re
from typing import Any

from hardware.errors import DeviceError

_WRITTEN = re.compile(r"(?P<chip>/dev/gpiochip\d{1,3}):(?P<pin>\d{1,3})(?P<low>:low)?")
CONSUMER = "tillfree turnstile"


def parse_pin(text: str) -> tuple[str, int, bool]:
    """Chip, pin, and whether it switches on when low. DeviceError for anything else."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise DeviceError(f"{text!r} is no relay's pin; write /dev/gpiochip0:17, or /dev/gpiochip0:17:low")
    return found["chip"], int(found["pin"]), found["low"] is not None


class PinRelay:
    """The relay at `written`, off. DeviceError where the pin cannot be had."""

    def __init__(self, written: str) -> None:
        chip, self._pin, low = parse_pin(written)
        try:
            import gpiod
        except ModuleNotFoundError:
            raise DeviceError(f"{written}: relays need the extra: pip install 'tillfree[gpio]'") from None

        self._values = gpiod.line.Value
        settings = gpiod.LineSettings(
            direction=gpiod.line.Direction.OUTPUT, output_value=gpiod.line.Value.INACTIVE, active_low=low
        )
        try:
            self._request: Any = gpiod.request_lines(chip, consumer=CONSUMER, config={self._pin: settings})
        except (OSError, ValueError) as error:
            raise DeviceError(
                f"{written}: this pin cannot be had ({error}); is it free, and are you in group gpio?"
            ) from None

    def set(self, on: bool, /) -> None:
        """Switch it."""
        if self._request is None:
            raise OSError("the pin was let go")
        self._request.set_value(self._pin, self._values.ACTIVE if on else self._values.INACTIVE)

    def close(self) -> None:
        """Switch it off and let the pin go."""
        if self._request is not None:
            request, self._request = self._request, None
            try:
                request.set_value(self._pin, self._values.INACTIVE)
            finally:
                request.release()
