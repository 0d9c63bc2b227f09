"""SQL, HTML, paths and what else people put into text: in every text field, path and parameter that the API has.

Which fields there are is read from the API's own description, so a new one is tried without anybody's doing. Whatever
is sent is either taken as it is, and given back as it is, or refused with a problem; nothing else comes of it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.api.permissions import RULES
from cloud.api.rim import Rim
from tests.unit.cloud.api_of_the_shop import KEY, PROBLEM
from tests.unit.cloud.asking import ApiHttp, api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.staff import CHEAP, PASSWORD, hire

TRICKS = (
    "'; DROP TABLE receipts; --",
    "' OR '1'='1",
    '" UNION SELECT secret FROM keys --',
    "%' ESCAPE '_",
    "$$; SELECT pg_sleep(60); $$",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "{{ 7 * 7 }}{% raw %}",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "a/b?c=d#e&f",
    "%2e%2e%2fetc%2fpasswd%00",
    "a\x00b",
    "a\r\nSet-Cookie: b=c",
    "${jndi:ldap://nowhere/x} %n%s $(reboot) `reboot`",
    "\u202efdp.exe\u2066",
    "\ud800",
    "🦄 ﷽ Ω̴̛̩ ١٢٣",
    " ",
    "",
    "x" * 3_000,
)
TRICKS_IN_ADDRESSES = (TRICKS[0], TRICKS[5], TRICKS[8], TRICKS[11], "a\x00b", "\ud800")
NOBODY = "018f343d-8c80-774d-82c6-ae75e6001bbe"
SINCE = "2024-01-01T00:00:00Z"
LOGIN = {"operator": "owner", "password": PASSWORD, "store": STORE}
PROMOTION = {"name": "P", "valid_from": SINCE, "valid_until": "2030-01-01T00:00:00Z"}
VALID: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/login"): LOGIN,
    ("POST", "/v1/token"): LOGIN,
    ("PUT", "/v1/operators/{operator}"): {"role": "reviewer", "password": PASSWORD},
    ("PUT", "/v1/stores/{store}"): {"name": "Corner", "currency": "EUR"},
    ("PUT", "/v1/stores/{store}/operators/{operator}"): {"role": "reviewer", "password": PASSWORD},
    ("POST", "/v1/stores/{store}/keys"): {"name": "a till", "scopes": ["catalogue.read"]},
    ("POST", "/v1/stores/{store}/accounts/{account}/keys"): {"name": "a phone"},
    ("PUT", "/v1/stores/{store}/products/{sku}"): {"name": "Water", "tax_category": "food"},
    ("POST", "/v1/stores/{store}/products/{sku}/prices"): {"amount_minor": 1, "valid_from": SINCE},
    ("POST", "/v1/stores/{store}/tax-rates/{category}"): {"rate_bps": 1, "valid_from": SINCE},
    ("PUT", "/v1/stores/{store}/promotions/{promotion}"): {
        **PROMOTION,
        "terms": {"kind": "percent", "skus": ["water"], "off_bps": 1_000},
    },
    ("POST", "/v1/stores/{store}/accounts"): {"account": "carl", "name": "Carl"},
    ("PUT", "/v1/stores/{store}/accounts/{account}"): {"name": "Alice"},
    ("POST", "/v1/stores/{store}/accounts/{account}/tokens"): {"token": "a card"},
    ("PUT", "/v1/stores/{store}/accounts/{account}/payment-method"): {"gateway": "fake", "payer": "card"},
    ("POST", "/v1/stores/{store}/reviews/{visit}/{line}/claim"): {"by": "olga"},
    ("POST", "/v1/stores/{store}/reviews/{visit}/{line}/decision"): {
        "by": "olga",
        "decision": "charge",
        "sku": "water",
        "note": "seen",
    },
    ("POST", "/v1/stores/{store}/visits/{visit}/disputes"): {"reason": "other", "note": "why"},
    ("POST", "/v1/stores/{store}/disputes/{dispute}/decision"): {"by": "olga", "decision": "reject", "note": "no"},
    ("POST", "/v1/stores/{store}/visits/{visit}/refunds"): {
        "by": "olga",
        "reason": "goodwill",
        "note": "sorry",
        "lines": [{"line": 0, "amount_minor": 1}],
    },
    ("POST", "/v1/stores/{store}/debts/{visit}/{number}/write-off"): {"note": "moved away"},
    ("PUT", "/v1/stores/{store}/hooks/{hook}"): {"url": "https://books.example/"},
}
SPELLED = frozenset({"currency", "gateway", "valid_from", "valid_until", "password"})
"""Text that is a code, a moment or a secret: it is not given back as it was sent, or not at all."""


@dataclass
class House:
    """A shop that has traded; `said` is its API's description."""

    shop: Shop
    http: ApiHttp
    values: dict[str, str]
    headers: dict[str, str]

    @property
    def said(self) -> dict[str, Any]:
        return self.http.app.openapi()

    def path(self, template: str) -> str:
        return template.format(**self.values)

    def whole(self) -> None:
        """What must be there is there, and no money moved."""
        assert self.shop.ledger_left_over() in ({}, {"EUR": 0})
        assert [row["total_minor"] for row in self.shop.rows(tables.receipts)] == [150]
        assert {row["store_id"] for row in self.shop.rows(tables.stores)} == {STORE}


