"""How fast a recording is played: as fast as it goes, or at the pace at which it happened."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Pace(Protocol):
    """Decides when the next reading is due."""

    def wait(self, t_s: float) -> None:
        """Return when the moment `t_s` of the recording has come."""

    def happened_at(self, t_s: float) -> float:
        """The Unix time at which the moment `t_s` of the recording happened, as a spectator would have it."""

    def since_s(self, t_s: float) -> float | None:
        """How long ago the moment `t_s` was, in seconds; None for a play that keeps no time."""


class AsFastAsItGoes:
    """Never waits: what is read now happens now."""

    def wait(self, t_s: float) -> None:
        """Return at once."""

    def happened_at(self, t_s: float) -> float:  # noqa: ARG002 - the port's argument
        """Now."""
        return time.time()

    def since_s(self, t_s: float) -> float | None:  # noqa: ARG002 - the port's argument
        """Nothing is late where nothing is due."""
        return None


class OwnPace:
    """Plays as it happened. The recording's beginning is anchored to a moment of Unix time, in `anchor_s`.

    A run that is taken up again after a crash keeps its anchor, so it hurries until it has caught up. Waiting goes by
    the monotonic clock: when the wall clock is set, the play does not jump.
    """

    def __init__(self, anchor_s: float, stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self._anchor_s = anchor_s
        self._stop = stop
        self._clock = clock
        # A wall clock that was set back since the anchor must not make us wait for that long.
        self._began = clock() - max(0.0, time.time() - anchor_s)

    def wait(self, t_s: float) -> None:
        """Return when `t_s` is due, or at once when the play is to stop."""
        self._stop.wait(max(0.0, self._began + t_s - self._clock()))

    def happened_at(self, t_s: float) -> float:
        """The anchor and `t_s`."""
        return self._anchor_s + t_s

    def since_s(self, t_s: float) -> float | None:
        """By the monotonic clock."""
        return self._clock() - self._began - t_s


def anchored(path: Path, identity: str) -> float:
    """The anchor of run `identity`, kept in the file at `path`: the one that was kept there before, else now."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["identity"] == identity:
            return float(kept["anchor_s"])
    except (OSError, ValueError, KeyError, TypeError):
        # No anchor, or one cut short by a crash: then the play begins now.
        pass
    anchor_s = time.time()
    path.write_text(json.dumps({"identity": identity, "anchor_s": anchor_s}), encoding="utf-8")
    return anchor_s
