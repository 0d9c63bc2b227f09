"""The HTTP API, as an operator and a demo use it."""

import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from cloud.adapters.database.engine import Database
from cloud.adapters.database.tables import wallets
from cloud.api.create import create_api
from cloud.api.rim import Rim
from tests.unit.cloud.asking import Http
from tests.unit.cloud.corner_shop import Hub, Shop, StandingClock, changed, file_of

KEY = "Idempotency-Key"
PROBLEM = "application/problem+json"
NOBODY = UUID("018f343d-8c80-774d-82c6-ae75e6001bbe")


def api_of(database: Database, clock: StandingClock, api_key: str | None = None, **probes: Any) -> FastAPI:
    return create_api(Rim(database, clock, probes), api_key=api_key, body_bytes_max=10_000)


@pytest.fixture(scope="module")
def api(migrated_file: Path) -> FastAPI:
    return create_api(Rim(Database(f"sqlite:///{migrated_file}"), StandingClock()), api_key=None, body_bytes_max=10_000)


@pytest.fixture
def http(api: FastAPI, database: Database) -> Http:
    api.state.rim = Rim(database, StandingClock())
    return Http(api)


def furnish(http: Http) -> None:
    """What a demo does before the first shopper comes."""

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


def test_from_an_empty_database_to_a_receipt(http: Http, database: Database) -> None:
    furnish(http)
    shop, hub = Shop(database), Hub()
    visit = hub.visit()
    hub.enter(visit), hub.pick(visit, 5, qty=2), hub.leave(visit)
    pending = http.get(f"/v1/stores/corner/visits/{visit}/receipt")
    assert (pending.status_code, pending.json()["detail"]) == (404, f"visit {visit} is not known")
    shop.hear(*hub.said)
    shop.work()
    pending = http.get(f"/v1/stores/corner/visits/{visit}/receipt")
    assert (pending.status_code, pending.json()["type"]) == (404, "urn:tillfree:problem:no-receipt")
    shop.hear(hub.watermark(61))
    shop.work()
    receipt = http.get(f"/v1/stores/corner/visits/{visit}/receipt").json()
    assert receipt == {
        "store": "corner",
        "visit": str(visit),
        "account": "alice",
        "revision": 1,
        "lines": [
            {
                "line": 0,
                "sku": "water",
                "name": "Still water",
                "qty": 2,
                "unit_minor": 150,
                "discount_minor": 0,
                "promotions": [],
                "tax_bps": 1_900,
                "amount_minor": 300,
                "refunded_minor": 0,
                "refunded_qty": 0,
            }
        ],
        "taxes": [{"rate_bps": 1_900, "gross_minor": 300, "net_minor": 252, "tax_minor": 48}],
        "total_minor": 300,
        "refunded_minor": 0,
        "owed_minor": 0,
        "charged_back_minor": 0,
        "currency": "EUR",
        "cause": "settled",
        "in_review": 0,
        "entered_at": "2024-05-01T12:00:00.000Z",
        "exited_at": "2024-05-01T12:01:00.000Z",
        "issued_at": "2026-11-22T09:00:00.000Z",
    }
    assert http.get("/v1/stores/corner/receipts").json() == {"items": [receipt], "next": None}
    settlement = http.get(f"/v1/stores/corner/settlements/{visit}").json()
    assert (settlement["outcome"], settlement["charged_minor"], settlement["complete"]) == ("captured", 300, True)
    assert http.get("/v1/stores/corner/accounts/alice").json()["balance_minor"] == 9_700
    assert http.get("/v1/stores/corner/ledger/balance").json() == {
        "balanced": True,
        "sums_minor": {"EUR": 0},
        "unbalanced_entries": [],
        "differing_wallets": [],
    }
    entries = http.get("/v1/stores/corner/ledger/entries").json()["items"]
    assert sorted(entry["kind"] for entry in entries) == ["capture", "top_up"]
    assert all(sum(posting["amount_minor"] for posting in entry["postings"]) == 0 for entry in entries)


