"""Which visits may settle: what one hub says counts for all the visits that it saw end."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from cloud.adapters.database.inbox import first_waiting
from cloud.adapters.database.progress import GapNoticed, load_epochs, load_gaps
from cloud.adapters.database.shop import load_terms
from cloud.adapters.database.visits import Visit, VisitKey
from cloud.domain.progress import Progress
from cloud.domain.settlement import Readiness, readiness


class Readying:
    """What the hubs of some visits have said up to now, asked for once each."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._hubs: dict[tuple[str, str], tuple[dict[int, Progress], list[GapNoticed], tuple[int, int] | None]] = {}
        self._within_s: dict[str, float] = {}

    def of(self, visit: Visit) -> Readiness:
        """Whether `visit`, whose exit is known, may settle now."""
        leaving = visit.leaving
        assert leaving is not None
        epochs, gaps, waiting = self._hub(visit.store, leaving.device)
        ready = readiness(
            leaving,
            visit.horizon,
            epochs,
            [each.gap for each in gaps if each.noticed_at >= visit.created_at],
            entered=visit.entered_at,
            now=self._now,
            settle_within_s=self._limit_s(visit.store),
        )
        last = (leaving.epoch, max(ready.horizon or 0, leaving.seq))
        if ready.settle and waiting is not None and waiting <= last:
            # What is committed is applied first, however long the time limit has passed.
            return Readiness(settle=False, complete=False, horizon=ready.horizon)
        return ready

    def _hub(self, store: str, device: str) -> tuple[dict[int, Progress], list[GapNoticed], tuple[int, int] | None]:
        if (store, device) not in self._hubs:
            of_it = (self._connection, store, device)
            self._hubs[store, device] = (load_epochs(*of_it), load_gaps(*of_it), first_waiting(*of_it))
        return self._hubs[store, device]

    def _limit_s(self, store: str) -> float:
        if store not in self._within_s:
            self._within_s[store] = load_terms(self._connection, store).settle_within_s
        return self._within_s[store]


def ready_of(connection: Connection, visits: Iterable[Visit], now: datetime) -> dict[VisitKey, Readiness]:
    """Whether each of `visits`, whose exits are known, may settle now."""
    readying = Readying(connection, now)
    return {(visit.store, visit.visit): readying.of(visit) for visit in visits}
