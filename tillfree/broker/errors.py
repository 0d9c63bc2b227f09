"""What can go wrong with a broker."""

from protocol.errors import TillfreeError


class BrokerError(TillfreeError):
    """No broker can be had; the message says which one, why, and what to do."""
