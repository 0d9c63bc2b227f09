"""The payment gateways that a process can reach, as its settings name them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cloud.adapters.database.engine import Database
from cloud.adapters.gateways.wallet import Wallet
from cloud.clock import Clock
from cloud.domain.errors import CloudError
from cloud.domain.ledger import WALLET
from cloud.domain.notice import Notice
from cloud.domain.payment import PaymentGateway
from cloud.domain.reconciliation import Statement
from cloud.domain.signature import wrong_with
from cloud.settings import Settings

FAKE = "fake"
STRIPE = "stripe"


@dataclass(frozen=True, slots=True)
class WebhookSource:
    """How a gateway's webhooks are known and read."""

    secrets: tuple[str, ...]
    read: Callable[[bytes], Notice]
    wrong_with: Callable[[str, bytes, tuple[str, ...], datetime], str | None] = wrong_with
    """Why a signature (its header, the body, the live secrets, now) is not good; None where it is."""


@dataclass(frozen=True, slots=True)
class GatewaySet:
    """Every gateway by name: whom to pay by, whose statement to compare, whose webhooks to take."""

    payments: Mapping[str, PaymentGateway]
    statements: Mapping[str, Statement]
    webhooks: Mapping[str, WebhookSource]
    closers: tuple[Callable[[], None], ...] = field(default=())

    @property
    def names(self) -> frozenset[str]:
        """What an account may pay by."""
        return frozenset(self.payments)

    def close(self) -> None:
        """Let the connections go."""
        for close in self.closers:
            close()


def gateways_of(settings: Settings, database: Database, clock: Clock) -> GatewaySet:
    """The embedded wallet, and what else is set up."""
    wallet = Wallet(database, clock)
    payments: dict[str, PaymentGateway] = {WALLET: wallet}
    statements: dict[str, Statement] = {WALLET: wallet}
    webhooks: dict[str, WebhookSource] = {}
    closers: list[Callable[[], None]] = []
    if settings.fake_gateway_url:
        # Only a process that asks a gateway pays for the HTTP client.
        import httpx

        from cloud.adapters.gateways.fake import TIMEOUT_S, FakeGatewayClient
        from cloud.adapters.gateways.fake_notices import read_fake_notice

        client = httpx.Client(base_url=settings.fake_gateway_url, timeout=TIMEOUT_S)
        fake = FakeGatewayClient(client)
        payments[FAKE] = fake
        statements[FAKE] = fake
        webhooks[FAKE] = WebhookSource(settings.fake_gateway_secrets, read_fake_notice)
        closers.append(client.close)
    if settings.stripe_key:
        try:
            from cloud.adapters.gateways.stripe import stripe_gateway
            from cloud.adapters.gateways.stripe_notices import StripeNotices
            from cloud.adapters.gateways.stripe_signature import wrong_with_stripe
        except ModuleNotFoundError:
            raise CloudError("TILLFREE_STRIPE_KEY is set: install tillfree[stripe], or take it away") from None
        by_card = stripe_gateway(settings.stripe_key)
        payments[STRIPE] = by_card
        statements[STRIPE] = by_card
        if settings.stripe_store:
            reader = StripeNotices(settings.stripe_store)
            webhooks[STRIPE] = WebhookSource(settings.stripe_secrets, reader, wrong_with_stripe)
    return GatewaySet(payments, statements, webhooks, tuple(closers))
