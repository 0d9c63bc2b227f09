"""What can go wrong in the mock store."""

from protocol.errors import TillfreeError


class SimulationError(TillfreeError):
    """A scene or a layout that cannot be."""
