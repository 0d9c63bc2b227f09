"""What is read while a shop trades: live carts and reports; when two edit at once; and how fast one may ask."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.database.tables import audit
from cloud.api.rim import WATCHERS_MAX
from cloud.domain.money import Money
from cloud.domain.pace import Buckets, Pace
from cloud.domain.spelling import spelled
from tests.unit.cloud.corner_shop import Hub
from tests.unit.cloud.trading import KEY, PLACE, Trade

PERIOD = "since=2024-05-01T00:00:00Z&days=1"


@pytest.mark.parametrize(
    ("minor", "currency", "says"),
    [(240, "EUR", "2.40 EUR"), (-5, "EUR", "-0.05 EUR"), (240, "JPY", "240 JPY"), (1_005, "KWD", "1.005 KWD")],
)
def test_amounts_have_their_currencys_digits(minor: int, currency: str, says: str) -> None:
    assert spelled(Money(minor, currency)) == says


def events_of(text: str) -> list[tuple[str, str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        said = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if said:
            found.append((said["event"], said["id"], json.loads(said["data"])))
    return found


def test_a_live_cart_is_told_until_it_is_decided_and_taken_up_where_it_was(trade: Trade) -> None:
    hub = Hub()
    visit = hub.visit()
    trade.shop.hear(hub.enter(visit), hub.pick(visit, 5))
    trade.shop.work()
    trade.later = [hub.pick(visit, 9, sku="bread"), hub.leave(visit), hub.watermark(61)]
    path = f"{PLACE}/visits/{visit}/live"
    answer = trade.http.get(path)
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events_of(answer.text)
    assert [kind for kind, _, _ in told] == ["visit", "visit", "end"]
    carts = [{line["sku"] for line in data["lines"]} for kind, _, data in told if kind == "visit"]
    assert carts == [{"water"}, {"water", "bread"}]
    assert trade.waited == 1
    resumed = events_of(trade.http.get(path, headers={"Last-Event-ID": told[1][1]}).text)
    assert [kind for kind, _, _ in resumed] == ["end"], "what was heard is not told again"


@pytest.mark.sqlite
def test_so_many_may_watch_and_no_more(trade: Trade) -> None:
    path = f"{PLACE}/visits/{trade.visit()}/live"
    for answer in trade.http.request_all([("GET", path, {})] * (WATCHERS_MAX + 1)):
        assert answer.status_code == 200, "a seat is given back"
    while trade.http.rim.seats.acquire(blocking=False):
        pass
    assert trade.http.get(path).json()["type"] == "urn:tillfree:problem:too-many-readers"
    assert trade.http.get(f"{PLACE}/visits/018f343d-8c80-774d-82c6-ae75e6001bbe/live").status_code == 404


def test_reports_add_up_to_the_receipts(trade: Trade) -> None:
    visits = [trade.visit(1, "water", 3), trade.visit(2, "bread", 1), trade.visit(3, "water", 1)]
    body = {"by": "olga", "reason": "faulty", "lines": [{"line": 0, "qty": 1}]}
    assert trade.http.post(f"{PLACE}/visits/{visits[0]}/refunds", json=body, headers={KEY: "r"}).status_code == 201
    trade.shop.work()
    receipts = [trade.http.get(f"{PLACE}/visits/{visit}/receipt").json() for visit in visits]
    sales = trade.http.get(f"{PLACE}/reports/sales?{PERIOD}").json()
    assert (sales["visits"], sales["total_minor"], sales["refunded_minor"]) == (3, 700, 150)
    assert sales["total_minor"] == sum(receipt["total_minor"] for receipt in receipts)
    best = trade.http.get(f"{PLACE}/reports/best-sellers?{PERIOD}").json()["items"]
    assert [(each["sku"], each["qty"], each["amount_minor"]) for each in best] == [("water", 3, 450), ("bread", 1, 250)]
    stock = trade.http.get(f"{PLACE}/reports/stock?{PERIOD}").json()["items"]
    assert stock == [{"sku": "water", "qty": 4}, {"sku": "bread", "qty": 1}], "what was given back is gone all the same"
    later = PERIOD.replace("2024-05-01", "2024-05-02")
    assert trade.http.get(f"{PLACE}/reports/sales?{later}").json()["visits"] == 0


@pytest.mark.parametrize(
    "period",
    [
        "",
        "days=1",
        "since=2024-05-01T00:00:00Z&days=0",
        "since=2024-05-01T00:00:00Z&days=401",
        "since=0",
        "since=2024-05-01",
    ],
)
def test_a_period_that_is_none_is_refused(trade: Trade, period: str) -> None:
    for report in ("sales", "best-sellers", "stock"):
        assert trade.http.get(f"{PLACE}/reports/{report}?{period}").status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        (f"{PLACE}/products/water", {"name": "Water"}, {"name": "Aqua"}),
        (f"{PLACE}/accounts/alice", {"name": "Alice"}, {"name": "Alicia"}),
        (PLACE, {"name": "Corner", "currency": "EUR"}, {"name": "Korner", "currency": "EUR"}),
    ],
)
def test_nobody_overwrites_what_they_have_not_seen(trade: Trade, path: str, body: Any, other: Any) -> None:
    seen = trade.http.get(path).headers["ETag"]
    first = trade.http.put(path, json=other, headers={"If-Match": seen})
    assert first.status_code == 200
    late = trade.http.put(path, json=body, headers={"If-Match": seen})
    assert (late.status_code, late.json()["type"]) == (412, "urn:tillfree:problem:changed-meanwhile")
    assert trade.http.get(path).headers["ETag"] == first.headers["ETag"] != seen
    assert trade.http.put(path, json=body, headers={"If-Match": "*"}).status_code == 200
    changes = [(f'"{row["before"]}"', f'"{row["after"]}"') for row in trade.shop.rows(audit)]
    assert (seen, first.headers["ETag"]) in changes
    assert len(changes) == 2, "what was refused is not among the changes"


def test_what_is_not_there_matches_nothing(trade: Trade) -> None:
    answer = trade.http.put(f"{PLACE}/products/tea", json={"name": "Tea"}, headers={"If-Match": "*"})
    assert answer.status_code == 412
    assert trade.http.get(f"{PLACE}/products/tea").status_code == 404


def test_who_asks_too_fast_is_told_how_long_to_wait(trade: Trade) -> None:
    answers = [trade.http.post("/v1/login", json={}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {422}
    assert (answers[60].status_code, answers[60].headers["Retry-After"]) == (429, "2")
    assert trade.http.get("/v1/stores").status_code == 200, "others are not kept waiting"
    trade.seconds += 1
    assert trade.http.post("/v1/login", json={}).status_code == 422


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), max_size=60))
def test_no_asker_gets_more_than_burst_and_rate(asked: list[tuple[str, float]]) -> None:
    buckets, pace, now_s = Buckets(), Pace(rate_per_s=2, burst=3), 0.0
    granted: dict[str, int] = {}
    for asker, passed_s in asked:
        now_s += passed_s
        wait_s = buckets.take(asker, pace, now_s)
        assert 0 <= wait_s <= 0.5
        granted[asker] = granted.get(asker, 0) + (wait_s == 0)
    assert all(count <= 3 + 2 * now_s + 1e-6 for count in granted.values())


def test_the_buckets_are_bounded() -> None:
    buckets = Buckets(askers_max=10)
    for number in range(1_000):
        buckets.take(str(number), Pace(1, 1), 0.0)
    assert len(buckets._kept) == 10
