"""Forgetting people: nothing that tells who it was is left anywhere, and the books are as they were."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from cloud.adapters.database import tables
from cloud.adapters.database.erasing import OF_VISIT
from cloud.api.rim import Rim
from cloud.service.deadlines import meet_deadlines
from cloud.service.erasing import erase_visit, sweep_what_is_kept_for_a_time
from cloud.service.reconciling import reconcile
from tests.unit.cloud.asking import api_on
from tests.unit.cloud.corner_shop import STORE, Hub, Shop
from tests.unit.cloud.staff import CHEAP
from tillfree.cli.main import app

KEY = "Idempotency-Key"
MACHINE = {"Authorization": "Bearer k"}
V1 = f"/v1/stores/{STORE}"


class Town:
    """The corner shop, Alice who shopped twice and complained once, and somebody at the API."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.hub, self.count = shop, Hub(), 0
        self.http = api_on(Rim(shop.database, shop.clock, passwords=CHEAP), api_key="k")

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        self.count += 1
        # Keys are the asker's to choose, and so may name somebody; the one of the erasure itself stays.
        key = f"{'request' if path.endswith('erasure') else 'alice'}-{self.count}"
        answer = self.http.post(f"{V1}{path}", json=body, headers={**MACHINE, KEY: key})
        assert answer.status_code == status, answer.text
        return answer.json()

    def put(self, path: str, body: Any) -> Any:
        answer = self.http.put(f"{V1}{path}", json=body, headers=MACHINE)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.http.get(f"{V1}{path}", headers=MACHINE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def shopping(self, number: int, start_s: float, doubt: bool = False) -> UUID:
        visit = self.hub.visit(number)
        said = [self.hub.enter(visit, start_s), self.hub.pick(visit, start_s + 5)]
        said += [self.hub.pick(visit, start_s + 9, sku="bread", p=0.6)] if doubt else []
        self.shop.hear(*said, self.hub.leave(visit, start_s + 30), self.hub.watermark(start_s + 31))
        self.shop.work()
        return visit

    def everything(self) -> str:
        """Every value of every row of every table."""
        return " ".join(str(self.shop.rows(table)) for table in tables.metadata.sorted_tables)

    def tells_of_alice(self) -> list[str]:
        """The tables that do."""
        return [each.name for each in tables.metadata.sorted_tables if "alice" in str(self.shop.rows(each)).lower()]

    def books(self) -> Any:
        """What an accountant sees: sums by account kind, receipts and lines, without who it was."""
        postings = sorted(
            (row["account"].partition(":")[0], row["amount_minor"], row["currency"])
            for row in self.shop.rows(tables.ledger_postings)
        )
        names = ("visit_id", "revision", "total_minor", "refunded_minor", "owed_minor", "issued_at", "cause")
        receipts = [[row[name] for name in names] for row in self.shop.rows(tables.receipts)]
        lines = [
            [row[name] for name in ("visit_id", "revision", "position", "sku", "qty", "amount_minor")]
            for row in self.shop.rows(tables.settlement_lines)
        ]
        return postings, sorted(receipts, key=str), sorted(lines, key=str)

    def agrees(self) -> bool:
        gateways: Any = self.shop.gateways
        return reconcile(self.shop.database, gateways, STORE, self.shop.clock).agrees


@pytest.fixture
def town(shop: Shop) -> Town:
    town = Town(shop)
    town.put("/accounts/alice", {"name": "Alice Adams", "member": True})
    town.put("/hooks/books", {"url": "https://books.example/x"})
    town.post("/accounts/alice/top-ups", {"amount_minor": 1_000})
    town.post("/accounts/alice/keys", {"name": "alice's phone"})
    return town


def traded(town: Town) -> tuple[UUID, UUID]:
    first, second = town.shopping(1, 0, doubt=True), town.shopping(2, 100)
    town.post(f"/reviews/{first}/0/claim", {"by": "olga"})
    town.post(f"/reviews/{first}/0/decision", {"by": "olga", "decision": "drop", "note": "alice had her own bread"})
    town.post(f"/visits/{first}/disputes", {"reason": "not_taken", "note": "I am alice, I put it back"})
    dispute = town.get("/disputes")["items"][0]["dispute"]
    town.post(f"/disputes/{dispute}/decision", {"by": "olga", "decision": "uphold", "note": "alice is right"})
    town.post(f"/visits/{second}/refunds", {"reason": "goodwill", "by": "olga", "note": "sorry alice"})
    town.shop.work()
    return first, second


def test_nothing_tells_that_there_was_an_alice_and_the_books_are_the_same(town: Town) -> None:
    first, second = traded(town)
    assert len(town.tells_of_alice()) >= 15
    before = town.books()
    assert town.agrees()
    left = town.shop.wallet()[0]
    refused = town.post("/accounts/alice/erasure", {}, 409)
    assert f"{left} minor units are left" in refused["detail"]
    assert town.books() == before
    made = town.post("/accounts/alice/erasure", {"remaining": "paid_out"})
    assert town.tells_of_alice() == []
    assert made["kind"] == "account"
    assert made["changed"]["visits"] == 2
    postings, receipts, lines = town.books()
    closing = [("cash", -left, "EUR"), ("wallet", left, "EUR")]
    assert (sorted([*before[0], *closing]), *before[1:]) == (postings, receipts, lines)
    assert town.shop.ledger_left_over() == {"EUR": 0}
    assert town.agrees()
    assert town.get("/ledger/balance")["balanced"]
    assert town.get("/erasures")["items"] == [made]
    for visit in (first, second):
        assert town.get(f"/visits/{visit}/receipt")["account"] == made["pseudonym"]
        assert town.get(f"/visits/{visit}")["interactions"] == []
    account = town.get(f"/accounts/{made['pseudonym']}")
    assert (account["name"], account["balance_minor"], account["erased_at"]) == (None, 0, made["at"])


def test_a_key_and_a_token_of_hers_open_nothing_any_more(town: Town) -> None:
    key = town.post("/accounts/alice/keys", {"name": "phone"})["secret"]
    town.post("/accounts/alice/erasure", {"remaining": "forfeited"})
    assert town.http.get(f"{V1}/accounts/alice", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    visit = town.hub.visit(3)
    town.shop.hear(town.hub.enter(visit, 200))
    town.shop.work()
    assert town.shop.visit(visit)["refused_reason"] == "unknown_token"


@pytest.mark.sqlite
def test_an_erased_account_is_no_account(town: Town) -> None:
    name = town.post("/accounts/alice/erasure", {"remaining": "forfeited"})["pseudonym"]
    for path, body in (
        ("tokens", {"token": "x"}),
        ("top-ups", {"amount_minor": 5}),
        ("keys", {"name": "x"}),
        ("erasure", {}),
    ):
        assert town.post(f"/accounts/{name}/{path}", body, 409)["type"].endswith("account-erased")
    for path, body in (("", {"name": "New"}), ("/payment-method", {"gateway": "wallet"})):
        assert town.http.put(f"{V1}/accounts/{name}{path}", json=body, headers=MACHINE).status_code == 409
    assert town.post("/accounts", {"account": "erased-1"}, 409)["type"].endswith("account-reserved")
    assert town.http.get(f"{V1}/accounts/alice", headers=MACHINE).status_code == 404
    # Somebody else may be called so.
    assert town.post("/accounts", {"account": "alice"})["balance_minor"] == 0


@pytest.mark.sqlite
def test_it_is_done_once_however_often_it_is_asked_for(town: Town) -> None:
    traded(town)
    key = {**MACHINE, KEY: "erase-1"}
    body = {"remaining": "paid_out"}
    first = town.http.post(f"{V1}/accounts/alice/erasure", json=body, headers=key)
    again = town.http.post(f"{V1}/accounts/alice/erasure", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(town.get("/erasures")["items"]) == 1
    assert town.tells_of_alice() == []


def test_what_is_still_to_be_done_stands_in_the_way(town: Town) -> None:
    doubtful = town.shopping(1, 0, doubt=True)
    why = town.post(f"/visits/{doubtful}/erasure", {}, 409)["detail"]
    assert "a line waits for a person" in why
    inside = town.hub.visit(2)
    town.shop.hear(town.hub.enter(inside, 100))
    town.shop.work()
    why = town.post("/accounts/alice/erasure", {"remaining": "paid_out"}, 409)["detail"]
    assert "it is not settled" in why
    assert str(doubtful) in why
    assert "alice" in town.everything()


def test_a_visit_is_forgotten_and_its_shopper_is_not(town: Town) -> None:
    first, second = traded(town)
    before, wallet = town.books(), town.shop.wallet()
    made = town.post(f"/visits/{first}/erasure", {})
    assert town.books() == before
    assert town.shop.wallet() == wallet
    assert town.agrees()
    assert (made["kind"], made["visit"], made["pseudonym"]) == ("visit", str(first), OF_VISIT)
    assert [each["visit"] for each in town.get("/accounts/alice/visits")["items"]] == [str(second)]
    assert town.get(f"/visits/{first}/receipt")["account"] == OF_VISIT
    visit_only = [row for row in town.shop.rows(tables.inbox) if row["visit_id"] == first]
    assert {str(row["data"]) for row in visit_only} == {"{}"}
    assert "I put it back" not in town.everything()
    assert town.post(f"/visits/{first}/erasure", {}, 409)["type"].endswith("erased")
    for path, body in (
        (f"/visits/{first}/refunds", {"reason": "other", "by": "x"}),
        (f"/visits/{first}/disputes", {"reason": "other"}),
    ):
        assert "erased" in town.post(path, body, 409)["detail"]


def test_an_event_that_comes_again_brings_nothing_back(town: Town) -> None:
    visit = town.shopping(1, 0)
    town.post(f"/visits/{visit}/erasure", {})
    before = town.everything()
    town.shop.hear(*town.hub.said)
    town.shop.work()
    assert town.everything() == before


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--account", "alice"], 1, "It cannot be undone"),
        (["--account", "alice", "--yes"], 1, "are left in the wallet"),
        (["--account", "nobody", "--yes"], 1, "is not known"),
        (["--visit", str(UUID(int=7)), "--yes"], 1, "is not known"),
        (["--yes"], 1, "say either --account or --visit"),
        (["--account", "alice", "--visit", str(UUID(int=7)), "--yes"], 1, "say either --account or --visit"),
        (["--account", "alice", "--remaining", "paid_out", "--yes"], 0, "in the books: erased-"),
    ],
)
def test_the_command_line_forgets_too_and_asks_first(town: Town, arguments: list[str], code: int, says: str) -> None:
    database = ["--database", str(town.shop.database.engine.url)]
    done = CliRunner().invoke(app, ["cloud", "erase", "--store", STORE, *arguments, *database], input="n\n")
    assert (done.exit_code, says in f"{done.output} {done.exception}") == (code, True)
    assert bool(town.tells_of_alice()) == (code == 1)
    logged = [row["action"] for row in town.shop.rows(tables.audit)]
    assert ("tillfree cloud erase" in logged) == (code == 0)


def test_what_is_said_late_of_it_is_not_kept_and_moves_no_money(town: Town) -> None:
    visit = town.shopping(1, 0)
    town.post(f"/visits/{visit}/erasure", {})
    before, wallet = town.books(), town.shop.wallet()
    late = town.hub.interact(visit, 6, ("put_back", "water", 1, 0.99))
    town.shop.hear(late, town.hub.watermark(200))
    town.shop.work()
    assert (town.books(), town.shop.wallet()) == (before, wallet)
    assert [row for row in town.shop.rows(tables.interactions) if row["visit_id"] == visit] == []
    assert {str(row["data"]) for row in town.shop.rows(tables.inbox) if row["visit_id"] == visit} == {"{}"}
    assert town.agrees()


def test_a_store_s_policy_forgets_by_itself_and_once(town: Town) -> None:
    terms = {"name": "Corner", "currency": "EUR", "review_within_s": 31_536_000, "keep_visits_days": 30}
    town.put("", terms)
    first, second = traded(town)
    doubtful = town.shopping(3, 200, doubt=True)
    before = town.books()
    town.shop.clock.pass_s(timedelta(days=30).total_seconds() - 60)
    assert not meet_deadlines(town.shop.database, town.shop.clock())
    town.shop.clock.pass_s(120)
    assert meet_deadlines(town.shop.database, town.shop.clock())
    assert not meet_deadlines(town.shop.database, town.shop.clock())
    whose = {row["visit_id"]: row["account_id"] for row in town.shop.rows(tables.visits)}
    assert whose == {first: OF_VISIT, second: OF_VISIT, doubtful: "alice"}
    (made,) = town.get("/erasures")["items"]
    assert (made["kind"], made["by"], made["changed"]["visits"]) == ("retention", "retention", 2)
    assert town.books() == before
    assert town.agrees()


def test_two_at_once_forget_a_visit_once(town: Town) -> None:
    visit = town.shopping(1, 0)
    now = town.shop.clock()
    with town.shop.database.write() as connection:
        assert erase_visit(connection, STORE, visit, by="olga", now=now) is not None
        assert erase_visit(connection, STORE, visit, by="olga", now=now) is None


def test_answers_and_messages_are_kept_for_a_time(town: Town) -> None:
    town.shopping(1, 0)
    now = town.shop.clock()
    with town.shop.database.write() as connection:
        row = {"store_id": STORE, "digest": "d", "received_at": now, "reason": "r", "topic": "t", "payload": b"x"}
        connection.execute(insert(tables.quarantine).values(**row))
        connection.execute(tables.hook_deliveries.update().values(state="told", due_at=None))
    kept = (tables.idempotency, tables.hook_deliveries, tables.quarantine)
    assert all(town.shop.rows(table) for table in kept)
    for days, left in ((29, (2, 1, 1)), (31, (0, 1, 1)), (89, (0, 1, 1)), (91, (0, 0, 0))):
        while sweep_what_is_kept_for_a_time(town.shop.database, now + timedelta(days=days)):
            pass
        assert tuple(len(town.shop.rows(table)) for table in kept) == left, days


@pytest.mark.sqlite
def test_the_clips_of_a_forgotten_visit_are_named_and_gone(town: Town) -> None:
    visit = town.shopping(1, 0)
    now = town.shop.clock()
    sha256 = "ab" * 32
    with town.shop.database.write() as connection:
        row = {"store_id": STORE, "sha256": sha256, "device_id": town.hub.device, "visit_id": visit}
        more = {"interaction_id": visit, "camera": "shelf", "size_bytes": 4, "noted_at": now, "expires_at": now}
        connection.execute(insert(tables.evidence).values(**row, **more, sealed=b"clip", kept_at=now))
    assert town.post(f"/visits/{visit}/erasure", {})["evidence"] == [sha256]
    (clip,) = town.shop.rows(tables.evidence)
    assert clip["sealed"] is None
    assert clip["gone_at"] is not None
    assert [row["type"] for row in town.shop.rows(tables.commands)] == ["erase_evidence"]
