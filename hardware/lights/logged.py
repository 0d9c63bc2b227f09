"""A light for a store that has none: its state goes to the log."""

import logging

from hardware.ports import LightState

logger = logging.getLogger(__name__)


class LoggedLight:
    """Says each change once."""

    def __init__(self) -> None:
        self.state: LightState | None = None

    def show(self, state: LightState) -> None:
        """Log `state` where it is another than before."""
        if state != self.state:
            logger.info("light: %s", state)
            self.state = state
