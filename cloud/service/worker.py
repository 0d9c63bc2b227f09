"""The worker: applies what is committed, settles what is over, and makes the payments both call for."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database.engine import Database, trouble
from cloud.adapters.database.inbox import InboxRow, anything_waits, mark_applied, take
from cloud.adapters.database.notices import waiting_notices
from cloud.adapters.database.payments import Payment, pending_payments
from cloud.adapters.database.quarantine import put_aside
from cloud.adapters.database.visits import VisitKey, amendable_visits, change_visit, leaving_visits, lock_visits
from cloud.clock import Clock
from cloud.domain.errors import GatewayError
from cloud.domain.ledger import WALLET
from cloud.domain.notice import NoticeKind
from cloud.domain.settlement import State
from cloud.service.amending import amend
from cloud.service.applying import apply_all
from cloud.service.backoff import Backoff
from cloud.service.clearing import clear_inbox
from cloud.service.deadlines import meet_deadlines
from cloud.service.erasing import sweep_what_is_kept_for_a_time
from cloud.service.heeding import heed
from cloud.service.holding_together import hold_together, may_be_held_together
from cloud.service.paying import Gateways, pay, resolve
from cloud.service.poison import POISON
from cloud.service.readying import ready_of
from cloud.service.settling import settle
from cloud.service.settling_together import settle_together

log = logging.getLogger(__name__)

BATCH = 1_000
"""Events a transaction: they share what is asked for once; another writer waits a tenth of a second."""

VISITS_A_PASS = 2_000
"""Looked at for whether they may settle: far more than wait for one hub that is away."""
TOGETHER_MIN = 2
VISITS_TOGETHER = 250
"""Settled in one transaction, where that may be: see `settling_together`."""

PAYMENTS_A_PASS = 100
HOLDS_TOGETHER = 500
"""Looked at for holds that are made in one transaction; of what is made alone, PAYMENTS_A_PASS."""
NOTICES_A_PASS = 200
LATE_A_PASS = 100
NOTICE_RETRY = timedelta(seconds=30)
GATEWAY_RETRY = timedelta(seconds=1)
GATEWAY_RETRY_MAX = timedelta(seconds=60)
SILENCES_MAX = 3
"""So many calls in a row without an answer, and a gateway's other payments wait for the next pass: the rest goes on."""

DEADLINES_EVERY = timedelta(seconds=5)
SWEEP_EVERY = timedelta(hours=1)
"""It looks through whole tables, which a shop does not notice once an hour."""

CLEARING_EVERY = timedelta(hours=1)
POISON_RETRY = timedelta(seconds=60)


