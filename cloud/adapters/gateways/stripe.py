"""Stripe, by its official library: a hold is a PaymentIntent with manual capture, and its id names everything after.

The payer is `CUSTOMER:PAYMENT_METHOD`. What a call pays for stands in the metadata (`store`, `pays_for`), so that it
can be asked about: a capture or release by the PaymentIntent itself, a refund by the list of its refunds, a hold by the
list of the customer's PaymentIntents. (Stripe's search by metadata may be a minute behind, lists are not.)

Holds on cards last about seven days; HOLD_LASTS is less, so that another is taken in time. A payer who would have to
confirm the payment is not there to do so: such a hold is cancelled and declined.

Sources: docs.stripe.com/payments/place-a-hold-on-a-payment-method, docs.stripe.com/api/idempotent_requests.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from cloud.domain.errors import GatewayError, KeyReusedError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Order, Outcome
from cloud.domain.reconciliation import Movement, OpenHold

HOLD_LASTS = timedelta(days=6)
KEYS_MAX = 8
LISTED_MAX = 100
"""PaymentIntents of one customer, or refunds of one payment, that are looked through for one of ours."""

TIMEOUT_S = 10.0

_Call = Callable[[dict[str, Any]], Any]


def stripe_gateway(api_key: str, address: str | None = None) -> "StripeGateway":
    """The gateway for an account's secret key; `address` is another one than Stripe's own, for tests."""
    client = stripe.StripeClient(
        api_key,
        base_addresses={"api": address} if address else {},
        # A call without an answer is asked about, not repeated by the library.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
    )
    return StripeGateway(client)


class StripeGateway:
    """A PaymentGateway, and the statement of one."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client
        self._intents: Any = client.v1.payment_intents
        self._refunds: Any = client.v1.refunds
        self._disputes: Any = client.v1.disputes

    def hold(self, store: str, payer: str, amount: Money, key: str) -> Outcome:
        """Reserve `amount` on the payer's card."""
        customer, _, method = payer.partition(":")
        params = {
            "amount": amount.minor,
            "currency": amount.currency.lower(),
            "customer": customer,
            "payment_method": method,
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
            "metadata": {"store": store, "pays_for": key},
        }
        order = Order(store, "hold", key, payer, amount)
        return self._made(order, lambda options: self._intents.create(params, options))

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        """Take `amount` of a hold and free the rest; later calls name it by the hold's id, too."""
        params = {"amount_to_capture": amount.minor}
        order = Order(store, "capture", key, hold, amount)
        return self._made(order, lambda options: self._intents.capture(hold, params, options))

    def release(self, store: str, hold: str, key: str) -> Outcome:
        """Free a hold."""
        order = Order(store, "release", key, hold, Money(0, "XXX"))
        return self._made(order, lambda options: self._intents.cancel(hold, {}, options))

    def refund(self, store: str, capture: str, amount: Money, key: str) -> Outcome:
        """Give back `amount` of a captured PaymentIntent."""
        metadata = {"store": store, "pays_for": key}
        params = {"payment_intent": capture, "amount": amount.minor, "metadata": metadata}
        order = Order(store, "refund", key, capture, amount)
        return self._made(order, lambda options: self._refunds.create(params, options))

    def ask(self, order: Order) -> Outcome | None:
        """What came of the call that was made with `order`."""
        with _Said(order.key):
            match order.kind:
                case "hold":
                    return self._asked_of_hold(order)
                case "refund":
                    return self._asked_of_refund(order)
            try:
                return _of_intent(order, self._intents.retrieve(order.subject))
            except stripe.InvalidRequestError as error:
                if error.http_status == 404:
                    return Declined("unknown_hold")
                raise

    def movements(self, store: str) -> Iterator[Movement]:
        """Every capture, refund and lost or open dispute of the store's."""
        with _Said("the statement"):
            keys: dict[str, str] = {}
            for intent in self._all(self._intents):
                if intent["metadata"].get("store") == store and intent["status"] == "succeeded":
                    # A capture's key is the hold's with another word and the same number.
                    key = intent["metadata"]["pays_for"].replace("/hold/", "/capture/")
                    keys[intent["id"]] = key
                    yield _movement("capture", key, intent["id"], intent, _received(intent))
            for refund in self._all(self._refunds):
                if refund["metadata"].get("store") == store and refund["status"] in {"succeeded", "pending"}:
                    yield _movement("refund", refund["metadata"]["pays_for"], refund["id"], refund, refund["amount"])
            for dispute in self._all(self._disputes):
                key = keys.get(dispute["payment_intent"], "")
                if key:
                    yield _movement("chargeback", key, dispute["id"], dispute, dispute["amount"])
                    if dispute["status"] == "won":
                        yield _movement("chargeback_reversed", key, dispute["id"], dispute, dispute["amount"])

    def open_holds(self, store: str) -> Iterator[OpenHold]:
        """What is still reserved of the store's shoppers."""
        with _Said("the holds"):
            for intent in self._all(self._intents):
                if intent["metadata"].get("store") == store and intent["status"] == "requires_capture":
                    yield OpenHold(intent["metadata"]["pays_for"], intent["id"], intent["amount"])

    def _made(self, order: Order, call: _Call) -> Outcome:
        """Make a call under the order's key; where Stripe keeps a 500 under it and nothing was done, the next key."""
        with _Said(order.key):
            for number in range(1, KEYS_MAX + 1):
                wire_key = order.key if number == 1 else f"{order.key}~{number}"
                try:
                    answer = call({"idempotency_key": wire_key}).to_dict()
                except stripe.CardError as error:
                    return Declined((error.code or "card_declined")[:64])
                except stripe.InvalidRequestError as error:
                    return self._refused(order, error)
                except stripe.APIError as error:
                    if (error.headers or {}).get("Idempotent-Replayed") != "true":
                        raise
                    known = self.ask(order)
                    if known is not None:
                        return known
                else:
                    return self._judged(order, answer)
        raise GatewayError(f"{KEYS_MAX} keys for {order.key} ended in errors at Stripe")

    def _judged(self, order: Order, answer: dict[str, Any]) -> Outcome:
        if order.kind == "refund":
            return _of_refund(order, answer)
        if order.kind == "hold" and answer["status"] == "requires_action":
            self._intents.cancel(answer["id"], {}, {"idempotency_key": f"{order.key}/unconfirmed"})
            return Declined("authentication_required")
        outcome = _of_intent(order, answer)
        if outcome is None:
            raise GatewayError(f"{order.key}: Stripe answers a PaymentIntent that is {answer['status']}")
        return outcome

    def _refused(self, order: Order, error: stripe.InvalidRequestError) -> Outcome:
        """Stripe cannot do it in the state that the payment is in: say which that is."""
        if order.kind == "hold":
            return Declined((error.code or "invalid_payer")[:64])
        if order.kind == "refund":
            return Declined("unknown_capture" if error.http_status == 404 else "over_capture")
        known = self.ask(order)
        if known is not None:
            return known
        if order.kind == "capture" and order.amount.minor > int(self._intents.retrieve(order.subject).amount):
            return Declined("over_hold")
        raise GatewayError(f"{order.key}: Stripe refuses it, and the hold is open: {error}")

    def _asked_of_hold(self, order: Order) -> Outcome | None:
        customer = order.subject.partition(":")[0]
        for intent in self._intents.list({"customer": customer, "limit": LISTED_MAX}).data:
            found = intent.to_dict()
            if found["metadata"].get("pays_for") == order.key:
                return self._judged(order, found)
        return None

    def _asked_of_refund(self, order: Order) -> Outcome | None:
        for refund in self._refunds.list({"payment_intent": order.subject, "limit": LISTED_MAX}).data:
            found = refund.to_dict()
            if found["metadata"].get("pays_for") == order.key:
                return _of_refund(order, found)
        return None

    def _all(self, service: Any) -> Iterator[dict[str, Any]]:
        for each in service.list({"limit": LISTED_MAX}).auto_paging_iter():
            yield each.to_dict()


