"""A card reader on a serial line: what it says, byte by byte, and passes made of it.

Two ways of speaking are understood, both at 9600 baud, 8 bits, no parity:

    lines    the card's number in 8 to 20 hex digits, then CR, LF or both        most readers with a serial port
    frames   STX (02), 10 hex digits, 2 hex digits of their XOR, ETX (03)        RDM6300, ID-12LA and their like

The token is `card:` and the number in upper case: cards are registered with the cloud under that. A reader says a card
again and again while it is held there: what is repeated within `AGAIN_S` is one pass. What is neither is left in the
log, at most once a second. No more than `PART_MAX` bytes are ever kept.
"""

import functools
import logging
import operator
import os
import re
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from hardware.errors import DeviceError
from hardware.ports import Pass

logger = logging.getLogger(__name__)

PART_MAX = 64
AGAIN_S = 2.0
STX, ETX = 0x02, 0x03
_ENDS = b"\r\n"
_NUMBER = re.compile(rb"[0-9A-Fa-f]{8,20}")
_FRAME_DIGITS = 12


class CardLine:
    """Puts bytes together to cards' numbers; what is no card is counted in `refused`."""

    def __init__(self) -> None:
        self._part = bytearray()
        self._framed = False
        self._too_long = False
        self.refused = 0

    def take(self, data: bytes) -> Iterator[str]:
        """The numbers that `data` completes."""
        for byte in data:
            if byte == STX:
                self._begin(framed=True)
            elif (byte == ETX and self._framed) or (byte in _ENDS and not self._framed):
                number = self._number()
                self._begin(framed=False)
                if number is not None:
                    yield number
            elif len(self._part) < PART_MAX:
                self._part.append(byte)
            else:
                self._too_long = True

    def _begin(self, *, framed: bool) -> None:
        self._part.clear()
        self._framed, self._too_long = framed, False

    def _number(self) -> str | None:
        text = bytes(self._part).strip()
        if not text and not self._too_long:
            return None
        good = not self._too_long and _NUMBER.fullmatch(text) is not None
        if good and self._framed:
            good = len(text) == _FRAME_DIGITS and functools.reduce(operator.xor, bytes.fromhex(text.decode())) == 0
            text = text[: _FRAME_DIGITS - 2]
        if not good:
            self.refused += 1
            return None
        return text.decode("ascii").upper()


class ByteSource(Protocol):
    """Where bytes come from; empty when it has ended."""

    def read(self, size: int, /) -> bytes | None:
        """Up to `size` bytes, as soon as there are any."""


class CardReader:
    """A gate whose tokens are cards. Opening it does nothing: a turnstile does (hardware/gates/turnstile.py)."""

    def __init__(self, name: str, source: ByteSource, lane: str, clock: Callable[[], float]) -> None:
        self._name = name
        self._source = source
        self._lane = lane
        self._clock = clock

    def passes(self) -> Iterator[Pass]:
        """The cards that were held to the reader. Raises DeviceError when it is gone."""
        line, last, last_s, warned_s, refused = CardLine(), "", -AGAIN_S, -1.0, 0
        while data := self._read():
            for number in line.take(data):
                now_s = self._clock()
                if number != last or now_s - last_s >= AGAIN_S:
                    yield Pass(now_s, self._lane, "enter", f"card:{number}")
                last, last_s = number, now_s
            if line.refused > refused and self._clock() - warned_s >= 1.0:
                warned_s = self._clock()
                logger.warning("card reader %s: %d times no card's number", self._name, line.refused - refused)
                refused = line.refused

    def open(self, lane: str) -> None:
        """Nothing moves."""

    def _read(self) -> bytes:
        try:
            data = self._source.read(PART_MAX)
        except OSError as error:
            raise DeviceError(f"card reader {self._name}: {error.strerror}; is it plugged in?") from None
        if not data:
            raise DeviceError(f"card reader {self._name}: it has ended; is it plugged in?")
        return data


def open_serial(path: Path) -> ByteSource:
    """The serial line at `path`, raw, 9600 baud. DeviceError where it cannot be opened or is none."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        try:
            _iflag, _oflag, cflag, _lflag, _ispeed, _ospeed, control = termios.tcgetattr(descriptor)
            cflag = cflag & ~(termios.CSIZE | termios.PARENB | termios.CSTOPB) | termios.CS8 | termios.CREAD
            control[termios.VMIN], control[termios.VTIME] = 1, 0
            termios.tcsetattr(
                descriptor,
                termios.TCSANOW,
                [0, 0, cflag | termios.CLOCAL, 0, termios.B9600, termios.B9600, control],
            )
        except BaseException:
            os.close(descriptor)
            raise
    except (OSError, termios.error) as error:
        raise DeviceError(f"card reader {path}: it cannot be opened as a serial line ({error})") from None
    return open(descriptor, "rb", buffering=0)  # noqa: PTH123 - a descriptor, no path
