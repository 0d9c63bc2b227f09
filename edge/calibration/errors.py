"""What can go wrong while a camera is calibrated."""

from edge.errors import EdgeError


class CalibrationError(EdgeError):
    """What was marked, shown or seen determines no view of the floor. The message says which, and what to do."""
