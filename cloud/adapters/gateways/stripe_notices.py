"""Reading Stripe's webhooks. The signature is checked before, by the same scheme as everybody's."""

import json
from datetime import UTC, datetime
from typing import Any

from cloud.domain.errors import GatewayError, MoneyError
from cloud.domain.money import Money
from cloud.domain.notice import Notice, NoticeKind

_DISPUTES = {
    "charge.dispute.funds_withdrawn": NoticeKind.CHARGED_BACK,
    "charge.dispute.funds_reinstated": NoticeKind.CHARGE_BACK_REVERSED,
}
_ANSWERS = {
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
}


class StripeNotices:
    """Reads webhooks of an account that belongs to one store: a dispute does not say which store it is about."""

    def __init__(self, store: str) -> None:
        self._store = store

    def __call__(self, body: bytes) -> Notice:
        """The notice in a webhook's body; GatewayError where it makes no sense."""
        try:
            event = json.loads(body)
            return self._read(str(event["id"])[:100], str(event["type"]), event["created"], event["data"]["object"])
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, MoneyError) as error:
            raise GatewayError(f"the webhook makes no sense: {type(error).__name__}: {error}") from None

    def _read(self, name: str, kind: str, created: int, about: dict[str, Any]) -> Notice:
        occurred_at = datetime.fromtimestamp(created, UTC)
        amount = Money(int(about.get("amount", 0)), str(about.get("currency", "xxx")).upper())
        if kind in _DISPUTES:
            # Known by the PaymentIntent, which is what a capture of ours is called at Stripe.
            intent = str(about["payment_intent"])[:200]
            return Notice(name, self._store, _DISPUTES[kind], intent, str(about["id"])[:200], amount, occurred_at)
        meant = NoticeKind.ANSWERED if kind in _ANSWERS else NoticeKind.OTHER
        metadata = about.get("metadata") or {}
        key, reference = str(metadata.get("pays_for", ""))[:200], str(about.get("id", ""))[:200]
        return Notice(name, self._store, meant, key, reference, amount, occurred_at)
