"""Telling others what happened: signed, until they say 200, and on request doubled, late and in the wrong order."""

import heapq
import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cloud.domain.signature import sign
from cloud.fake_gateway.book import Body
from cloud.fake_gateway.faults import FaultPlan, Telling
from cloud.fake_gateway.gateway import FakeGateway

LATE = timedelta(minutes=2)
REORDER = timedelta(seconds=1)
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120, 600, 3_600))
WAITING_MAX = 10_000
"""Webhooks that wait; beyond, the oldest are given up. A gateway does not wait for its customers for ever."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An event on its way, for the `tries`th time (from 0)."""

    event: Body
    tries: int = 0

    def signed(self, secrets: tuple[str, ...], at: datetime) -> tuple[bytes, dict[str, str]]:
        """Body and headers to send."""
        body = json.dumps(self.event, sort_keys=True).encode()
        headers = {"content-type": "application/json", "Tillfree-Signature": sign(body, secrets, at)}
        return body, headers


@dataclass
class Outgoing:
    """Webhooks by when they are due."""

    plan: FaultPlan
    _due: list[tuple[datetime, int, Webhook]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def collect(self, gateway: FakeGateway, now: datetime) -> None:
        """Take what happened in `gateway` since the last time."""
        events, gateway.book.events = gateway.book.events, []
        for event in events:
            fault = self.plan.next_webhook()
            delay = {Telling.LATE: LATE, Telling.REORDERED: REORDER}.get(fault, timedelta()) if fault else timedelta()
            self._push(Webhook(event), now + delay)
            if fault is Telling.DOUBLED:
                self._push(Webhook(event), now)

    def take(self, now: datetime) -> list[Webhook]:
        """Those that are due."""
        found: list[Webhook] = []
        while self._due and self._due[0][0] <= now:
            found.append(heapq.heappop(self._due)[2])
        return found

    def failed(self, webhook: Webhook, now: datetime) -> None:
        """It was not taken: again later, or never."""
        if webhook.tries < len(RETRY_AFTER):
            self._push(Webhook(webhook.event, webhook.tries + 1), now + RETRY_AFTER[webhook.tries])

    def _push(self, webhook: Webhook, due: datetime) -> None:
        heapq.heappush(self._due, (due, next(self._numbers), webhook))
        if len(self._due) > WAITING_MAX:
            heapq.heappop(self._due)
