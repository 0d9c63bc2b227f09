"""What can go wrong with a device."""

from protocol.errors import TillfreeError


class DeviceError(TillfreeError):
    """A device cannot be opened, or stopped giving what it should. The rest of the store goes on."""


class CameraError(DeviceError):
    """A camera's pictures cannot be had, or are not the pictures that the store file describes."""
