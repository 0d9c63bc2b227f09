"""A gate typed by hand, or by a USB code reader that types: one line a pass.

`TOKEN` enters; `exit TOKEN` leaves. Most USB QR readers act as a keyboard and end what they read with Enter, so this
is a real gate for a mock store.
"""

from collections.abc import Callable, Iterator
from typing import TextIO

from hardware.ports import Pass


class LineGate:
    """Reads passes from a text stream until it ends. The gate is a person, so opening it does nothing."""

    def __init__(self, stream: TextIO, lane: str, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._lane = lane
        self._clock = clock

    def passes(self) -> Iterator[Pass]:
        """What was typed, at the time when the line was complete."""
        for line in self._stream:
            words = line.split()
            if len(words) == 2 and words[0] == "exit":
                yield Pass(self._clock(), self._lane, "exit", words[1])
            elif len(words) == 1:
                yield Pass(self._clock(), self._lane, "enter", words[0])

    def open(self, lane: str) -> None:
        """Nothing moves."""