class Worker:
    """Takes steps until nothing is left to do. Stateless: another may take over at any point, or work beside it."""

    def __init__(self, database: Database, gateways: Gateways, clock: Clock) -> None:
        self._database = database
        self._gateways = gateways
        self._clock = clock
        self._later: dict[str, datetime] = {}
        self._silences: dict[str, int] = {}
        self._deadlines_at: datetime | None = None
        self._clearing_at = clock()
        self._swept_at: datetime | None = None

    def run_once(self) -> bool:
        """One pass over everything; whether it found anything to do."""
        applied = self._apply_waiting()
        paid = self._make_payments()
        settled = self._settle_over()
        met = self._meet_deadlines()
        heeded = self._heed_notices()
        amended = self._amend_late()
        cleared = self._clear_inbox()
        return applied or paid or settled or met or heeded or amended or cleared

    def _amend_late(self) -> bool:
        with self._database.read() as connection:
            late = amendable_visits(connection, LATE_A_PASS)
        amended = False
        for key in late:
            name = f"late {key[1]}"
            if self._must_wait(name):
                continue
            try:
                with self._database.write() as connection:
                    visit = lock_visits(connection, [key], skip=True).get(key)
                    if visit is not None and visit.state is State.SETTLED and visit.late_events > visit.late_heeded:
                        amend(connection, visit, self._clock())
                        amended = True
            except POISON as error:
                # Its payment is under way, say, or the bank took the money back: until LATE_WITHIN it is tried again.
                self._later[name] = self._clock() + POISON_RETRY
                log.warning("what was said late cannot be heeded yet", extra={"visit": str(key[1]), "why": str(error)})
        return amended

    def _heed_notices(self) -> bool:
        with self._database.read() as connection:
            waiting = waiting_notices(connection, NOTICES_A_PASS)
        did = False
        for kept in waiting:
            name = f"{kept.gateway}/{kept.notice.id}"
            if self._must_wait(name):
                continue
            now = self._clock()
            with self._database.write() as connection:
                done = heed(connection, kept, now)
            did |= done
            if not done:
                self._later[name] = now + NOTICE_RETRY
            elif kept.notice.kind is NoticeKind.ANSWERED:
                # It need not wait any longer to be asked for.
                self._later.pop(kept.notice.key, None)
        return did

    def _meet_deadlines(self) -> bool:
        now = self._clock()
        if self._deadlines_at is not None and now < self._deadlines_at:
            return False
        met = meet_deadlines(self._database, now)
        if self._swept_at is None or now >= self._swept_at + SWEEP_EVERY:
            self._swept_at = now
            sweep_what_is_kept_for_a_time(self._database, now)
        self._deadlines_at = now if met else now + DEADLINES_EVERY
        return met

    def _clear_inbox(self) -> bool:
        now = self._clock()
        if now < self._clearing_at:
            return False
        cleared = clear_inbox(self._database, now)
        self._clearing_at = now if cleared else now + CLEARING_EVERY
        return cleared

    def _apply_waiting(self) -> bool:
        with self._database.read() as connection:
            if not anything_waits(connection):
                return False
        with self._database.write() as connection:
            rows, now = take(connection, BATCH), self._clock()
            for row, error in apply_all(connection, rows, now):
                put_aside(
                    connection,
                    row.store,
                    topic="inbox",
                    payload=f"{row.device}/{row.epoch}/{row.seq}".encode(),
                    reason=f"{type(error).__name__}: {error}",
                    at=now,
                    device=row.device,
                    epoch=row.epoch,
                    seq=row.seq,
                )
                log.error("event put aside", extra=_of(row), exc_info=error)
            mark_applied(connection, rows, now)
        return bool(rows)

    def _make_payments(self) -> bool:
        with self._database.read() as connection:
            waiting = pending_payments(connection, HOLDS_TOGETHER)
        waiting, made = self._hold_together(waiting)
        silent: dict[str, int] = {}
        for payment in waiting[:PAYMENTS_A_PASS]:
            if self._must_wait(payment.key) or silent.get(payment.gateway, 0) >= SILENCES_MAX:
                continue
            silences = self._silences.get(payment.key, 0)
            try:
                outcome = pay(self._gateways, payment, self._clock(), tried=silences > 0)
            except GatewayError as error:
                silent[payment.gateway] = silent.get(payment.gateway, 0) + 1
                self._silences[payment.key] = silences + 1
                self._later[payment.key] = self._clock() + min(GATEWAY_RETRY * 2 ** min(silences, 6), GATEWAY_RETRY_MAX)
                log.warning("no answer from the gateway: asking again", extra={"key": payment.key, "why": str(error)})
                continue
            silent.pop(payment.gateway, None)
            self._silences.pop(payment.key, None)
            try:
                resolve(self._database, self._clock, payment, outcome)
            except POISON:
                self._later[payment.key] = self._clock() + POISON_RETRY
                log.exception("a payment cannot be noted: trying again later", extra={"key": payment.key})
                continue
            made = True
        return made

    def _hold_together(self, waiting: Sequence[Payment]) -> tuple[Sequence[Payment], bool]:
        """Make holds of entries together; the payments that are left to be made alone, and whether any was made."""
        together = [each for each in waiting if may_be_held_together(each) and not self._must_wait(each.key)]
        if len(together) < TOGETHER_MIN or WALLET not in self._gateways:
            return waiting, False
        try:
            with self._database.write() as connection:
                held = hold_together(connection, together, self._clock())
        except POISON:
            log.exception("holds cannot be made together: each is tried alone")
            return waiting, False
        others = set(together)
        return [each for each in waiting if each not in others], held > 0

    def _settle_over(self) -> bool:
        now = self._clock()
        with self._database.read() as connection:
            over = {(visit.store, visit.visit): visit for visit in leaving_visits(connection, now, VISITS_A_PASS)}
            ready = ready_of(connection, over.values(), now)
        due = [
            key
            for key, visit in over.items()
            if (ready[key].settle or ready[key].horizon != visit.horizon) and not self._must_wait(str(visit.visit))
        ]
        did, alone = self._settle_together([key for key in due if ready[key].settle])
        for store, visit_id in [*alone, *(key for key in due if not ready[key].settle)]:
            try:
                did |= self._settle_one(store, visit_id)
            except POISON:
                self._later[str(visit_id)] = self._clock() + POISON_RETRY
                log.exception("a visit cannot be settled: trying again later", extra={"visit": str(visit_id)})
        return did

    def _settle_together(self, keys: Sequence[VisitKey]) -> tuple[bool, list[VisitKey]]:
        """Whether any was settled, and those that are to be settled alone."""
        did, alone = False, list[VisitKey]()
        for begin in range(0, len(keys), VISITS_TOGETHER):
            some = keys[begin : begin + VISITS_TOGETHER]
            try:
                with self._database.write() as connection:
                    settled = settle_together(connection, some, self._clock())
            except POISON:
                log.exception("visits cannot be settled together: each is tried alone")
                alone += some
            else:
                did |= bool(settled.together)
                alone += sorted(settled.alone)
        return did, alone

    def _settle_one(self, store: str, visit_id: UUID) -> bool:
        now = self._clock()
        with self._database.write() as connection:
            visit = lock_visits(connection, [(store, visit_id)], skip=True).get((store, visit_id))
            if visit is None or visit.state not in (State.EXITED, State.AWAITED):
                return False
            ready = ready_of(connection, [visit], now)[store, visit_id]
            if ready.settle:
                settle(connection, visit, ready, now)
            elif ready.horizon != visit.horizon:
                change_visit(connection, visit, horizon_seq=ready.horizon)
        return ready.settle

    def _must_wait(self, what: str) -> bool:
        until = self._later.get(what)
        if until is not None and until <= self._clock():
            del self._later[what]
            return False
        return until is not None


def _of(row: InboxRow) -> dict[str, str | int]:
    return {"store": row.store, "device": row.device, "event": str(row.event), "visit": str(row.visit), "seq": row.seq}


def work(
    worker: Worker,
    database: Database,
    wake: threading.Event,
    stop: threading.Event,
    poll_s: float,
    *,
    backoff: Backoff | None = None,
) -> None:
    """Run `worker` until `stop`: at once when `wake` is set, else every `poll_s` seconds; later while in trouble."""
    backoff = backoff or Backoff()
    while not stop.is_set():
        wake.clear()
        try:
            while worker.run_once() and not stop.is_set():
                pass
            backoff.reset()
        except SQLAlchemyError as error:
            why = trouble(error)
            wait_s = backoff.failed(why)
            context = {"database": database.where, "why": why, "wait_s": wait_s}
            log.warning("the database is in trouble: working on when it is well", extra=context)
            stop.wait(wait_s)
            continue
        wake.wait(poll_s)
