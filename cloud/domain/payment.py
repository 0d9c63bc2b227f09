"""The port to whoever holds the shopper's money.

Every call carries a key derived from what it pays for. The same key with the same arguments has the same outcome, made
once, however often it is called; with other arguments it is a KeyReusedError. An answer is an outcome; a GatewayError
means that there was none, and the same call is to be made again.
"""

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from cloud.domain.money import Money

Kind = Literal["hold", "capture", "release", "refund"]


@dataclass(frozen=True, slots=True)
class Done:
    """The gateway did it. `reference` is what later calls name it by."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The gateway will not do it, for `reason` (a short code)."""

    reason: str


Outcome = Done | Declined


def payment_key(store: str, visit: UUID, kind: Kind, number: int = 1) -> str:
    """The idempotency key of the `number`th payment of its kind for a visit."""
    return f"{store}/{visit}/{kind}/{number}"


class PaymentGateway(Protocol):
    """Reserves, takes, frees and gives back a shopper's money."""

    def hold(self, store: str, account: str, amount: Money, key: str) -> Outcome:
        """Reserve `amount` of the account; the reference names the hold."""

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        """Take `amount`, at most what is held, and free the rest of the hold."""

    def release(self, store: str, hold: str, key: str) -> Outcome:
        """Free the whole hold."""

    def refund(self, store: str, capture: str, amount: Money, key: str) -> Outcome:
        """Give back `amount` of what was captured; all refunds together at most that."""
