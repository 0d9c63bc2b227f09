"""What entries and exits do to visits: who pays is found, a hold is committed to, and the exit is noted.

Many at a time: what they need to know is asked for once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection

from cloud.adapters.database.charges import Method, indebted_among, methods_of
from cloud.adapters.database.inbox import InboxRow
from cloud.adapters.database.payments import intend_all, intent_row
from cloud.adapters.database.shop import StoreTerms, accounts_of, load_terms
from cloud.adapters.database.visits import Visit, VisitKey, change_visits
from cloud.domain.ledger import WALLET
from cloud.domain.settlement import Exit, Happening, State, after
from cloud.service.admitting import answer_lanes, await_answer
from protocol.events import Entered, Exited

STAFF, UNKNOWN_TOKEN, DEBT = "staff", "unknown_token", "debt"
"""Why no money is held, and so nothing ever charged."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What a store knows of those who enter."""

    terms: StoreTerms
    accounts: dict[str, str]
    indebted: frozenset[str]
    methods: dict[str, Method]


Visits = Mapping[VisitKey, Visit]
"""Visits that are locked, as they are."""


def enter(connection: Connection, rows: Sequence[tuple[InboxRow, Entered]], visits: Visits, now: datetime) -> Visits:
    """Let each of these entries, of visits among `visits`, have its effect; those that changed, as they are then."""
    changed: dict[VisitKey, Visit] = {}
    refusals: list[tuple[Visit, datetime | None, str | None]] = []
    changes: list[tuple[Visit, dict[str, object]]] = []
    intents: list[dict[str, object]] = []
    for store, group in groupby(sorted(rows, key=lambda each: each[0].store), key=lambda each: each[0].store):
        of_store = list(group)
        known = _known(connection, store, [said for _, said in of_store])
        for row, said in of_store:
            assert row.visit is not None
            visit, key = visits[store, row.visit], (store, row.visit)
            if visit.state is not State.AWAITED or key in changed:
                continue
            if said.waits:
                await_answer(connection, visit, row.device, row.ts, now)
            # Whoever works here is not charged, though an account of theirs may know the token.
            account = None if said.staff else known.accounts.get(said.token)
            refused = STAFF if said.staff else UNKNOWN_TOKEN if account is None else None
            if account in known.indebted:
                refused = DEBT
            state = after(visit.state, Happening.ENTERED)
            if refused is not None:
                state = after(state, Happening.HOLD_REFUSED)
                refusals.append((visit, row.ts, refused))
            elif account is not None:
                method = known.methods.get(account, Method(WALLET, account))
                intents.append(
                    intent_row(
                        store,
                        visit.visit,
                        "hold",
                        visit.hold_number,
                        account=account,
                        amount=known.terms.hold,
                        gateway=method.gateway,
                        subject=method.payer,
                        now=now,
                    )
                )
            becomes = {"state": state, "entered_at": row.ts, "account_id": account, "refused_reason": refused}
            changes.append((visit, becomes))
            changed[key] = replace(visit, state=state, entered_at=row.ts, account=account, refused_reason=refused)
    change_visits(connection, changes)
    intend_all(connection, intents)
    answer_lanes(connection, refusals, now)
    return changed


def leave(connection: Connection, rows: Sequence[tuple[InboxRow, Exited]], visits: Visits) -> Visits:
    """Let each of these exits, of visits among `visits`, have its effect; those that changed, as they are then."""
    changed: dict[VisitKey, Visit] = {}
    changes: list[tuple[Visit, dict[str, object]]] = []
    for row, _ in rows:
        assert row.visit is not None
        visit, key = visits[row.store, row.visit], (row.store, row.visit)
        if visit.leaving is None and key not in changed:
            state = after(visit.state, Happening.EXITED)
            becomes = {
                "state": state,
                "exited_at": row.ts,
                "exit_device": row.device,
                "exit_epoch": row.epoch,
                "exit_seq": row.seq,
                "exit_received_at": row.received_at,
            }
            changes.append((visit, becomes))
            leaving = Exit(row.device, row.epoch, row.seq, row.ts, row.received_at)
            changed[key] = replace(visit, state=state, leaving=leaving)
    change_visits(connection, changes)
    return changed


def _known(connection: Connection, store: str, said: Sequence[Entered]) -> _Known:
    accounts = accounts_of(connection, store, [each.token for each in said if not each.staff])
    those = set(accounts.values())
    indebted = indebted_among(connection, store, those)
    return _Known(load_terms(connection, store), accounts, indebted, methods_of(connection, store, those))
