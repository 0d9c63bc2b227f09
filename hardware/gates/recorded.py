"""The gate of a recording: it says what gate.jsonl says."""

import logging
from collections.abc import Iterator, Sequence

from hardware.ports import Pass

logger = logging.getLogger(__name__)


class RecordedGate:
    """Passes in the order of their times; opening it only leaves a line in the log, for the people went in long ago."""

    def __init__(self, passes: Sequence[Pass]) -> None:
        self._passes = tuple(sorted(passes, key=lambda seen: seen.t_s))

    def passes(self) -> Iterator[Pass]:
        """What the recording's readers saw."""
        return iter(self._passes)

    def open(self, lane: str) -> None:
        """Say that the gate would open."""
        logger.info("gate open", extra={"lane": lane})
