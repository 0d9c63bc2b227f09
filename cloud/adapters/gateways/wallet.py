"""The embedded gateway: a prepaid account in our own database.

It behaves like a gateway in another house. Each call is a transaction of its own, and its outcome is kept under its
key, a refusal too, so the same call again has the same outcome even if the balance has changed since.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from cloud.adapters.database.among import among
from cloud.adapters.database.by_store import by_store
from cloud.adapters.database.changing import change_all
from cloud.adapters.database.engine import Database
from cloud.adapters.database.inserting import insert_all, insert_new
from cloud.adapters.database.many_rows import for_each
from cloud.adapters.database.tables import wallet_calls, wallet_holds, wallets
from cloud.clock import Clock
from cloud.domain.errors import KeyReusedError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Kind, Order, Outcome
from cloud.domain.reconciliation import Movement, OpenHold

_Deed = Callable[[Connection], Outcome]


class Wallet:
    """A PaymentGateway on the tables `wallets`, `wallet_holds` and `wallet_calls`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def hold(self, store: str, account: str, amount: Money, key: str) -> Outcome:
        """Reserve `amount`; Declined unknown_account, wrong_currency or insufficient_funds."""

        def deed(connection: Connection) -> Outcome:
            owner = _wallet(connection, store, account)
            declined = _against(owner, amount, 0)
            if declined is not None:
                return Declined(declined)
            assert owner is not None
            _set_wallet(connection, store, account, held_minor=owner.held_minor + amount.minor)
            values = {"account_id": account, "held_minor": amount.minor, "captured_minor": 0, "refunded_minor": 0}
            connection.execute(insert(wallet_holds).values(store_id=store, hold_key=key, open=True, **values))
            return Done(key)

        return self._once(store, key, deed, kind="hold", subject=account, amount=amount)

    def capture(self, store: str, hold: str, amount: Money, key: str) -> Outcome:
        """Take `amount` and free the rest; Declined unknown_hold, hold_closed or over_hold."""

        def deed(connection: Connection) -> Outcome:
            held = _hold(connection, store, hold)
            if held is None:
                return Declined("unknown_hold")
            if not held.open:
                return Declined("hold_closed")
            if amount.minor > held.held_minor:
                return Declined("over_hold")
            self._close(connection, store, held, taken=amount.minor)
            return Done(key)

        return self._once(store, key, deed, kind="capture", subject=hold, amount=amount)

    def release(self, store: str, hold: str, key: str) -> Outcome:
        """Free the hold; Declined unknown_hold or hold_closed."""

        def deed(connection: Connection) -> Outcome:
            held = _hold(connection, store, hold)
            if held is None:
                return Declined("unknown_hold")
            if not held.open:
                return Declined("hold_closed")
            self._close(connection, store, held, taken=0)
            return Done(key)

        return self._once(store, key, deed, kind="release", subject=hold, amount=None)

    def refund(self, store: str, capture: str, amount: Money, key: str) -> Outcome:
        """Give `amount` back into the wallet; Declined unknown_capture or over_capture."""

        def deed(connection: Connection) -> Outcome:
            captured = _call(connection, store, capture)
            if captured is None or captured.kind != "capture" or captured.declined:
                return Declined("unknown_capture")
            held = _hold(connection, store, captured.subject)
            assert held is not None
            if held.refunded_minor + amount.minor > held.captured_minor:
                return Declined("over_capture")
            _set_hold(connection, store, held.hold_key, refunded_minor=held.refunded_minor + amount.minor)
            owner = _wallet(connection, store, held.account_id)
            assert owner is not None
            _set_wallet(connection, store, held.account_id, balance_minor=owner.balance_minor + amount.minor)
            return Done(key)

        return self._once(store, key, deed, kind="refund", subject=capture, amount=amount)

    def ask(self, order: Order) -> Outcome | None:
        """What came of the call under the order's key."""
        with self._database.read() as connection:
            known = _call(connection, order.store, order.key)
        if known is None:
            return None
        return Declined(known.declined) if known.declined else Done(order.key)

    def movements(self, store: str) -> Iterator[Movement]:
        """Every capture and refund of the store, by key."""
        moves = wallet_calls.c.kind.in_(["capture", "refund"])
        query = select(wallet_calls).where(wallet_calls.c.store_id == store, moves, wallet_calls.c.declined.is_(None))
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(wallet_calls.c.key)):
                yield Movement(row.kind, row.key, row.key, Money(row.amount_minor, row.currency), row.called_at)

    def open_holds(self, store: str) -> Iterator[OpenHold]:
        """What is still reserved in the store's wallets."""
        mine = (wallet_holds.c.store_id == store, wallet_holds.c.open)
        with self._database.read() as connection:
            for row in connection.execute(select(wallet_holds).where(*mine)):
                yield OpenHold(row.hold_key, row.hold_key, row.held_minor)

    def _close(self, connection: Connection, store: str, held: Row[Any], taken: int) -> None:
        owner = _wallet(connection, store, held.account_id)
        assert owner is not None
        _set_wallet(
            connection,
            store,
            held.account_id,
            balance_minor=owner.balance_minor - taken,
            held_minor=owner.held_minor - held.held_minor,
        )
        _set_hold(connection, store, held.hold_key, open=False, captured_minor=taken)

    def _once(self, store: str, key: str, deed: _Deed, *, kind: Kind, subject: str, amount: Money | None) -> Outcome:
        minor, currency = (amount.minor, amount.currency) if amount else (0, None)
        call = {"kind": kind, "subject": subject, "amount_minor": minor, "currency": currency}
        with self._database.write() as connection:
            # First of all, so that the same call made elsewhere at this moment waits here for this one's outcome.
            row = {"store_id": store, "key": key, **call, "called_at": self._clock()}
            if not insert_new(connection, wallet_calls, [row]):
                known = _call(connection, store, key)
                assert known is not None
                if any(known._mapping[name] != value for name, value in call.items()):
                    raise KeyReusedError(f"payment key {key} already stands for a {known.kind} of {known.amount_minor}")
                return Declined(known.declined) if known.declined else Done(key)
            outcome = deed(connection)
            if isinstance(outcome, Declined):
                where = (wallet_calls.c.store_id == store, wallet_calls.c.key == key)
                connection.execute(update(wallet_calls).where(*where).values(declined=outcome.reason))
            return outcome


