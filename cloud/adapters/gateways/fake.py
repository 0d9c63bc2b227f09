"""The client of our fake gateway, written as one for a real gateway must be.

A call that brings no answer (time-out, broken connection, 5xx, 429, 409, an answer that is none) is a GatewayError. The
caller then *asks* what came of it, by what it pays for, before the call is made again, and it is made again under the
same key. One case is left: a gateway keeps a 500 under its key and gives it again for ever, though nothing was done.
It says so (`Idempotent-Replayed`). That request is over, so it is asked about here and now, and when nothing came of it
the next key is safe: `KEY~2`, `KEY~3` and so on up to KEYS_MAX, always in this order, so a restart finds its way
through the same ones.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cloud.domain.errors import GatewayError, KeyReusedError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Order, Outcome
from cloud.domain.reconciliation import Movement, OpenHold
from protocol.model import Instant

KEYS_MAX = 8
PAGES_MAX = 100_000
TIMEOUT_S = 5.0


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class _Object(_Answer):
    id: Annotated[str, Field(min_length=1, max_length=150)]
    amount_minor: int
    expires_at: Annotated[Instant | None, Field(strict=False)] = None


class _Call(_Answer):
    outcome: Literal["done", "declined"]
    object: _Object | None = None
    code: Annotated[str | None, Field(max_length=64)] = None


class _Fault(_Answer):
    type: str
    code: Annotated[str | None, Field(max_length=64)] = None


class _Error(_Answer):
    error: _Fault


class _Movement(_Answer):
    id: str
    kind: Literal["capture", "refund", "chargeback", "chargeback_reversed"]
    pays_for: str
    amount_minor: int
    currency: str
    created: Annotated[Instant, Field(strict=False)]


class _Movements(_Answer):
    items: list[_Movement]
    after: int | None


class _Held(_Answer):
    id: str
    pays_for: str
    amount_minor: int


class _Holds(_Answer):
    items: list[_Held]


_NOTHING = Money(0, "XXX")
"""A release moves no money; XXX is ISO 4217's code for no currency."""

_Model = TypeVar("_Model", bound=BaseModel)


class FakeGatewayClient:
    """A PaymentGateway, and the statement of one, behind an httpx client whose base_url is the gateway's."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def hold(self, store: str, payer: str, amount: Money, key: str) -> Outcome:
        """Reserve `amount` of the payer's."""
        money = {"amount_minor": amount.minor, "currency": amount.currency}
        body = {"store": store, "pays_for": key, "payer": payer, **money}
        return self._do("/v1/holds", body, Order(store, "hold", key, payer, amount))

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        """Take `amount` of a hold and free the rest."""
        body = {"pays_for": key, "amount_minor": amount.minor}
        return self._do(f"/v1/holds/{hold}/capture", body, Order(store, "capture", key, hold, amount))

    def release(self, store: str, hold: str, key: str) -> Outcome:
        """Free a hold."""
        order = Order(store, "release", key, hold, _NOTHING)
        return self._do(f"/v1/holds/{hold}/release", {"pays_for": key}, order)

    def refund(self, store: str, capture: str, amount: Money, key: str) -> Outcome:
        """Give back `amount` of a capture."""
        body = {"pays_for": key, "capture": capture, "amount_minor": amount.minor}
        return self._do("/v1/refunds", body, Order(store, "refund", key, capture, amount))

    def ask(self, order: Order) -> Outcome | None:
        """What came of the calls for what the order's key pays for."""
        response = self._send("GET", "/v1/calls", params={"pays_for": order.key})
        if response.status_code == httpx.codes.NOT_FOUND and _read(_Error, response).error.type == "no_such_call":
            return None
        if response.status_code != httpx.codes.OK:
            raise GatewayError(f"asked about {order.key}, the gateway answers {response.status_code}")
        call = _read(_Call, response)
        if call.outcome == "declined":
            return Declined(call.code or "declined")
        if call.object is None:
            raise GatewayError(f"the gateway says that {order.key} is done, and not what")
        return _done(call.object, order)

    def movements(self, store: str) -> Iterator[Movement]:
        """Every movement of the store's money, as the gateway's statement has it."""
        after: int | None = 0
        for _ in range(PAGES_MAX):
            if after is None:
                return
            page = self._page(_Movements, "/v1/movements", {"store": store, "after": str(after)})
            for each in page.items:
                amount = Money(each.amount_minor, each.currency)
                # A reversal names the chargeback that it reverses.
                reference = each.id.removesuffix("_reversed") if each.kind == "chargeback_reversed" else each.id
                yield Movement(each.kind, each.pays_for, reference, amount, each.created)
            after = page.after
        raise GatewayError(f"the gateway's statement has more than {PAGES_MAX} pages")

    def open_holds(self, store: str) -> Iterator[OpenHold]:
        """What is still reserved of the store's shoppers."""
        for each in self._page(_Holds, "/v1/holds", {"store": store}).items:
            yield OpenHold(each.pays_for, each.id, each.amount_minor)

    def _do(self, path: str, body: dict[str, object], order: Order) -> Outcome:
        for number in range(1, KEYS_MAX + 1):
            wire_key = order.key if number == 1 else f"{order.key}~{number}"
            response = self._send("POST", path, json=body, headers={"Idempotency-Key": wire_key})
            match response.status_code:
                case httpx.codes.OK:
                    return _done(_read(_Object, response), order)
                case httpx.codes.PAYMENT_REQUIRED:
                    return Declined(_read(_Error, response).error.code or "declined")
                case httpx.codes.BAD_REQUEST if _read(_Error, response).error.type == "idempotency_error":
                    raise KeyReusedError(f"payment key {wire_key} already stands for another call at the gateway")
                case httpx.codes.INTERNAL_SERVER_ERROR if response.headers.get("Idempotent-Replayed") == "true":
                    known = self.ask(order)
                    if known is not None:
                        return known
                    continue
            raise GatewayError(f"{path}: the gateway answers {response.status_code}")
        raise GatewayError(f"{path}: {KEYS_MAX} keys for {order.key} ended in errors at the gateway")

    def _page(self, model: type[_Model], path: str, params: dict[str, str]) -> _Model:
        response = self._send("GET", path, params=params)
        if response.status_code != httpx.codes.OK:
            raise GatewayError(f"{path}: the gateway answers {response.status_code}")
        return _read(model, response)

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return self._client.request(method, path, params=params, json=json, headers=headers)
        except httpx.HTTPError as error:
            raise GatewayError(f"{method} {path}: {type(error).__name__}: {error}") from error


def _read(model: type[_Model], response: httpx.Response) -> _Model:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise GatewayError(f"{response.url.path}: the gateway's answer makes no sense: {first['msg']}") from None


def _done(answer: _Object, order: Order) -> Done:
    expected = 0 if order.kind == "release" else order.amount.minor
    if answer.amount_minor != expected:
        raise GatewayError(f"the gateway answers {answer.id} of {answer.amount_minor}, asked for was {expected}")
    expires: datetime | None = answer.expires_at
    return Done(answer.id, expires)
