"""What can go wrong at the edge."""

from protocol.errors import TillfreeError


class EdgeError(TillfreeError):
    """The edge cannot do what it was asked to."""


class PerceptionError(EdgeError):
    """A network cannot be run, or a product cannot be enrolled from what was given."""
