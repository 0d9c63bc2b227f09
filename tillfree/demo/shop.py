"""The demo's shop in the cloud, by its API alone: what an operator would do, and what the demo asks of it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from protocol.model import rfc3339
from protocol.store import Store
from tillfree.errors import DemoError

TOP_UP_HOLDS = 5
"""Every demo shopper can pay for this many visits."""
TIMEOUT_S = 5.0
AWAY_S = 20.0
"""How long the API may be away: it may be starting again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as the API gave it."""

    visit: str
    lines: tuple[dict[str, Any], ...]
    total_minor: int
    currency: str
    in_review: int

    def charged(self) -> dict[str, int]:
        """What was charged: SKU → quantity."""
        return {str(line["sku"]): int(line["qty"]) for line in self.lines}

    def to_json(self) -> dict[str, Any]:
        """The receipt as the demo reports it."""
        lines = [{key: line[key] for key in ("sku", "qty", "amount_minor")} for line in self.lines]
        return {
            "visit": self.visit,
            "lines": lines,
            "total_minor": self.total_minor,
            "currency": self.currency,
            "in_review": self.in_review,
        }


class Shop:
    """One store's view of the API at `address`."""

    def __init__(self, address: str, store: Store) -> None:
        self._store = store
        self._client = httpx.Client(base_url=f"{address}/v1", timeout=TIMEOUT_S)
        self.accounts: dict[str, str] = {}
        """The accounts that were opened, and the names of whose they are."""

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def open(self, tokens: Iterable[str], valid_from: datetime) -> None:
        """Register the store, its hub, its products with their prices from `valid_from` on, and an account a token."""
        store, policies = self._store, self._store.policies
        place = f"/stores/{store.store}"
        self._call(
            "PUT",
            place,
            {
                "name": store.name,
                "currency": store.currency,
                "hold_minor": policies.hold_minor,
                "charge_threshold": policies.charge_threshold,
                "settle_within_s": policies.settle_within_s,
            },
        )
        self._call("PUT", f"{place}/devices/{store.hub}", None)
        for product in store.products:
            self._call("PUT", f"{place}/products/{product.sku}", {"name": product.name})
            if product.price_minor is not None:
                price = {"amount_minor": product.price_minor, "valid_from": rfc3339(valid_from)}
                self._call("POST", f"{place}/products/{product.sku}/prices", price)
        for number, token in enumerate(tokens, start=1):
            account = f"shopper-{number}"
            self.accounts[account] = token[:100]
            self._call("POST", f"{place}/accounts", {"account": account, "name": token[:100]})
            self._call("POST", f"{place}/accounts/{account}/tokens", {"token": token})
            top_up = {"amount_minor": max(policies.hold_minor * TOP_UP_HOLDS, 1)}
            self._call("POST", f"{place}/accounts/{account}/top-ups", top_up)

    def receipt(self, visit: UUID) -> Receipt | None:
        """The receipt of `visit`; None where there is none yet, or the API is away for the moment."""
        body = self._ask(f"/stores/{self._store.store}/visits/{visit}/receipt")
        if body is None:
            return None
        return Receipt(
            str(visit), tuple(body["lines"]), body["total_minor"], body["currency"], body.get("in_review", 0)
        )

    def visit_state(self, visit: UUID) -> str | None:
        """The state of `visit`; None where the cloud does not know it yet, or the API is away for the moment."""
        body = self._ask(f"/stores/{self._store.store}/visits/{visit}")
        return None if body is None else str(body["state"])

    def _ask(self, path: str) -> dict[str, Any] | None:
        try:
            answer = self._client.get(path)
        except httpx.TransportError:
            return None
        if answer.status_code in (404, 503):
            return None
        if answer.is_error:
            raise DemoError(f"the API refused GET {path}: {answer.status_code} {answer.text[:500]}")
        result: dict[str, Any] = answer.json()
        return result

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> None:
        headers = {"Idempotency-Key": str(uuid4())}
        give_up_s = time.monotonic() + AWAY_S
        while True:
            try:
                # The same key on every try: a call whose answer was lost is not done twice.
                answer = self._client.request(method, path, json=body, headers=headers)
                break
            except httpx.TransportError as error:
                if time.monotonic() > give_up_s:
                    raise DemoError(f"the API does not answer {method} {path}: {error}") from error
                time.sleep(0.1)
        if answer.is_error and answer.status_code != httpx.codes.CONFLICT:
            raise DemoError(f"the API refused {method} {path}: {answer.status_code} {answer.text[:500]}")
