"""Over HTTP: what an account owes, pays by, and opens the gate with."""

from cloud.adapters.database.engine import Database
from cloud.adapters.database.shop import token_digest
from cloud.adapters.database.tables import audit, quarantine, visits, wallets
from cloud.api.rim import Rim
from tests.unit.cloud.api_of_the_shop import KEY, furnish
from tests.unit.cloud.asking import Http, api_on
from tests.unit.cloud.corner_shop import Hub, Shop, StandingClock


def test_a_debt_is_paid_by_the_next_top_up_or_written_off(http: Http, database: Database) -> None:
    furnish(http)
    store, shop = "/v1/stores/corner", Shop(database)
    indebted = []
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
        indebted.append(visit)
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
    causes = [http.get(f"{store}/visits/{visit}/receipt").json()["cause"] for visit in indebted]
    assert causes == ["debt_paid", "written_off"]
    assert http.get(f"{store}/ledger/balance").json()["sums_minor"] == {"EUR": 0}


def test_an_account_pays_by_a_gateway_that_is_set_up(database: Database) -> None:
    rim = Rim(database, StandingClock(), gateways=frozenset({"wallet", "fake"}))
    http = api_on(rim)
    furnish(http)
    place = "/v1/stores/corner/accounts/alice/payment-method"
    assert http.get(place).json() == {"store": "corner", "account": "alice", "gateway": "wallet", "payer": "alice"}
    assert http.put(place, json={"gateway": "fake", "payer": "card-1"}).json()["payer"] == "card-1"
    assert http.get(place).json()["gateway"] == "fake"
    assert http.put(place, json={"gateway": "wallet"}).json()["payer"] == "alice"
    for body in ({"gateway": "stripe", "payer": "x"}, {"gateway": "fake"}, {"gateway": "wallet", "payer": "x"}):
        assert http.put(place, json=body).status_code == 409
    assert http.get("/v1/stores/corner/accounts/bob/payment-method").status_code == 404


def test_a_statement_tells_every_movement_and_adds_up(http: Http, database: Database) -> None:
    furnish(http)
    store, shop, hub = "/v1/stores/corner", Shop(database), Hub()
    statement = f"{store}/accounts/alice/statement"
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5, qty=2))
    shop.work()
    held = http.get(statement).json()
    assert [each["kind"] for each in held["items"]] == ["top_up"], "a hold moves nothing"
    shop.clock.pass_s(60)
    shop.hear(hub.leave(visit), hub.watermark(61))
    shop.work()
    shop.clock.pass_s(60)
    refund = {"by": "olga", "reason": "faulty", "lines": [{"line": 0, "qty": 1}]}
    assert http.post(f"{store}/visits/{visit}/refunds", json=refund, headers={KEY: "r"}).status_code == 201
    shop.work()
    seen: list[tuple[str, int, int, str | None]] = []
    page = http.get(f"{statement}?limit=1").json()
    while True:
        seen += [(each["kind"], each["amount_minor"], each["balance_minor"], each["visit"]) for each in page["items"]]
        if page["next"] is None:
            break
        page = http.get(f"{statement}?limit=1&cursor={page['next']}").json()
    assert seen == [
        ("refund", 150, 9_850, str(visit)),
        ("capture", -300, 9_700, str(visit)),
        ("top_up", 10_000, 10_000, None),
    ]
    assert http.get(f"{store}/accounts/alice").json()["balance_minor"] == 9_850


def test_a_forgotten_visit_is_an_amount_in_the_statement_and_no_more(http: Http, database: Database) -> None:
    furnish(http)
    store, shop, hub = "/v1/stores/corner", Shop(database), Hub()
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.leave(visit), hub.watermark(61))
    shop.work()
    assert http.post(f"{store}/visits/{visit}/erasure", json={}, headers={KEY: "e"}).status_code == 201
    items = http.get(f"{store}/accounts/alice/statement").json()["items"]
    assert sorted((each["amount_minor"], each["visit"]) for each in items) == [(-150, None), (10_000, None)]


def test_a_lost_token_opens_nothing_any_more_and_may_be_somebody_elses(http: Http, database: Database) -> None:
    furnish(http)
    store, shop, hub = "/v1/stores/corner", Shop(database), Hub()
    place = f"{store}/accounts/alice/tokens"
    http.post(place, json={"token": "another card"}, headers={KEY: "another"})
    first = http.get(f"{place}?limit=1").json()
    second = http.get(f"{place}?limit=1&cursor={first['next']}").json()
    digests = {each["token_sha256"] for each in [*first["items"], *second["items"]]}
    assert (len(digests), second["next"]) == (2, None)
    lost = token_digest("alice's token")
    assert http.request("DELETE", f"{place}/{lost}").status_code == 204
    assert http.request("DELETE", f"{place}/{lost}").status_code == 404
    shop.hear(hub.enter(hub.visit(1)), hub.enter(hub.visit(2), token="another card"))
    shop.work()
    states = {row["visit_id"]: (row["state"], row["refused_reason"]) for row in shop.rows(visits)}
    assert states == {hub.visit(1): ("refused", "unknown_token"), hub.visit(2): ("open", None)}
    http.post(f"{store}/accounts", json={"account": "bob"}, headers={KEY: "bob"})
    found = http.post(f"{store}/accounts/bob/tokens", json={"token": "alice's token"}, headers={KEY: "found"})
    assert found.status_code == 201
    log = [row["target"] for row in shop.rows(audit) if row["action"].startswith("DELETE")]
    assert log == [place], "a digest tells who it was to whoever has the token"


def test_a_device_that_is_taken_out_is_a_stranger_and_may_stand_elsewhere(http: Http, database: Database) -> None:
    furnish(http)
    store, shop, hub = "/v1/stores/corner", Shop(database), Hub()
    shop.hear(hub.enter(hub.visit(1)))
    shop.work()
    assert http.request("DELETE", f"{store}/devices/corner-hub").status_code == 204
    assert http.get(f"{store}/devices").json()["items"] == []
    shop.hear(hub.leave(hub.visit(1)))
    assert [row["reason"] for row in shop.rows(quarantine)] == ["device 'corner-hub' is not registered"]
    assert [row["state"] for row in shop.rows(visits)] == ["open"], "what it said before counts"
    assert http.put("/v1/stores/kiosk", json={"name": "Kiosk", "currency": "EUR"}).status_code == 201
    assert http.put("/v1/stores/kiosk/devices/corner-hub").status_code == 201