class _Said:
    """Turns the library's errors, but those that were handled, into ours."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        """Nothing is needed."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Say it as a GatewayError."""
        if isinstance(error, stripe.IdempotencyError) and error.http_status == 400:
            raise KeyReusedError(f"{self._what} already stands for another call at Stripe") from error
        if isinstance(error, stripe.StripeError):
            raise GatewayError(f"{self._what}: {type(error).__name__}: {error}") from error


def _received(intent: dict[str, Any]) -> int:
    return int(intent.get("amount_received") or intent["amount"])


def _of_intent(order: Order, intent: Any) -> Outcome | None:
    found = intent if isinstance(intent, dict) else intent.to_dict()
    status = found["status"]
    if order.kind == "hold":
        return _of_hold(order, found)
    if status == "requires_capture":
        return None
    if order.kind == "release":
        return Done(found["id"]) if status == "canceled" else Declined("hold_closed")
    if status == "succeeded":
        # Absent where the answer does not tell what was received.
        same = found.get("amount_received", order.amount.minor) == order.amount.minor
        return Done(found["id"]) if same else Declined("hold_closed")
    return Declined("hold_expired")


def _of_hold(order: Order, found: dict[str, Any]) -> Outcome | None:
    if found["amount"] != order.amount.minor:
        raise GatewayError(f"Stripe answers {found['id']} of {found['amount']}, asked for was {order.amount.minor}")
    if found["status"] in {"requires_capture", "succeeded"}:
        return Done(found["id"], datetime.fromtimestamp(found["created"], UTC) + HOLD_LASTS)
    return Declined("card_declined") if found["status"] in {"canceled", "requires_payment_method"} else None


def _of_refund(order: Order, found: dict[str, Any]) -> Outcome:
    if found["amount"] != order.amount.minor:
        raise GatewayError(f"Stripe answers {found['id']} of {found['amount']}, asked for was {order.amount.minor}")
    if found["status"] in {"succeeded", "pending"}:
        return Done(found["id"])
    return Declined((found.get("failure_reason") or "refund_failed")[:64])


def _movement(kind: Any, key: str, reference: str, found: dict[str, Any], amount_minor: int) -> Movement:
    amount = Money(int(amount_minor), str(found["currency"]).upper())
    return Movement(kind, key, reference, amount, datetime.fromtimestamp(found["created"], UTC))
