"""The port to whoever holds the shopper's money.

Every call carries a key derived from what it pays for. The same key with the same arguments has the same outcome, made
once, however often it is called; with other arguments it is a KeyReusedError. An answer is an outcome; a GatewayError
means that there was none: what came of it must then be asked for before the call is made again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from cloud.domain.money import Money

Kind = Literal["hold", "capture", "release", "refund"]

LAPSED = frozenset({"hold_expired", "hold_closed", "unknown_hold"})
"""Why a capture is declined where the hold is gone: another hold may be taken in its place."""


@dataclass(frozen=True, slots=True)
class Done:
    """The gateway did it. `reference` is what later calls name it by; a hold may expire."""

    reference: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """The gateway will not do it, for `reason` (a short code)."""

    reason: str


Outcome = Done | Declined


@dataclass(frozen=True, slots=True)
class Order:
    """A call as it was or will be made.

    `subject` is whom it concerns: the payer of a hold, the reference of the hold that is captured or released, the
    reference of the capture that is refunded.
    """

    store: str
    kind: Kind
    key: str
    subject: str
    amount: Money


def payment_key(store: str, visit: UUID, kind: Kind, number: int = 1) -> str:
    """The idempotency key of a visit's payment. A capture or release has the number of the hold that it ends."""
    return f"{store}/{visit}/{kind}/{number}"


class PaymentGateway(Protocol):
    """Reserves, takes, frees and gives back a shopper's money."""

    def hold(self, store: str, payer: str, amount: Money, key: str) -> Outcome:
        """Reserve `amount` of the payer's; the reference names the hold."""

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        """Take `amount`, at most what is held, and free the rest of the hold."""

    def release(self, store: str, hold: str, key: str) -> Outcome:
        """Free the whole hold."""

    def refund(self, store: str, capture: str, amount: Money, key: str) -> Outcome:
        """Give back `amount` of what was captured; all refunds together at most that."""

    def ask(self, order: Order) -> Outcome | None:
        """What came of the call that was made with `order`; None where it never was, as far as is known."""
