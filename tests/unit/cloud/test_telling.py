"""The retailer is told of each receipt: signed, again until it is heard, and never for ever."""

import contextlib
import json
import socket
import threading
from collections.abc import Mapping

import httpx
import pytest

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.api.rim import Rim
from cloud.domain.signature import wrong_with
from cloud.service.telling import TRY_AGAIN_AFTER, Teller, post_over_http
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop

PLACE = f"/v1/stores/{STORE}/hooks/books"
URL = "https://books.example/tillfree"


class Retailer:
    """Hears webhooks, and answers as it was told to."""

    def __init__(self, database: Database) -> None:
        self.shop = Shop(database).furnish()
        self.http = api_on(Rim(database, self.shop.clock))
        made = self.http.put(PLACE, json={"url": URL})
        assert made.status_code == 201
        self.secret = made.json()["secret"]
        self.heard: list[tuple[bytes, str]] = []
        self.answer: int | None = 200
        self.teller = Teller(database, self.shop.clock, self.post)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert url == URL
        self.heard.append((body, headers["Tillfree-Signature"]))
        if self.answer is None:
            raise httpx.ReadTimeout("nobody answers")
        return self.answer

    def sell(self) -> str:
        hub = Hub()
        visit = hub.visit()
        hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
        self.shop.hear(*hub.said, hub.watermark(61))
        self.shop.work()
        return str(visit)

    def deliveries(self) -> list[dict[str, object]]:
        items: list[dict[str, object]] = self.http.get(f"{PLACE}/deliveries").json()["items"]
        return items


@pytest.fixture
def retailer(database: Database) -> Retailer:
    return Retailer(database)


def test_a_receipt_is_told_once_and_signed(retailer: Retailer) -> None:
    visit = retailer.sell()
    assert retailer.teller.run_once()
    assert not retailer.teller.run_once()
    ((body, signature),) = retailer.heard
    assert wrong_with(signature, body, [retailer.secret], retailer.shop.clock()) is None
    said = json.loads(body)
    assert (said["type"], said["store"]) == ("receipt.issued", STORE)
    assert (said["data"]["visit"], said["data"]["revision"], said["data"]["total_minor"]) == (visit, 1, 150)
    assert [(each["state"], each["tries"], each["answer"]) for each in retailer.deliveries()] == [("told", 1, "200")]


@pytest.mark.parametrize("answer", [None, 500, 302, 404])
def test_what_is_not_heard_is_told_again_by_schedule_and_then_put_aside(retailer: Retailer, answer: int | None) -> None:
    retailer.answer = answer
    retailer.sell()
    assert retailer.teller.run_once()
    for wait in TRY_AGAIN_AFTER:
        retailer.shop.clock.pass_s(wait.total_seconds() - 1)
        assert not retailer.teller.run_once()
        retailer.shop.clock.pass_s(1)
        assert retailer.teller.run_once()
    retailer.shop.clock.pass_s(10**6)
    assert not retailer.teller.run_once()
    (dead,) = retailer.deliveries()
    assert (dead["state"], dead["tries"]) == ("dead", 7)
    assert len({json.loads(body)["id"] for body, _ in retailer.heard}) == 1
    retailer.answer = 204
    again = retailer.http.post(
        f"{PLACE}/deliveries/{dead['delivery']}/replay", json={}, headers={"Idempotency-Key": "r"}
    )
    assert (again.status_code, again.json()["state"]) == (201, "waiting")
    assert retailer.teller.run_once()
    assert retailer.deliveries()[0]["state"] == "told"


def test_two_senders_tell_it_once_and_a_dead_sender_is_followed(retailer: Retailer, database: Database) -> None:
    retailer.sell()
    others = Teller(database, retailer.shop.clock, retailer.post)

    def killed(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert not others.run_once(), "it is this sender's for a minute"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Teller(database, retailer.shop.clock, killed).run_once()
    retailer.shop.clock.pass_s(60)
    assert others.run_once()
    assert len(retailer.heard) == 1


def test_a_store_without_hooks_or_with_a_disabled_one_tells_nobody(retailer: Retailer) -> None:
    assert retailer.http.put(PLACE, json={"url": URL, "disabled": True}).json()["secret"] is None
    retailer.sell()
    assert retailer.shop.rows(tables.hook_deliveries) == []


@pytest.mark.parametrize(
    "url", ["http://books.example/", "ftp://x", "https://", "file:///etc/passwd", "https://a/\n", ""]
)
def test_only_a_safe_address_is_told(retailer: Retailer, url: str) -> None:
    assert retailer.http.put(PLACE, json={"url": url}).status_code == 422


def test_a_silent_hook_keeps_nobody_waiting(retailer: Retailer) -> None:
    other = f"/v1/stores/{STORE}/hooks/stock"
    assert retailer.http.put(other, json={"url": "https://stock.example/"}).status_code == 201
    hub, told = Hub(), []
    with retailer.shop.database.write() as connection:
        connection.execute(tables.wallets.update().values(balance_minor=10**6))
    for number in range(30):
        visit = hub.visit(number)
        at_s = number * 100
        retailer.shop.hear(hub.enter(visit, at_s), hub.pick(visit, at_s + 5), hub.leave(visit, at_s + 9))
    retailer.shop.hear(hub.watermark(10_000))
    retailer.shop.work()

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if url == URL:
            retailer.heard.append((body, ""))
            raise httpx.ConnectTimeout("nobody is there")
        told.append(body)
        return 200

    teller = Teller(retailer.shop.database, retailer.shop.clock, post)
    while teller.run_once():
        pass
    assert (len(told), len(retailer.heard)) == (30, 1)
    waiting = retailer.http.get(f"{PLACE}/deliveries?limit=200").json()["items"]
    assert sorted(each["tries"] for each in waiting) == [0] * 29 + [1]


def test_what_is_asked_for_again_while_it_is_sent_is_sent_again(retailer: Retailer) -> None:
    retailer.sell()
    delivery = retailer.deliveries()[0]["delivery"]

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
        retailer.heard.append((body, ""))
        if len(retailer.heard) == 1:
            retailer.shop.clock.pass_s(1)
            again = {"Idempotency-Key": "again"}
            assert (
                retailer.http.post(f"{PLACE}/deliveries/{delivery}/replay", json={}, headers=again).status_code == 201
            )
        return 200

    teller = Teller(retailer.shop.database, retailer.shop.clock, post)
    while teller.run_once():
        pass
    assert len(retailer.heard) == 2
    assert retailer.deliveries()[0]["state"] == "told"


@pytest.mark.sqlite
def test_an_answer_byte_by_byte_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloud.service.telling.TIMEOUT_S", 0.3)
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
                connection.sendall(bytes([byte]))
                if stop.wait(0.02):
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        dripping = threading.Thread(target=lambda: drip(server.accept()[0]))
        dripping.start()
        # Each byte comes in time; the answer never does.
        with pytest.raises(httpx.ReadTimeout, match="no answer within"):
            post_over_http(address, b"{}", {})
        stop.set()
        dripping.join()
