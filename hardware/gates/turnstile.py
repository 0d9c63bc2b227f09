"""A turnstile or door opener on a relay: opened for one pulse a visit, and shut whatever happens.

    relay      on                            to        and
    off        open                          on        for `PULSE_S`
    on         open                          on        the pulse begins anew: one that is cut short may turn nothing
    on         the pulse is over, or close   off
    off        cannot be set on              off       DeviceError
    on         cannot be set off             on        said in the log, and tried again `TRIES_MAX` times

Tokens come from another driver (a card reader, a code reader, none): a turnstile only turns. Which board's pin the
relay hangs on is behind `Relay`; `SimulatedRelay` is one without a board, and behaves the same in the same tests.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from hardware.errors import DeviceError
from hardware.ports import Gate, Pass

logger = logging.getLogger(__name__)

PULSE_S = 0.5
"""What turnstiles' and door openers' inputs want: 0.2 to 1 s."""


TRIES_MAX = 20
"""A relay that cannot be switched off after ten seconds wants a person at the gate."""


class Relay(Protocol):
    """One relay."""

    def set(self, on: bool, /) -> None:
        """Switch it. Raises OSError where the board refuses."""

    def close(self) -> None:
        """Switch it off and let it go. May be called twice."""


class Pulse(Protocol):
    """A call that will come, or not."""

    def cancel(self) -> None:
        """It is not to come any more."""


After = Callable[[float, Callable[[], None]], Pulse]
"""Calls something after so many seconds, once."""


class Turnstile:
    """A gate with a relay a lane; `reader` says who came. Raises DeviceError where a relay cannot be set."""

    def __init__(self, reader: Gate | None, relays: Mapping[str, Relay], after: After | None = None) -> None:
        self._reader = reader
        self._relays = dict(relays)
        self._after = after or _by_timer
        self._pulses: dict[str, Pulse] = {}
        self._lock = threading.Lock()
        for lane in self._relays:
            # A program that was killed in the middle of a pulse left it on.
            self._set(lane, on=False)

    def passes(self) -> Iterator[Pass]:
        """What the reader saw; nothing where there is none."""
        return iter(()) if self._reader is None else self._reader.passes()

    def open(self, lane: str) -> None:
        """Let one visit through `lane`; nothing moves at a lane without a relay."""
        if lane not in self._relays:
            return
        with self._lock:
            running = self._pulses.pop(lane, None)
            if running is not None:
                running.cancel()
            # The end is planned first: a relay that is on without one would stay on.
            self._pulses[lane] = self._after(PULSE_S, lambda: self._end(lane))
            self._set(lane, on=True)

    def close(self) -> None:
        """Shut every lane and let the relays go. May be called twice."""
        with self._lock:
            for pulse in self._pulses.values():
                pulse.cancel()
            self._pulses.clear()
            for relay in self._relays.values():
                relay.close()

    def _end(self, lane: str, tries: int = 1) -> None:
        with self._lock:
            # Cancelled too late: whoever cancelled it has planned another end, or has closed the relay.
            if self._pulses.pop(lane, None) is None:
                return
            try:
                self._set(lane, on=False)
            except DeviceError as error:
                logger.error("%s: it is still on", error)  # noqa: TRY400 - the message says all
                if tries < TRIES_MAX:
                    self._pulses[lane] = self._after(PULSE_S, lambda: self._end(lane, tries + 1))

    def _set(self, lane: str, *, on: bool) -> None:
        try:
            self._relays[lane].set(on)
        except OSError as error:
            raise DeviceError(f"lane {lane}: its relay cannot be switched ({error})") from None


class SimulatedRelay:
    """A relay without a board, with what hangs on it: a turnstile that lets one person through while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.closed = False
        self.opened = 0
        """How often it was switched from off to on."""
        self.broken = False
        """From now on the board refuses."""

    def set(self, on: bool, /) -> None:
        """Switch it."""
        if self.broken or self.closed:
            raise OSError("the board does not answer")
        self.opened += on and not self.on
        self.on = on

    def close(self) -> None:
        """Switch it off and let it go."""
        self.on, self.closed = False, True


def _by_timer(delay_s: float, call: Callable[[], None]) -> Pulse:
    timer = threading.Timer(delay_s, call)
    timer.daemon = True
    timer.start()
    return timer
