"""What can go wrong when people are followed through a file."""

from protocol.errors import TillfreeError


class TrackError(TillfreeError):
    """The detections cannot be read, the tracks cannot be written, or it is not said what to follow."""
