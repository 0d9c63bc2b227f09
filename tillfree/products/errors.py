"""What can go wrong when products are enrolled."""

from protocol.errors import TillfreeError


class EnrolmentError(TillfreeError):
    """A product cannot be enrolled as asked. Nothing was written."""
