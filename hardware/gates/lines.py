"""A gate typed by hand, or by a USB code reader that types: one line a pass.

`TOKEN` enters; `exit TOKEN` leaves. Most USB QR readers act as a keyboard and end what they read with Enter, so this
is a real gate for a mock store.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Literal, TextIO

from hardware.errors import DeviceError
from hardware.ports import Pass

logger = logging.getLogger(__name__)

TOKEN_MAX = 512
"""The longest token that an event carries; no code that a reader reads at a gate holds as much."""
LINE_MAX = 2 * TOKEN_MAX


class LineGate:
    """Reads passes from a text stream until it ends. The gate is a person, so opening it does nothing."""

    def __init__(self, stream: TextIO, lane: str, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._lane = lane
        self._clock = clock

    def passes(self) -> Iterator[Pass]:
        """What was typed, at the time when the line was complete. A line that is no pass is left in the log."""
        while line := self._line():
            words = line.split()
            event: Literal["enter", "exit"] = "exit" if words[:1] == ["exit"] else "enter"
            tokens = words[1:] if event == "exit" else words
            if len(tokens) == 1 and len(tokens[0]) <= TOKEN_MAX and tokens[0].isprintable():
                yield Pass(self._clock(), self._lane, event, tokens[0])
            elif words:
                logger.warning("lane %s: not a pass: %.80r; type TOKEN or exit TOKEN", self._lane, line)

    def _line(self) -> str:
        """The next line, cut to LINE_MAX characters; empty when the stream has ended."""
        try:
            line = rest = self._stream.readline(LINE_MAX)
            while rest and not rest.endswith("\n"):
                rest = self._stream.readline(LINE_MAX)
        except (OSError, ValueError) as error:
            raise DeviceError(f"lane {self._lane!r}: cannot be read any more ({error})") from None
        return line

    def open(self, lane: str) -> None:
        """Nothing moves."""