def test_a_cart_can_be_watched_with_its_doubts(http: Http, database: Database) -> None:
    furnish(http)
    shop, hub = Shop(database), Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5, p=0.7), hub.pick(visit, 9, sku=None))
    shop.work()
    detail = http.get(f"/v1/stores/corner/visits/{visit}").json()
    assert (detail["state"], detail["currency"]) == ("open", "EUR")
    assert [(line["sku"], line["p"], line["decision"], line["reasons"]) for line in detail["lines"]] == [
        ("water", 0.7, "review", ["below_threshold"]),
        (None, 0.97, "review", ["unknown_product"]),
    ]
    assert [each["slot"] for each in detail["interactions"]] == ["wall.top.a", "wall.top.a"]
    assert http.get("/v1/stores/corner/visits?state=open").json()["items"][0]["visit"] == str(visit)
    assert http.get("/v1/stores/corner/visits?state=settled").json()["items"] == []


def test_lists_come_in_pages(http: Http, database: Database) -> None:
    furnish(http)
    shop = Shop(database)
    hub = Hub()
    wanted = [hub.visit(number) for number in range(5)]
    shop.hear(*(hub.enter(visit, number) for number, visit in enumerate(wanted)))
    shop.work()
    for number in range(4):
        http.put(f"/v1/stores/corner/products/p{number}", json={"name": "P"})
        shop.hear(changed(hub.enter(wanted[0]), v=9))
    for path, key, count in (("visits", "visit", 5), ("products", "sku", 5), ("ledger/entries", "entry", 1)):
        seen: list[str] = []
        cursor = ""
        while True:
            page = http.get(f"/v1/stores/corner/{path}?limit=2{cursor}").json()
            seen += [item[key] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert len(seen) == len(set(seen)) == count, path
    first = http.get("/v1/quarantine?limit=3").json()
    second = http.get(f"/v1/quarantine?limit=3&cursor={first['next']}").json()
    assert len({item["digest"] for item in first["items"] + second["items"]}) == 4
    assert http.get("/v1/stores/corner/visits?cursor=nonsense").json()["type"] == "urn:tillfree:problem:invalid-cursor"


def test_a_post_is_done_once(http: Http) -> None:
    furnish(http)
    path = "/v1/stores/corner/accounts/alice/top-ups"
    first = http.post(path, json={"amount_minor": 5}, headers={KEY: "x"})
    again = http.post(path, json={"amount_minor": 5}, headers={KEY: "x"})
    assert first.json() == again.json()
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert http.get("/v1/stores/corner/accounts/alice").json()["balance_minor"] == 10_005
    other = http.post(path, json={"amount_minor": 6}, headers={KEY: "x"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:tillfree:problem:idempotency-key-reused")


STORE = {"name": "Corner", "currency": "EUR"}
PROMOTION = {
    "name": "Three for two",
    "terms": {"kind": "n_for_m", "skus": ["water"], "take": 3, "pay": 2},
    "valid_from": "2024-01-01T00:00:00Z",
}


def test_promotions_and_member_prices_are_on_the_receipt(http: Http, database: Database) -> None:
    furnish(http)
    store = "/v1/stores/corner"
    assert http.put(f"{store}/promotions/three", json=PROMOTION).status_code == 201
    member_price = {"kind": "price", "skus": ["water"], "amount_minor": 90}
    club = {**PROMOTION, "terms": member_price, "members_only": True, "valid_until": "2024-05-01T12:02:00Z"}
    assert http.put(f"{store}/promotions/club", json=club).status_code == 201
    assert [each["promotion"] for each in http.get(f"{store}/promotions").json()["items"]] == ["club", "three"]
    totals = []
    for number, member in enumerate((False, True)):
        http.put(f"{store}/accounts/alice", json={"name": "Alice", "member": member})
        shop, hub = Shop(database), Hub(epoch=1 + number)
        visit = hub.visit(number)
        hub.enter(visit), hub.pick(visit, 5, qty=3), hub.leave(visit)
        shop.hear(*hub.said, hub.watermark(61))
        shop.work()
        receipt = http.get(f"{store}/visits/{visit}/receipt").json()
        totals.append((receipt["total_minor"], receipt["lines"][0]["promotions"]))
    assert totals == [(300, ["three"]), (270, ["club"])]
    assert http.put(f"{store}/promotions/three", json={**PROMOTION, "members_only": True}).status_code == 200
    assert http.get(f"{store}/promotions/three").json()["members_only"]


def test_a_debt_is_paid_by_the_next_top_up_or_written_off(http: Http, database: Database) -> None:
    furnish(http)
    store, shop = "/v1/stores/corner", Shop(database)
    visits = []
    for number in (1, 2):
        hub = Hub(epoch=number)
        visit = hub.visit(number)
        shop.hear(hub.enter(visit), hub.pick(visit, 5))
        shop.work()
        shop.gateway.release("corner", f"corner/{visit}/hold/1", f"lost-{number}")
        with database.write() as connection:
            connection.execute(wallets.update().values(balance_minor=0, held_minor=0))
        shop.hear(hub.leave(visit), hub.watermark(61))
        shop.work()
        visits.append(visit)
        (debt,) = http.get(f"{store}/debts?account=alice").json()["items"]
        assert (debt["visit"], debt["owed_minor"], debt["state"]) == (str(visit), 150, "owed")
        assert http.get(f"{store}/visits/{visit}/receipt").json()["owed_minor"] == 150
        place = f"{store}/debts/{visit}/1"
        assert http.post(f"{place}/attempts", json={}, headers={KEY: f"try-{number}"}).status_code == 201
        shop.work()
        assert http.get(f"{store}/debts").json()["items"][0]["refusals"] == 2
        if number == 1:
            http.post(f"{store}/accounts/alice/top-ups", json={"amount_minor": 8_000}, headers={KEY: "pay"})
            shop.work()
            refused = http.post(f"{place}/write-off", json={"note": "x"}, headers={KEY: "late"})
            assert (refused.status_code, "captured" in refused.text) == (409, True)
        else:
            written = http.post(f"{place}/write-off", json={"note": "moved away"}, headers={KEY: "off"})
            assert (written.status_code, written.json()["state"]) == (201, "written_off")
        assert http.get(f"{store}/debts").json() == {"items": []}
    causes = [http.get(f"{store}/visits/{visit}/receipt").json()["cause"] for visit in visits]
    assert causes == ["debt_paid", "written_off"]
    assert http.get(f"{store}/ledger/balance").json()["sums_minor"] == {"EUR": 0}


def test_an_account_pays_by_a_gateway_that_is_set_up(database: Database) -> None:
    rim = Rim(database, StandingClock(), gateways=frozenset({"wallet", "fake"}))
    http = Http(create_api(rim, api_key=None, body_bytes_max=10_000))
    furnish(http)
    place = "/v1/stores/corner/accounts/alice/payment-method"
    assert http.get(place).json() == {"store": "corner", "account": "alice", "gateway": "wallet", "payer": "alice"}
    assert http.put(place, json={"gateway": "fake", "payer": "card-1"}).json()["payer"] == "card-1"
    assert http.get(place).json()["gateway"] == "fake"
    assert http.put(place, json={"gateway": "wallet"}).json()["payer"] == "alice"
    for body in ({"gateway": "stripe", "payer": "x"}, {"gateway": "fake"}, {"gateway": "wallet", "payer": "x"}):
        assert http.put(place, json=body).status_code == 409
    assert http.get("/v1/stores/corner/accounts/bob/payment-method").status_code == 404


def test_a_tax_category_without_a_rate_sends_its_lines_to_review(http: Http, database: Database) -> None:
    furnish(http)
    http.put("/v1/stores/corner/products/water", json={"name": "Water", "tax_category": "luxury"})
    shop, hub = Shop(database), Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5))
    shop.work()
    lines = http.get(f"/v1/stores/corner/visits/{visit}").json()["lines"]
    assert [line["reasons"] for line in lines] == [["no_tax_rate"]]
    rate = {"rate_bps": 2_500, "valid_from": "2024-01-01T00:00:00Z"}
    assert http.post("/v1/stores/corner/tax-rates/luxury", json=rate, headers={KEY: "lux"}).status_code == 201
    assert http.get("/v1/stores/corner/tax-rates?limit=1").json()["items"][0]["rate_bps"] == 2_500
    lines = http.get(f"/v1/stores/corner/visits/{visit}").json()["lines"]
    assert [(line["decision"], line["tax_bps"]) for line in lines] == [("charge", 2_500)]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/v1/stores/nowhere", None, 404, "nowhere"),
        ("GET", "/v1/stores/nowhere/visits", None, 404, "nowhere"),
        ("GET", "/v1/stores/NOWHERE/visits", None, 404, "path.store"),
        ("GET", f"/v1/stores/corner/visits/{NOBODY}", None, 404, str(NOBODY)),
        ("GET", "/v1/stores/corner/visits/nobody", None, 404, "path.visit"),
        ("GET", f"/v1/stores/corner/visits/{NOBODY}/receipt", None, 404, str(NOBODY)),
        ("GET", f"/v1/stores/corner/settlements/{NOBODY}", None, 404, str(NOBODY)),
        ("GET", "/v1/stores/corner/accounts/bob", None, 404, "bob"),
        ("GET", "/v1/stores/corner/products/gold", None, 404, "gold"),
        ("GET", "/v1/stores/corner/products/gold/prices", None, 404, "gold"),
        ("GET", "/v1/stores/corner/visits?limit=0", None, 422, "query.limit"),
        ("GET", "/v1/stores/corner/visits?state=lost", None, 422, "query.state"),
        ("GET", "/v1/nothing", None, 404, "Not Found"),
        ("DELETE", "/v1/stores/corner", None, 405, "Method Not Allowed"),
        ("PUT", "/v1/stores/BAD%20ID", STORE, 422, "path.store"),
        ("PUT", "/v1/stores/corner", {**STORE, "colour": "red"}, 422, "body.colour"),
        ("PUT", "/v1/stores/corner", {**STORE, "hold_minor": "5000"}, 422, "body.hold_minor"),
        ("PUT", "/v1/stores/corner", {**STORE, "hold_minor": 50.5}, 422, "body.hold_minor"),
        ("PUT", "/v1/stores/corner", {**STORE, "charge_threshold": 1.1}, 422, "body.charge_threshold"),
        ("PUT", "/v1/stores/corner", {**STORE, "name": "a\nb"}, 422, "body.name"),
        ("PUT", "/v1/stores/corner", {**STORE, "name": "x" * 201}, 422, "body.name"),
        ("PUT", "/v1/stores/corner", {**STORE, "currency": "USD"}, 409, "EUR"),
        ("PUT", "/v1/stores/corner", [], 422, "body"),
        ("PUT", "/v1/stores/nowhere/devices/a-hub", None, 404, "nowhere"),
        ("PUT", "/v1/stores/kiosk/devices/corner-hub", None, 409, "corner"),
        ("POST", "/v1/stores/corner/accounts", {"account": "alice"}, 409, "alice"),
        ("POST", "/v1/stores/corner/accounts/bob/top-ups", {"amount_minor": 1}, 404, "bob"),
        ("POST", "/v1/stores/corner/accounts/alice/top-ups", {"amount_minor": 0}, 422, "body.amount_minor"),
        ("POST", "/v1/stores/corner/accounts/alice/top-ups", {"amount_minor": -5}, 422, "body.amount_minor"),
        ("POST", "/v1/stores/corner/accounts/alice/top-ups", {"amount_minor": True}, 422, "body.amount_minor"),
        ("POST", "/v1/stores/corner/accounts/alice/tokens", {"token": "alice's token"}, 409, "token"),
        (
            "POST",
            "/v1/stores/corner/products/water/prices",
            {"amount_minor": 1, "valid_from": "2026-01-01"},
            422,
            "offset",
        ),
        ("POST", "/v1/stores/corner/products/water/prices", {"amount_minor": 1, "valid_from": 0}, 422, "RFC 3339"),
        (
            "POST",
            "/v1/stores/corner/products/water/prices",
            {"amount_minor": 1, "valid_from": "0001-01-01T00:00:00+14:00"},
            422,
            "1970",
        ),
        (
            "POST",
            "/v1/stores/corner/products/water/prices",
            {"amount_minor": 1, "valid_from": "2024-04-30T12:00:00Z"},
            409,
            "2024-04-30T12:00:00.000Z",
        ),
        ("PUT", "/v1/stores/corner/products/water", {"name": "x" * 20_000}, 413, "10000"),
        ("PUT", "/v1/stores/corner/products/water", {"name": "W", "tax_category": "../x"}, 422, "body.tax_category"),
        ("PUT", "/v1/stores/corner/accounts/bob", {"member": True}, 404, "bob"),
        ("PUT", "/v1/stores/corner/promotions/p", {**PROMOTION, "terms": {"kind": "free"}}, 422, "body.terms"),
        (
            "PUT",
            "/v1/stores/corner/promotions/p",
            {**PROMOTION, "terms": {"kind": "n_for_m", "skus": ["water"], "take": 2, "pay": 2}},
            422,
            "less than take",
        ),
        ("GET", "/v1/stores/corner/promotions/p", None, 404, "promotion"),
        (
            "POST",
            "/v1/stores/corner/tax-rates/food",
            {"rate_bps": 10_001, "valid_from": "2024-04-30T12:00:00Z"},
            422,
            "body.rate_bps",
        ),
    ],
)
def test_every_refusal_is_a_problem_that_says_what_is_wrong(
    http: Http, database: Database, method: str, path: str, body: Any, status: int, says: str
) -> None:
    Shop(database).furnish()
    if "kiosk" in path:
        http.put("/v1/stores/kiosk", json=STORE)
    answer = http.request(method, path, json=body, headers={KEY: "one"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    problem = answer.json()
    assert problem["status"] == status
    assert says in str(problem)


@pytest.mark.parametrize(
    "path",
    ["accounts", "accounts/alice/top-ups", "accounts/alice/tokens", "products/water/prices", "tax-rates/food"],
)
def test_a_post_needs_an_idempotency_key(http: Http, database: Database, path: str) -> None:
    Shop(database).furnish()
    answer = http.post(f"/v1/stores/corner/{path}", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert "header.Idempotency-Key" in str(answer.json())


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"name":"' + b"\\ud800" + b'","currency":"EUR"}', b"[" * 9_000])
def test_malformed_bodies_are_problems(http: Http, body: bytes) -> None:
    answer = http.put("/v1/stores/corner", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


def test_a_body_without_an_announced_length_is_bounded_too(http: Http) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1_000

    answer = http.put("/v1/stores/corner", content=endless())
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


@pytest.mark.sqlite
def test_a_locked_database_is_a_503_and_nothing_changed(database: Database) -> None:
    impatient = Database(str(database.engine.url), busy_timeout_ms=1)
    other = sqlite3.connect(file_of(database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    http = Http(api_of(impatient, StandingClock()))
    answer = http.put("/v1/stores/corner", json=STORE)
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert "locked" in answer.json()["detail"]
    assert http.get("/v1/stores").json() == {"items": []}, "reading goes on"
    other.close()
    assert http.put("/v1/stores/corner", json=STORE).status_code == 201
    impatient.close()


@pytest.mark.sqlite
def test_an_error_of_ours_leaks_nothing(http: Http, database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO stores (store_id, name, currency, hold_minor, charge_threshold, settle_within_s, created_at)"
            " VALUES ('bad', 'Bad', 'EUR', 1, 'secret', 1, 'no date')"
        )
    answer = http.get("/v1/stores/bad")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "no date" not in answer.text


@pytest.mark.parametrize(
    ("header", "status"),
    [({}, 401), ({"Authorization": "Bearer wrong"}, 401), ({"Authorization": "Bearer s3cret-é"}, 200)],
)
def test_the_key_is_asked_for_where_there_is_one(database: Database, header: dict[str, str], status: int) -> None:
    http = Http(api_of(database, StandingClock(), api_key="s3cret-é"))
    encoded = {name: value.encode() for name, value in header.items()}
    assert http.get("/v1/stores", headers=encoded).status_code == status
    assert http.get("/healthz").status_code == 200
    assert http.get("/docs").status_code == 200


def test_readiness_says_what_is_wrong(database: Database) -> None:
    shop = Shop(database).furnish()
    hub = Hub()
    shop.hear(hub.enter(hub.visit()))
    clock = StandingClock()
    clock.pass_s(31)
    http = Http(api_of(database, clock, broker=lambda: "not connected to 127.0.0.1:1883"))
    answer = http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": {"ok": True, "needed": True, "detail": None},
        "lag": {"ok": False, "needed": True, "detail": "1 events wait, the oldest for 31.0 s"},
        "payments": {"ok": True, "needed": False, "detail": None},
        "devices": {"ok": True, "needed": False, "detail": "1 never said anything"},
        "broker": {"ok": False, "needed": True, "detail": "not connected to 127.0.0.1:1883"},
    }
    shop.work()
    assert http.get("/readyz").json()["checks"]["lag"]["ok"]


def test_the_documentation_needs_no_internet(http: Http) -> None:
    page = http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/v1/stores/{store}/visits/{visit}/receipt" in page.text
    assert "<script" not in page.text
    # Addresses may be written there, as examples and in patterns; nothing may be fetched from one.
    assert not re.search(r"""(src|href|action)\s*=\s*["']?\s*(https?:)?//|url\(|@import""", page.text)


def test_openapi_names_the_problem_of_every_error(http: Http) -> None:
    spec = http.get("/openapi.json").json()
    assert "Problem" in spec["components"]["schemas"]
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if path.startswith("/v1") and int(status) >= 400:
                    assert list(answer["content"]) == [PROBLEM], (method, path, status)
