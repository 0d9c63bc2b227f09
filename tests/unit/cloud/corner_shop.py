"""A small shop to test with: a migrated database, a clock that stands still, a hub that speaks and a worker."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, text

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.ledger import sums, write_entry
from cloud.adapters.database.shop import token_digest
from cloud.adapters.gateways.wallet import Wallet, open_wallet, pay_in
from cloud.domain.ledger import top_up
from cloud.domain.money import Money
from cloud.domain.payment import PaymentGateway
from cloud.service.ingest import Committed, Ingester
from cloud.service.worker import Worker
from protocol.ids import uuid7
from protocol.messages import Envelope, Watermark, encode
from protocol.model import rfc3339
from protocol.topics import Topic

STORE = "corner"
HUB = "corner-hub"
TOKEN = "alice's token"
OPENING = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
"""When the shop's recordings begin; the clock of the cloud is years later."""

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return OPENING + timedelta(seconds=seconds)


@dataclass
class StandingClock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Hub:
    """Numbers what it says, as a device's outbox does."""

    device: str = HUB
    store: str = STORE
    epoch: int = 1
    seq: int = 0
    said: list[tuple[str, bytes]] = field(default_factory=list)

    def visit(self, number: int = 1) -> UUID:
        return uuid7(OPENING, "visit", number)

    def say(self, kind: str, visit: UUID | None, at_s: float, data: dict[str, Any]) -> tuple[str, bytes]:
        self.seq += 1
        envelope = Envelope(
            id=uuid7(at(at_s), self.device, self.epoch, self.seq),
            type=kind,
            device=self.device,
            epoch=self.epoch,
            seq=self.seq,
            ts=at(at_s),
            visit=visit,
            data=data,
        )
        message = (str(Topic(self.store, self.device, "ev")), encode(envelope))
        self.said.append(message)
        return message

    def enter(self, visit: UUID, at_s: float = 0, token: str = TOKEN) -> tuple[str, bytes]:
        return self.say("entered", visit, at_s, {"lane": "gate", "token": token})

    def leave(self, visit: UUID, at_s: float = 60) -> tuple[str, bytes]:
        return self.say("exited", visit, at_s, {"lane": "gate"})

    def interact(
        self,
        visit: UUID | None,
        at_s: float,
        *changes: tuple[str, str | None, int, float],
        interaction: UUID | None = None,
        revision: int = 1,
    ) -> tuple[str, bytes]:
        data = {
            "interaction": str(interaction or uuid7(at(at_s), "interaction", str(visit), self.seq)),
            "revision": revision,
            "cameras": ["shelf"],
            "slot": "wall.top.a",
            "entered": rfc3339(at(at_s - 1)),
            "left": rfc3339(at(at_s)),
            "changes": [
                {"type": kind, "sku": sku, "qty": qty, "slot": "wall.top.a", "p": p} for kind, sku, qty, p in changes
            ],
            "p": min((p for *_, p in changes), default=1.0),
        }
        return self.say("interaction", visit, at_s, data)

    def pick(self, visit: UUID | None, at_s: float, sku: str | None = "water", qty: int = 1, p: float = 0.97) -> Any:
        return self.interact(visit, at_s, ("pick", sku, qty, p))

    def put_back(self, visit: UUID, at_s: float, sku: str | None = "water", qty: int = 1, p: float = 0.97) -> Any:
        return self.interact(visit, at_s, ("put_back", sku, qty, p))

    def watermark(self, until_s: float, first_seq: int = 1, last_seq: int | None = None) -> tuple[str, bytes]:
        watermark = Watermark(
            device=self.device,
            epoch=self.epoch,
            first_seq=first_seq,
            last_seq=self.seq if last_seq is None else last_seq,
            observed_until=at(until_s),
        )
        return (str(Topic(self.store, self.device, "telemetry")), encode(watermark))


