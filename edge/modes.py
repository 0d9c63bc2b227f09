"""Whether a store trades: UP, DOWN or STOCKING, and why it does not go UP.

Theory of operation. A person (or the service's start) asks for a mode. DOWN and STOCKING are had at once. UP is had
only while every required device is well: a store that begins blind would charge on doubt. Until then it stays as it
was, the wish for UP is remembered, and it goes UP by itself when the last device is well, unless another mode was asked
for meanwhile. Once UP it stays UP when a device fails: what is not seen goes to review, and nothing stops.

    mode        on                                        to          and
    any         asked DOWN                                DOWN        a wish for UP is forgotten
    any         asked STOCKING                            STOCKING    a wish for UP is forgotten
    any         asked UP, all required devices well       UP
    DOWN        asked UP, some not                        DOWN        refused with the reasons; the wish is kept
    STOCKING    asked UP, some not                        STOCKING    the same
    UP          asked UP, some not                        UP          it is UP already
    DOWN, STOCKING with a wish    the last becomes well   UP
    UP          a device fails                            UP          the caller tells the operator

A device that has not been heard of yet is not well: it may never come. A camera that is said to be knocked askew
(a fault of its `view`) is in the way as well. Shoppers enter while UP; staff at any time.
"""

from collections.abc import Iterable
from enum import Enum

from protocol.store import Store

UNHEARD = "nothing has been heard of it yet"


class Mode(Enum):
    """What the store does."""

    UP = "up"
    DOWN = "down"
    STOCKING = "stocking"


def required(store: Store) -> tuple[str, ...]:
    """The devices without which a store does not go UP, named as faults name them: all its cameras."""
    return tuple(f"camera {camera.id}" for camera in store.cameras)


class Modes:
    """A store's mode. `parts` are the required devices."""

    def __init__(self, parts: Iterable[str]) -> None:
        self._ill: dict[str, str] = dict.fromkeys(parts, UNHEARD)
        # What a required camera looks at is required of it too, but well until somebody says that it is not.
        views = (f"view {part.removeprefix('camera ')}" for part in self._ill if part.startswith("camera "))
        self._required = frozenset([*self._ill, *views])
        self._wants_up = False
        self.mode = Mode.DOWN

    @property
    def wants_up(self) -> bool:
        """Whether it goes UP by itself when nothing is in the way any more."""
        return self._wants_up and self.mode is not Mode.UP

    @property
    def in_the_way(self) -> dict[str, str]:
        """What keeps the store from going UP: device → reason."""
        return dict(self._ill)

    def ask(self, mode: Mode) -> dict[str, str]:
        """Ask for a mode; what is in its way, device → reason. Empty: it is had."""
        self._wants_up = mode is Mode.UP
        if mode is not Mode.UP:
            self.mode = mode
            return {}
        self._rise()
        return {} if self.mode is Mode.UP else self.in_the_way

    def failed(self, part: str, reason: str) -> None:
        """A device is not well."""
        if part in self._required:
            self._ill[part] = reason

    def well(self, part: str) -> None:
        """A device gives what it should."""
        if self._ill.pop(part, None) is not None:
            self._rise()

    def _rise(self) -> None:
        if self._wants_up and not self._ill:
            self.mode = Mode.UP
