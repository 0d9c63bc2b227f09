"""Over HTTP: every refusal is a problem that says what is wrong, and leaves everything as it was."""

import sqlite3
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from cloud.adapters.database.engine import Database
from cloud.api.rim import Rim
from tests.unit.cloud.api_of_the_shop import KEY, PROBLEM
from tests.unit.cloud.asking import Http, api_on
from tests.unit.cloud.corner_shop import Shop, StandingClock, file_of

NOBODY = UUID("018f343d-8c80-774d-82c6-ae75e6001bbe")

STORE = {"name": "Corner", "currency": "EUR"}

PROMOTION = {
    "name": "Three for two",
    "terms": {"kind": "n_for_m", "skus": ["water"], "take": 3, "pay": 2},
    "valid_from": "2024-01-01T00:00:00Z",
}


@pytest.mark.sqlite
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
        ("DELETE", "/v1/stores/corner/devices/a-hub", None, 404, "a-hub"),
        ("DELETE", f"/v1/stores/corner/accounts/alice/tokens/{'0' * 64}", None, 404, "token"),
        ("DELETE", "/v1/stores/corner/accounts/alice/tokens/x", None, 422, "path.token_sha256"),
        ("GET", "/v1/stores/corner/accounts/bob/statement", None, 404, "bob"),
        ("GET", "/v1/stores/corner/accounts/alice/statement?cursor=x", None, 404, "query.cursor"),
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


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "path",
    ["accounts", "accounts/alice/top-ups", "accounts/alice/tokens", "products/water/prices", "tax-rates/food"],
)
def test_a_post_needs_an_idempotency_key(http: Http, database: Database, path: str) -> None:
    Shop(database).furnish()
    answer = http.post(f"/v1/stores/corner/{path}", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    assert "header.Idempotency-Key" in str(answer.json())


@pytest.mark.sqlite
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"name":"' + b"\\ud800" + b'","currency":"EUR"}', b"[" * 9_000])
def test_malformed_bodies_are_problems(http: Http, body: bytes) -> None:
    answer = http.put("/v1/stores/corner", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@pytest.mark.sqlite
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
    http = api_on(Rim(impatient, StandingClock()))
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
