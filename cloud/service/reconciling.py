"""Comparing a store's books with its gateways' statements, and with themselves.

The ledger and what is in flight are read first, then the gateway's statement, which may take a while. What the shop
did in the meantime would look like a difference, so every key that differs is looked at again: if its payment was
intended or concluded since, the next run judges it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
from cloud.clock import Clock
from cloud.domain.reconciliation import Difference, Kind, Statement, compare, stranded

WALLETS_MAX = 1_000


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
