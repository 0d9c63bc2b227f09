"""What can go wrong with a network, from its lock entry to its use. Every message says what, where and what to do."""

from protocol.errors import TillfreeError


class ModelsError(TillfreeError):
    """The root of the errors of this package."""


class UnknownModel(ModelsError):
    """There is no network of that name."""


class ModelNotPulled(ModelsError):
    """The network is not in the cache, or what is there is damaged: it has to be pulled."""


class FetchFailed(ModelsError):
    """A package manager's client is missing, failed, or did not give what was asked for."""


class WrongHash(ModelsError):
    """A file is not the one that the lock file names."""


class NoSpace(ModelsError):
    """The disk that holds the cache is full."""


class ConversionFailed(ModelsError):
    """A published network could not be read or cannot be said in ONNX."""


class CheckFailed(ModelsError):
    """A converted network does not compute what the reference implementation computed."""
