"""Telling the retailer: each webhook until it is answered 2xx, by a schedule, and then never again by itself.

At least once: a sender that is killed after the answer sends it again, under the same id. What was not answered after
the last try is dead, and stays to be looked at and replayed. A hook that does not answer at all is left alone for ten
seconds, whatever waits for it, so that it does not keep the others waiting.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database.engine import Database, trouble
from cloud.adapters.database.hooks import change, due_deliveries, lease, put_off
from cloud.clock import Clock
from cloud.domain.signature import sign
from cloud.observing.counting import WEBHOOKS_OUT
from protocol.model import rfc3339

log = logging.getLogger(__name__)

TRY_AGAIN_AFTER = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 600, 3_600, 21_600, 86_400))
AT_A_TIME = 20
TIMEOUT_S = 5.0
IDLE_S = 1.0

Post = Callable[[str, bytes, Mapping[str, str]], int]
"""Sends a body to a URL; the status of the answer. Raises httpx.HTTPError where none came."""


def post_over_http(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send it, and follow nobody elsewhere. All of it has TIMEOUT_S, not each byte: a slow hook delays the others."""

    async def post() -> int:
        async with (
            asyncio.timeout(TIMEOUT_S),
            httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as answer,
        ):
            return answer.status_code

    try:
        return asyncio.run(post())
    except TimeoutError:
        raise httpx.ReadTimeout(f"no answer within {TIMEOUT_S:g} s") from None


class Teller:
    """Sends what is due."""

    def __init__(self, database: Database, clock: Clock, post: Post = post_over_http) -> None:
        self._database = database
        self._clock = clock
        self._post = post

    def run_once(self) -> bool:
        """Send what is due now; whether there was anything."""
        with self._database.read() as connection:
            due = due_deliveries(connection, self._clock(), AT_A_TIME)
        silent: set[tuple[str, str]] = set()
        for row in due:
            hook = (row.store_id, row.hook_id)
            if hook in silent:
                continue
            with self._database.write() as connection:
                leased = lease(connection, row, self._clock())
            if leased is not None and not self._send(row, leased):
                silent.add(hook)
        return bool(due)

    def _send(self, row: Any, leased: datetime) -> bool:
        """Send it; False where nobody answered at all."""
        now = self._clock()
        said = {"id": str(row.delivery_id), "type": row.kind, "store": row.store_id, "at": rfc3339(row.created_at)}
        body = json.dumps({**said, "data": row.body}, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "Tillfree-Signature": sign(body, (row.secret,), now)}
        try:
            status = self._post(row.url, body, headers)
            answer, taken, silent = str(status), 200 <= status < 300, False
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            answer, taken, silent = f"{type(error).__name__}: {error}"[:200], False, True
        values: dict[str, Any] = {"tries": row.tries + 1, "answer": answer, "state": "told", "due_at": None}
        if not taken:
            again = row.tries < len(TRY_AGAIN_AFTER)
            values["state"] = "waiting" if again else "dead"
            values["due_at"] = now + TRY_AGAIN_AFTER[row.tries] if again else None
        with self._database.write() as connection:
            # Somebody may have asked for it again meanwhile: then it is theirs.
            change(connection, row, if_due_at=leased, **values)
            if silent:
                # What else waits for this hook would only wait for the same silence, and the other hooks behind it.
                put_off(connection, row, now, now + TRY_AGAIN_AFTER[0])
        WEBHOOKS_OUT.labels("told" if taken else values["state"]).inc()
        level = logging.INFO if taken else logging.WARNING
        context = {"store": row.store_id, "hook": row.hook_id, "delivery": str(row.delivery_id), "answer": answer}
        log.log(level, "webhook to the retailer", extra=context)
        return not silent


def tell(teller: Teller, stop: threading.Event) -> None:
    """Run `teller` until `stop`."""
    while not stop.is_set():
        try:
            did = teller.run_once()
        except SQLAlchemyError as error:
            log.warning("the database is in trouble: telling later", extra={"why": trouble(error)})
            did = False
        if not did:
            stop.wait(IDLE_S)
