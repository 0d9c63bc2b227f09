"""What can go wrong with delivery. While any of these is raised by an append, the store must not trade."""

from edge.errors import EdgeError


class DeliveryError(EdgeError):
    """An event cannot be delivered, or the way to the cloud is described wrongly."""


class OutboxError(DeliveryError):
    """The outbox did not do what it was asked to. Nothing was half written: all of it is as before."""


class OutboxFull(OutboxError):
    """The disk, or the outbox's own limit, has no room for an event."""


class OutboxLocked(OutboxError):
    """Another program holds the outbox."""


class OutboxForeign(OutboxError):
    """The file is not this device's outbox."""


class OutboxDamaged(OutboxError):
    """The file's content is broken. Opening it again sets it aside and begins a new epoch."""


class ReplayDiffers(OutboxError):
    """A recording that is replayed says something else than it did the first time."""


class AckBeyondEnd(OutboxError):
    """The cloud says it committed events that this outbox has never held."""
