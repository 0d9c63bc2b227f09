"""Many simulated visits of many shoppers, as one hub says them, and ways to say them badly."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.adapters.database.ledger import write_entry
from cloud.adapters.database.shop import token_digest
from cloud.adapters.gateways.wallet import open_wallet, pay_in
from cloud.domain.ledger import top_up
from cloud.domain.money import Money
from tests.unit.cloud.corner_shop import NOW, STORE, Hub, Shop

BALANCE_MINOR = 10**7
DELAYED_MAX = 900
Messages = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Crowd:
    """What the hub said, in order, and which visits that were."""

    messages: tuple[tuple[str, bytes], ...]
    visits: tuple[UUID, ...]


def crowd(count: int, seed: int, shoppers: int) -> Crowd:
    """`count` visits that overlap in time: picks sure and unsure, put-backs, revisions, empty carts."""
    chance = random.Random(seed)
    hub = Hub()
    visits = tuple(hub.visit(number) for number in range(count))
    todo: list[tuple[float, int, str]] = []
    for number in range(count):
        begin_s = number * 2.0
        todo.append((begin_s, number, "enter"))
        todo += [(begin_s + chance.uniform(1, 50), number, "reach") for _ in range(chance.randint(0, 6))]
        todo.append((begin_s + 60, number, "leave"))
    said: Messages = []
    for at_s, number, what in sorted(todo):
        visit = visits[number]
        if what == "enter":
            said.append(hub.enter(visit, at_s, token=f"token {number % shoppers}"))
        elif what == "leave":
            said.append(hub.leave(visit, at_s))
            said.append(hub.watermark(at_s + 0.5))
        else:
            sku, p = chance.choice(["water", "bread", "water", "bread", "mystery"]), chance.choice([0.99, 0.97, 0.6])
            said.append(hub.pick(visit, at_s, sku, qty=chance.randint(1, 3), p=p))
            if chance.random() < 0.2:
                said.append(hub.put_back(visit, at_s + 0.5, sku, p=0.98))
    said.append(hub.watermark(count * 2.0 + 120))
    return Crowd(tuple(said), visits)


def badly_said(messages: Sequence[tuple[str, bytes]], seed: int, doubled: float = 0.2) -> Iterator[Messages]:
    """The same messages shuffled, `doubled` of them said twice, in batches of any size.

    Each comes up to DELAYED_MAX messages late. An ingester remembers that many holes; a device sends what was beyond
    them again, and nobody does that here.
    """
    chance = random.Random(seed)
    again = chance.sample(range(len(messages)), int(len(messages) * doubled))
    order = sorted((place + chance.uniform(0, DELAYED_MAX), place) for place in [*range(len(messages)), *again])
    said = [messages[place] for _, place in order]
    while said:
        size = min(len(said), chance.randint(1, 200))
        yield said[:size]
        del said[:size]


def let_in(database: Database, shoppers: int, payer: str | None = None) -> None:
    """An account with a token for each shopper: with a full wallet, or one that pays by the fake gateway."""
    with database.write() as connection:
        for number in range(shoppers):
            account = f"shopper-{number}"
            row = {"store_id": STORE, "account_id": account}
            connection.execute(insert(tables.accounts).values(**row, created_at=NOW))
            digest = token_digest(f"token {number}")
            connection.execute(insert(tables.tokens).values(**row, token_sha256=digest, created_at=NOW))
            open_wallet(connection, STORE, account, "EUR")
            if payer is None:
                amount = Money(BALANCE_MINOR, "EUR")
                pay_in(connection, STORE, account, amount)
                entry = top_up(account, amount, f"top-up/{account}")
                write_entry(connection, STORE, entry, visit=None, occurred_at=NOW, now=NOW)
            else:
                method = {**row, "gateway": "fake", "payer": f"{payer}-{number}", "changed_at": NOW}
                connection.execute(insert(tables.payment_methods).values(**method))


def books(shop: Shop) -> tuple[object, ...]:
    """Everything that was decided about money, without the moments it was decided at."""
    entries = {row["entry_id"]: (row["key"], row["kind"]) for row in shop.rows(tables.ledger_entries)}
    postings = sorted(
        (*entries[row["entry_id"]], row["account"], row["amount_minor"], row["currency"])
        for row in shop.rows(tables.ledger_postings)
    )
    receipts = sorted(
        (row["visit_id"], row["revision"], row["total_minor"], row["in_review"], row["cause"])
        for row in shop.rows(tables.receipts)
    )
    lines = sorted(
        (row["visit_id"], row["revision"], row["position"], str(row["sku"]), row["qty"], row["decision"], row["p"])
        for row in shop.rows(tables.settlement_lines)
    )
    outcomes = sorted((row["visit_id"], row["outcome"], row["complete"]) for row in shop.rows(tables.settlements))
    return postings, receipts, lines, outcomes