def open_wallet(connection: Connection, store: str, account: str, currency: str) -> None:
    """An empty wallet for a new account."""
    values = {"currency": currency, "balance_minor": 0, "held_minor": 0}
    connection.execute(insert(wallets).values(store_id=store, account_id=account, **values))


def pay_in(connection: Connection, store: str, account: str, amount: Money) -> None:
    """Add `amount` to the wallet; the caller writes the ledger entry in the same transaction."""
    owner = _wallet(connection, store, account)
    assert owner is not None
    assert owner.currency == amount.currency
    _set_wallet(connection, store, account, balance_minor=owner.balance_minor + amount.minor)


def pay_out(connection: Connection, store: str, account: str, amount: Money) -> None:
    """Take `amount`, which nothing holds, out of the wallet; the caller writes the entry in the same transaction."""
    owner = _wallet(connection, store, account)
    assert owner is not None
    assert owner.currency == amount.currency
    assert owner.balance_minor - owner.held_minor >= amount.minor
    _set_wallet(connection, store, account, balance_minor=owner.balance_minor - amount.minor)


@dataclass(frozen=True, slots=True)
class Holding:
    """A hold that is asked for."""

    store: str
    account: str
    amount: Money
    key: str


# Statements that are said for every batch stand here: to make and to spell one takes longer than many rows of it.
_WHOSE = (wallets.c.store_id == bindparam("of_store"), wallets.c.account_id == bindparam("of_account"))
_OWNERS = (
    select(wallets)
    .where(wallets.c.store_id == bindparam("store"), among(wallets.c.account_id, "those"))
    .order_by(wallets.c.account_id)
    .with_for_update()
)
_RESERVING = update(wallets).where(*_WHOSE).values(held_minor=wallets.c.held_minor + bindparam("more"))
_PAYING = (
    update(wallets)
    .where(*_WHOSE)
    .values(
        balance_minor=wallets.c.balance_minor - bindparam("taken"), held_minor=wallets.c.held_minor - bindparam("freed")
    )
)
_OPEN_HOLDS = (
    select(wallet_holds.c.hold_key, wallet_holds.c.account_id, wallet_holds.c.held_minor)
    .where(
        wallet_holds.c.store_id == bindparam("store"),
        among(wallet_holds.c.hold_key, "those"),
        wallet_holds.c.open,
    )
    .order_by(wallet_holds.c.hold_key)
    .with_for_update()
)


