"""What can be wrong with money, carts and settlements."""

from protocol.errors import TillfreeError


class CloudError(TillfreeError):
    """The root of what the cloud raises on purpose."""


class MoneyError(CloudError):
    """An amount that is no whole number of minor units, is out of bounds, or is in another currency."""


class LedgerError(CloudError):
    """An entry whose postings do not sum to zero."""


class TransitionError(CloudError):
    """Something happened to a visit that cannot happen in its state."""


class GatewayError(CloudError):
    """A payment gateway could not be asked, or was asked what makes no sense; the call may be made again."""


class KeyReusedError(GatewayError):
    """An idempotency key that already stands for another call."""
