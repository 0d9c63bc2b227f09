"""What can go wrong where the parts are put together."""

from protocol.errors import TillfreeError


class EvaluationError(TillfreeError):
    """Labels cannot be read, or say nothing that could be scored."""


class DemoError(TillfreeError):
    """The demo cannot start or go on."""


class EdgeRunError(TillfreeError):
    """The edge was asked for something that is not one thing to watch."""


class TokensError(TillfreeError):
    """Keys or tokens were asked for that cannot be."""