@dataclass
class Shop:
    """The cloud of one shop, without a broker and without HTTP."""

    database: Database
    clock: StandingClock = field(default_factory=StandingClock)
    gateway: PaymentGateway = field(init=False)

    def __post_init__(self) -> None:
        self.gateway = Wallet(self.database, self.clock)

    @property
    def gateways(self) -> dict[str, PaymentGateway]:
        return {"wallet": self.gateway}

    def furnish(self, balance_minor: int = 10_000, hold_minor: int = 5_000, **terms: Any) -> "Shop":
        """A store with a hub, water at 1.50 and bread at 2.50, a thing without a price, and Alice's account."""
        now = self.clock()
        with self.database.write() as connection:

            def add(table: Any, **values: Any) -> None:
                connection.execute(insert(table).values(store_id=STORE, **values))

            policy = {"charge_threshold": 0.9, "settle_within_s": 60.0, **terms}
            add(tables.stores, name="Corner", currency="EUR", hold_minor=hold_minor, created_at=now, **policy)
            add(tables.devices, device_id=HUB, registered_at=now)
            for sku, price in (("bread", 250), ("water", 150), ("mystery", None)):
                add(tables.products, sku=sku, name=sku.title(), created_at=now)
                if price is not None:
                    add(tables.prices, sku=sku, valid_from=at(-86_400), amount_minor=price, created_at=now)
            add(tables.accounts, account_id="alice", name=None, created_at=now)
            add(tables.tokens, token_sha256=token_digest(TOKEN), account_id="alice", created_at=now)
            open_wallet(connection, STORE, "alice", "EUR")
            pay_in(connection, STORE, "alice", Money(balance_minor, "EUR"))
            entry = top_up("alice", Money(balance_minor, "EUR"), "top-up/1")
            write_entry(connection, STORE, entry, visit=None, occurred_at=now, now=now)
        return self

    def hear(self, *messages: tuple[str, bytes]) -> Committed:
        return Ingester(self.database, self.clock).commit(messages)

    def work(self, passes_max: int = 50) -> None:
        worker = Worker(self.database, self.gateways, self.clock)
        for _ in range(passes_max):
            if not worker.run_once():
                return
        raise AssertionError("the worker never comes to rest")

    def receipt(self, visit: UUID) -> dict[str, Any] | None:
        """The visit's latest receipt; its `bought` are the pieces of each SKU that were charged."""
        found = sorted(
            (row for row in self.rows(tables.receipts) if row["visit_id"] == visit),
            key=lambda row: int(row["revision"]),
        )
        assert [row["revision"] for row in found] == list(range(1, len(found) + 1))
        lines = [row for row in self.rows(tables.settlement_lines) if row["visit_id"] == visit]
        latest = [row for row in lines if row["revision"] == len(found) and row["decision"] == "charge"]
        return {**found[-1], "bought": {row["sku"]: row["qty"] for row in latest}} if found else None

    def bought(self, visit: UUID) -> dict[str, int] | None:
        receipt = self.receipt(visit)
        return receipt["bought"] if receipt else None

    def rows(self, table: Any) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(table.select())]

    def rows_of(self, visit: UUID, revision: int) -> list[dict[str, Any]]:
        """The settled lines of a revision."""
        lines = tables.settlement_lines
        query = lines.select().where(lines.c.visit_id == visit, lines.c.revision == revision)
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def visit(self, visit: UUID) -> dict[str, Any]:
        return next(row for row in self.rows(tables.visits) if row["visit_id"] == visit)

    def wallet(self) -> tuple[int, int]:
        row = self.rows(tables.wallets)[0]
        return row["balance_minor"], row["held_minor"]

    def ledger_left_over(self) -> dict[str, int]:
        with self.database.read() as connection:
            return sums(connection, STORE)

    def charged(self) -> int:
        """What the ledger says was sold, in minor units."""
        postings = self.rows(tables.ledger_postings)
        return -sum(int(row["amount_minor"]) for row in postings if row["account"] == "sales")


def changed(message: tuple[str, bytes], **values: Any) -> tuple[str, bytes]:
    """The message with other values in its envelope."""
    topic, payload = message
    return topic, json.dumps({**json.loads(payload), **values}).encode()


def let_ledger_be_spoiled(connection: Connection) -> None:
    """Take away what keeps the ledger's rows, for tests of what finds a spoiled one."""
    if connection.dialect.name == "postgresql":
        # The database is there for the tests that follow, too.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for table in ("ledger_entries", "ledger_postings"):
        for event in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER {table}_kept_{event}"))


def file_of(database: Database) -> Path:
    return Path(str(database.engine.url.database))
