"""Over HTTP, from an empty database to a receipt: what an operator and a demo do."""

from cloud.adapters.database.engine import Database
from tests.unit.cloud.api_of_the_shop import KEY, furnish
from tests.unit.cloud.asking import Http
from tests.unit.cloud.corner_shop import Hub, Shop

PROMOTION = {
    "name": "Three for two",
    "terms": {"kind": "n_for_m", "skus": ["water"], "take": 3, "pay": 2},
    "valid_from": "2024-01-01T00:00:00Z",
}


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
