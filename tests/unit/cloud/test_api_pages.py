"""Over HTTP: lists come in pages, and a request that is sent again is done once."""

from cloud.adapters.database.engine import Database
from tests.unit.cloud.api_of_the_shop import KEY, furnish
from tests.unit.cloud.asking import Http
from tests.unit.cloud.corner_shop import Hub, Shop, changed


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
