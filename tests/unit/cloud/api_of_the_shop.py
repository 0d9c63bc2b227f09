"""What a demo asks of the HTTP API before the first shopper comes."""

from typing import Any

from tests.unit.cloud.asking import Http

KEY = "Idempotency-Key"
PROBLEM = "application/problem+json"


def furnish(http: Http) -> None:
    """A store, a product with its price and tax, and Alice's account, before the first shopper comes."""

    def put(path: str, body: Any = None) -> None:
        assert http.put(path, json=body).status_code == 201, path

    def post(path: str, body: Any) -> None:
        answer = http.post(path, json=body, headers={KEY: path})
        assert answer.status_code == 201, answer.text

    store = "/v1/stores/corner"
    put(store, {"name": "Corner", "currency": "EUR", "settle_within_s": 5})
    put(f"{store}/devices/corner-hub")
    put(f"{store}/products/water", {"name": "Still water", "tax_category": "standard"})
    post(f"{store}/tax-rates/standard", {"rate_bps": 1_900, "valid_from": "2020-01-01T00:00:00+02:00"})
    post(f"{store}/products/water/prices", {"amount_minor": 150, "valid_from": "2020-01-01T00:00:00+02:00"})
    post(f"{store}/accounts", {"account": "alice"})
    post(f"{store}/accounts/alice/tokens", {"token": "alice's token"})
    post(f"{store}/accounts/alice/top-ups", {"amount_minor": 10_000})
