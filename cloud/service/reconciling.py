"""Comparing a store's books with its gateways' statements, and with themselves.

The ledger and what is in flight are read first, then the gateway's statement, which may take a while. What the shop
did in the meantime would look like a difference, so every key that differs is looked at again: if its payment was
intended or concluded since, the next run judges it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert

from cloud.adapters.database.books import (
    booked_movements,
    gateways_used,
    in_flight,
    intended_since,
    needed_holds,
    receipts_that_differ,
)
from cloud.adapters.database.engine import Database
from cloud.adapters.database.ledger import differing_wallets, sums, unbalanced_entries
from cloud.adapters.database.tables import reconciliations
from cloud.clock import Clock
from cloud.domain.reconciliation import Difference, Kind, Statement, compare, stranded
from protocol.ids import uuid7

WALLETS_MAX = 1_000
DIFFERENCES_KEPT_MAX = 200
"""So many of one comparison; how many there were is kept too."""
REPORTS_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared of a store, and every difference."""

    store: str
    movements: Mapping[str, int]
    """How many movements each gateway's statement had."""
    in_flight: int
    """Payments and notices left out, as their answer has not come."""
    unreachable: tuple[str, ...]
    """Gateways that the store's charges went through and that this process cannot ask."""
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything was compared and nothing differs."""
        return not self.differences and not self.unreachable


def reconcile(database: Database, statements: Mapping[str, Statement], store: str, clock: Clock) -> Report:
    """Compare the store's books. Raises GatewayError where a gateway gives no statement."""
    with database.read() as connection:
        used = gateways_used(connection, store)
    differences: list[Difference] = []
    counts: dict[str, int] = {}
    flying = 0
    for name in sorted(used & set(statements)):
        found, counts[name], waiting = _with_gateway(database, statements[name], store, name, clock)
        differences += found
        flying += waiting
    differences += _with_itself(database, store)
    return Report(store, counts, flying, tuple(sorted(used - set(statements))), tuple(differences))


def keep_report(connection: Connection, report: Report, now: datetime) -> None:
    """Keep what a comparison found, for those who were not there, and let the oldest go."""
    of = reconciliations.c
    connection.execute(delete(reconciliations).where(of.store_id == report.store, of.at < now - REPORTS_KEPT))
    connection.execute(
        insert(reconciliations).values(
            store_id=report.store,
            reconciliation_id=uuid7(now, report.store, secrets.token_hex(8)),
            at=now,
            agrees=report.agrees,
            in_flight=report.in_flight,
            movements=dict(report.movements),
            unreachable=list(report.unreachable),
            differences=[asdict(each) for each in report.differences[:DIFFERENCES_KEPT_MAX]],
            differing=len(report.differences),
        )
    )


def _with_gateway(
    database: Database, statement: Statement, store: str, gateway: str, clock: Clock
) -> tuple[list[Difference], int, int]:
    since = clock()
    with database.read() as connection:
        waiting = in_flight(connection, store, gateway)
        ours = list(booked_movements(connection, store, gateway))
    theirs = list(statement.movements(store))
    held = list(statement.open_holds(store))
    with database.read() as connection:
        needed = needed_holds(connection, store, gateway)
        found = compare(ours, theirs, waiting) + stranded(held, needed)
        fresh = intended_since(connection, store, (each.key for each in found), since)
    return [each for each in found if each.key not in fresh], len(theirs), len(waiting)


def _with_itself(database: Database, store: str) -> list[Difference]:
    with database.read() as connection:
        found = [
            Difference(Kind.LEDGER_UNBALANCED, "ledger", currency, left, 0)
            for currency, left in sums(connection, store).items()
            if left
        ]
        found += [
            Difference(Kind.LEDGER_UNBALANCED, "entry", str(entry), None, None)
            for entry in unbalanced_entries(connection, store, WALLETS_MAX)
        ]
        found += [
            Difference(Kind.WALLET_DIFFERS, "wallet", account, owed, held)
            for account, held, owed in differing_wallets(connection, store, WALLETS_MAX)
        ]
        found += [
            Difference(Kind.RECEIPT_DIFFERS, "receipt", visit, booked, total)
            for visit, total, booked in receipts_that_differ(connection, store)
        ]
    return found