def hold_all(connection: Connection, holdings: Sequence[Holding], now: datetime) -> list[Outcome]:
    """Make holds that were never asked for before, in the caller's transaction; it leaves what so many calls would.

    IntegrityError where one of them was made before.
    """
    owners: dict[tuple[str, str], Row[Any]] = {}
    for store, mine in by_store({(each.store, each.account) for each in holdings}):
        for row in connection.execute(_OWNERS, {"store": store, "those": mine}):
            owners[store, row.account_id] = row
    held: Counter[tuple[str, str]] = Counter()
    outcomes: list[Outcome] = []
    for each in holdings:
        whose = (each.store, each.account)
        declined = _against(owners.get(whose), each.amount, held[whose])
        if declined is None:
            held[whose] += each.amount.minor
        outcomes.append(Done(each.key) if declined is None else Declined(declined))
    calls = [
        {
            "store_id": each.store,
            "key": each.key,
            "kind": "hold",
            "subject": each.account,
            "amount_minor": each.amount.minor,
            "currency": each.amount.currency,
            "declined": outcome.reason if isinstance(outcome, Declined) else None,
            "called_at": now,
        }
        for each, outcome in zip(holdings, outcomes, strict=True)
    ]
    insert_all(connection, wallet_calls, calls)
    rows = [
        {
            "store_id": each.store,
            "hold_key": each.key,
            "account_id": each.account,
            "held_minor": each.amount.minor,
            "captured_minor": 0,
            "refunded_minor": 0,
            "open": True,
        }
        for each, outcome in zip(holdings, outcomes, strict=True)
        if isinstance(outcome, Done)
    ]
    insert_all(connection, wallet_holds, rows)
    amounts = [
        {"of_store": store, "of_account": account, "more": held[store, account]} for store, account in sorted(held)
    ]
    for_each(connection, _RESERVING, amounts)
    return outcomes


def _against(owner: Row[Any] | None, amount: Money, held_meanwhile_minor: int) -> str | None:
    """Why a wallet does not reserve `amount`; None where it does."""
    if owner is None:
        return "unknown_account"
    if owner.currency != amount.currency:
        return "wrong_currency"
    if owner.balance_minor - owner.held_minor - held_meanwhile_minor < amount.minor:
        return "insufficient_funds"
    return None


@dataclass(frozen=True, slots=True)
class Closing:
    """A hold that ends by a capture of `taken_minor`, or by a release where nothing is taken."""

    store: str
    hold: str
    account: str
    held_minor: int
    key: str
    taken_minor: int
    currency: str

    @property
    def kind(self) -> Kind:
        """What the call would be."""
        return "capture" if self.taken_minor else "release"


def open_holds_of(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, int]]:
    """Account and amount of those (store, hold) that are open, locked until the transaction ends."""
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for store, mine in by_store(keys):
        those = {"store": store, "those": mine}
        for hold, account, held_minor in connection.execute(_OPEN_HOLDS, those):
            found[store, hold] = (account, held_minor)
    return found


def close_holds(connection: Connection, closings: Sequence[Closing], now: datetime) -> None:
    """Capture or release holds that `open_holds_of` locked, in the caller's transaction.

    It leaves what so many calls would have left. IntegrityError where one was made before, or a wallet has not so much.
    """
    calls = [
        {
            "store_id": each.store,
            "key": each.key,
            "kind": each.kind,
            "subject": each.hold,
            "amount_minor": each.taken_minor,
            "currency": each.currency if each.taken_minor else None,
            "called_at": now,
        }
        for each in closings
    ]
    insert_all(connection, wallet_calls, calls)
    closed = [
        {"of_store_id": each.store, "of_hold_key": each.hold, "open": False, "captured_minor": each.taken_minor}
        for each in closings
    ]
    change_all(connection, wallet_holds, ("store_id", "hold_key"), closed)
    taken: Counter[tuple[str, str]] = Counter()
    freed: Counter[tuple[str, str]] = Counter()
    for each in closings:
        taken[each.store, each.account] += each.taken_minor
        freed[each.store, each.account] += each.held_minor
    # In order, so that no two transactions wait for each other.
    amounts = [
        {"of_store": store, "of_account": account, "taken": taken[store, account], "freed": freed[store, account]}
        for store, account in sorted(freed)
    ]
    for_each(connection, _PAYING, amounts)


def _wallet(connection: Connection, store: str, account: str) -> Row[Any] | None:
    query = select(wallets).where(wallets.c.store_id == store, wallets.c.account_id == account)
    return connection.execute(query.with_for_update()).first()


def _set_wallet(connection: Connection, store: str, account: str, **values: int) -> None:
    where = (wallets.c.store_id == store, wallets.c.account_id == account)
    connection.execute(update(wallets).where(*where).values(**values))


def _hold(connection: Connection, store: str, key: str) -> Row[Any] | None:
    query = select(wallet_holds).where(wallet_holds.c.store_id == store, wallet_holds.c.hold_key == key)
    return connection.execute(query.with_for_update()).first()


def _set_hold(connection: Connection, store: str, key: str, **values: Any) -> None:
    where = (wallet_holds.c.store_id == store, wallet_holds.c.hold_key == key)
    connection.execute(update(wallet_holds).where(*where).values(**values))


def _call(connection: Connection, store: str, key: str) -> Row[Any] | None:
    query = select(wallet_calls).where(wallet_calls.c.store_id == store, wallet_calls.c.key == key)
    return connection.execute(query).first()
