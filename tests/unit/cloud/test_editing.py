"""Two who edit the same thing: who read an older version changes nothing."""

from typing import Any

import pytest

from cloud.adapters.database import tables
from cloud.api.permissions import RULES
from cloud.api.rim import Rim
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import STORE, Shop
from tests.unit.cloud.staff import CHEAP, hire

V1 = f"/v1/stores/{STORE}"
TERMS = {"valid_from": "2026-01-01T00:00:00Z", "terms": {"kind": "percent", "skus": ["water"], "off_bps": 1_000}}
EDITED: dict[str, tuple[str, Any, Any]] = {
    "/v1/stores/{store}": (V1, {"name": "A", "currency": "EUR"}, {"name": "B", "currency": "EUR"}),
    "/v1/stores/{store}/products/{sku}": (f"{V1}/products/water", {"name": "A"}, {"name": "B"}),
    "/v1/stores/{store}/promotions/{promotion}": (
        f"{V1}/promotions/three",
        {"name": "A", **TERMS},
        {"name": "B", **TERMS},
    ),
    "/v1/stores/{store}/accounts/{account}": (f"{V1}/accounts/alice", {"name": "A"}, {"name": "B"}),
    "/v1/stores/{store}/accounts/{account}/payment-method": (
        f"{V1}/accounts/alice/payment-method",
        {"gateway": "wallet"},
        {"gateway": "fake", "payer": "alice"},
    ),
    "/v1/stores/{store}/hooks/{hook}": (
        f"{V1}/hooks/books",
        {"url": "https://a.example/"},
        {"url": "https://b.example/"},
    ),
    "/v1/stores/{store}/operators/{operator}": (
        f"{V1}/operators/nora",
        {"role": "reviewer", "password": "long enough 1"},
        {"role": "operator"},
    ),
    "/v1/operators/{operator}": (
        "/v1/operators/nora",
        {"role": "reviewer", "password": "long enough 1"},
        {"role": "operator"},
    ),
}
ONCE = {"/v1/stores/{store}/devices/{device}", "/v1/stores/{store}/alerts/{alert}/seen"}
"""Nothing in them can be edited: they are there, or seen, or not."""


def test_everything_that_is_edited_is_looked_at_here() -> None:
    assert {path for method, path in RULES if method == "PUT"} == {*EDITED, *ONCE}


@pytest.mark.sqlite
@pytest.mark.parametrize("template", EDITED)
def test_who_read_an_older_version_changes_nothing(shop: Shop, template: str) -> None:
    owner = hire(shop.database, shop.clock())["owner"].headers
    rim = Rim(shop.database, shop.clock, passwords=CHEAP, gateways=frozenset({"wallet", "fake"}))
    http = api_on(rim)
    path, first, second = EDITED[template]
    made = http.put(path, json=first, headers=owner)
    assert made.status_code in (200, 201), made.text
    read = http.get(path, headers=owner)
    assert read.headers["etag"] == made.headers["etag"]
    ours = {**owner, "If-Match": read.headers["etag"]}
    changed = http.put(path, json=second, headers=ours)
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] != read.headers["etag"]
    late = http.put(path, json=first, headers=ours)
    assert (late.status_code, late.json()["type"]) == (412, "urn:tillfree:problem:changed-meanwhile")
    assert http.get(path, headers=owner).headers["etag"] == changed.headers["etag"]
    assert http.put(path, json=second, headers={**owner, "If-Match": "*"}).status_code == 200
    log = shop.rows(tables.audit)
    assert len([row for row in log if row["action"] == f"PUT {template}"]) == 3


@pytest.mark.sqlite
def test_if_match_makes_nothing_new(shop: Shop) -> None:
    owner = hire(shop.database, shop.clock())["owner"].headers
    http = api_on(Rim(shop.database, shop.clock, passwords=CHEAP))
    body = {"url": "https://a.example/"}
    assert http.put(f"{V1}/hooks/new", json=body, headers={**owner, "If-Match": "*"}).status_code == 412
    assert shop.rows(tables.hooks) == []


@pytest.mark.sqlite
def test_nobody_of_the_staff_gets_an_account_by_token(shop: Shop) -> None:
    owner = hire(shop.database, shop.clock())["owner"].headers
    http = api_on(Rim(shop.database, shop.clock, passwords=CHEAP))
    headers = {**owner, "Idempotency-Key": "t"}
    answer = http.post(f"{V1}/accounts/alice/tokens", json={"token": "staff:0123456789"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tillfree:problem:staff-token")
    assert len(shop.rows(tables.tokens)) == 1
