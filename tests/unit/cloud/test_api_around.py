"""Over HTTP: what stands around the routes: the key, readiness, documentation."""

import re

import pytest

from cloud.adapters.database.engine import Database
from cloud.api.rim import Rim
from tests.unit.cloud.api_of_the_shop import PROBLEM
from tests.unit.cloud.asking import Http, api_on
from tests.unit.cloud.corner_shop import Hub, Shop, StandingClock


@pytest.mark.parametrize(
    ("header", "status"),
    [({}, 401), ({"Authorization": "Bearer wrong"}, 401), ({"Authorization": "Bearer s3cret-é"}, 200)],
)
def test_the_key_is_asked_for_where_there_is_one(database: Database, header: dict[str, str], status: int) -> None:
    http = api_on(Rim(database, StandingClock()), api_key="s3cret-é")
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
    http = api_on(Rim(database, clock, {"broker": lambda: "not connected to 127.0.0.1:1883"}))
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


@pytest.mark.sqlite
def test_the_documentation_needs_no_internet(http: Http) -> None:
    page = http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/v1/stores/{store}/visits/{visit}/receipt" in page.text
    assert "<script" not in page.text
    # Addresses may be written there, as examples and in patterns; nothing may be fetched from one.
    assert not re.search(r"""(src|href|action)\s*=\s*["']?\s*(https?:)?//|url\(|@import""", page.text)


@pytest.mark.sqlite
def test_openapi_names_the_problem_of_every_error(http: Http) -> None:
    spec = http.get("/openapi.json").json()
    assert "Problem" in spec["components"]["schemas"]
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if path.startswith("/v1") and int(status) >= 400:
                    assert list(answer["content"]) == [PROBLEM], (method, path, status)