@pytest.fixture
def house(database: Database) -> House:
    shop, hub = Shop(database).furnish(), Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 9, sku="bread", p=0.6), hub.leave(visit))
    shop.hear(hub.watermark(61))
    shop.work()
    rim = Rim(database, shop.clock, passwords=CHEAP, gateways=frozenset({"wallet", "fake"}))
    values = {"store": STORE, "visit": str(visit), "account": "alice", "sku": "water", "line": "0", "number": "1"}
    values |= {"device": "corner-hub", "promotion": "three", "category": "food", "operator": "nora", "hook": "books"}
    values |= dict.fromkeys(("dispute", "delivery", "alert", "command"), NOBODY)
    values |= {"key_id": "0" * 16, "sha256": "0" * 64, "token_sha256": "0" * 64}
    return House(shop, api_on(rim, api_key="k"), values, hire(database, shop.clock())["owner"].headers)


def texts(schemas: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Where text that is free stands in what `schema` describes."""
    if "$ref" in schema:
        yield from texts(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]:
        yield from texts(schemas, part)
    for name, part in schema.get("properties", {}).items():
        yield from ((name, *below) for below in texts(schemas, part))
    if "items" in schema:
        yield from (("0", *below) for below in texts(schemas, schema["items"]))
    if schema.get("type") == "string" and "enum" not in schema and "const" not in schema:
        yield ()


def with_text(body: Any, where: tuple[str, ...], text: str) -> Any:
    """`body` with `text` at a place in it."""
    if not where:
        return text
    first, *rest = where
    if isinstance(body, list):
        return [with_text(body[0], tuple(rest), text), *body[1:]]
    return {**body, first: with_text(body[first], tuple(rest), text)}


def refused_or_taken(answer: Any, where: str) -> bool:
    """Whether it was taken; anything but a problem or a success is wrong."""
    assert answer.status_code < 500, (where, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == PROBLEM, where
        return False
    return True


def test_every_text_field_of_every_body(house: House) -> None:
    asked, told = [], []
    for method, template in sorted(RULES):
        described = house.said["paths"][template][method.lower()].get("requestBody")
        schema = next(iter(described["content"].values()))["schema"] if described else {}
        for where in sorted(set(texts(house.said["components"]["schemas"], schema))):
            for number, trick in enumerate(TRICKS):
                body = json.dumps(with_text(VALID[method, template], where, trick)).encode()
                key = f"{template}/{'.'.join(where)}-{number}"
                headers = {**house.headers, KEY: key, "Content-Type": "application/json"}
                asked.append((method, house.path(template), {"headers": headers, "content": body}))
                told.append((f"{method} {template} {where}: {trick!r}", where, trick))
    taken = set()
    for (what, where, trick), answer in zip(told, house.http.request_all(asked), strict=True):
        if refused_or_taken(answer, what):
            taken.add(trick)
            back = answer.json().get(where[0]) if len(where) == 1 and where[0] not in SPELLED else None
            assert back in (None, trick, "owner"), f"{what}: given back otherwise; operators sign with their own name"
    assert taken >= set(TRICKS[:8]), "what is only text is taken as text"
    house.whole()


@pytest.mark.sqlite
def test_every_value_in_every_path_and_query(house: House) -> None:
    asked = []
    for method, template in sorted(RULES):
        how: dict[str, Any] = {"headers": {**house.headers, KEY: "k"}}
        if method not in ("GET", "DELETE"):
            # What would change something has a body that cannot be right.
            how["content"] = b"{"
        names = [each["name"] for each in house.said["paths"][template][method.lower()].get("parameters", [])]
        for trick in TRICKS_IN_ADDRESSES:
            said = quote(trick.encode("utf-8", "surrogatepass"), safe="")
            for part in (part for part in house.values if f"{{{part}}}" in template):
                asked.append((method, template.format(**{**house.values, part: said}), how))
            asked += [
                (method, f"{house.path(template)}?{name}={said}", how)
                for name in names
                if method == "GET" and name not in house.values
            ]
    for (method, path, _), answer in zip(asked, house.http.request_all(asked), strict=True):
        refused_or_taken(answer, f"{method} {path}")
    house.whole()


def test_what_a_device_says_is_text_and_nothing_more(house: House) -> None:
    shop = house.shop
    for number, trick in enumerate(TRICKS):
        hub = Hub(epoch=2 + number)
        visit = hub.visit(2 + number)
        said = [hub.enter(visit, token="nobody's"), hub.pick(visit, 5), hub.leave(visit), hub.watermark(61)]
        doubtful = {"type": "pick", "sku": trick, "qty": 1, "slot": trick, "p": 0.99}
        values = {"token": trick, "lane": trick, "slot": trick, "cameras": [trick], "changes": [doubtful]}
        for topic, payload in said[:3]:
            message = json.loads(payload)
            for name in values.keys() & message["data"].keys():
                other = {**message, "data": {**message["data"], name: values[name]}}
                shop.hear((topic, json.dumps(other).encode()))
        for topic in (f"tf/1/{trick}/dev/corner-hub/ev", f"tf/1/corner/dev/{trick}/ev", trick):
            shop.hear((topic, said[0][1]))
        shop.hear(*said)
    shop.clock.pass_s(120)
    shop.work(passes_max=200)
    # Whoever's token that was, nobody knows it here: nobody is charged.
    states = {row["visit_id"]: row["state"] for row in shop.rows(tables.visits)}
    assert sorted(states.values()) == ["refused"] * len(TRICKS) + ["settled"]
    house.whole()
