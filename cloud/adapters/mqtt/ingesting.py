"""The ingest loop: commit, then ack to the broker, then ack to the devices; in that order, or nothing is.

While the database is in trouble the batch at hand is tried again and again and nothing is acked, so the broker and the
devices keep what they have.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database.engine import Database, trouble
from cloud.adapters.mqtt.intake import Delivery, Intake
from cloud.service.backoff import Backoff
from cloud.service.ingest import Committed, DueAck, Ingester

log = logging.getLogger(__name__)

BATCH = 500
"""Messages a transaction: they share what is asked for once, and one fsync."""

TAKE_TIMEOUT_S = 0.5
"""How late the loop may notice that it should stop."""


class Session(Protocol):
    """What the loop needs of a broker."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are ours now."""

    def publish(self, acks: Sequence[DueAck]) -> None:
        """Tell the devices what is committed."""

    def renew(self) -> None:
        """Connect anew, so that the broker delivers again what was not acked."""


def ingest(
    intake: Intake,
    session: Session,
    ingester: Ingester,
    database: Database,
    *,
    wake: Callable[[], None],
    stop: threading.Event,
    backoff: Backoff | None = None,
) -> None:
    """Run until `stop`; `wake` is called after each batch, as there may be something to settle.

    `backoff` says what holds it up while something does.
    """
    backoff = backoff or Backoff()
    while not stop.is_set():
        batch = intake.take(BATCH, TAKE_TIMEOUT_S)
        if batch:
            committed = _commit(ingester, database, batch, stop, backoff)
            if committed is None:
                return
            session.acknowledge(batch)
            session.publish(committed.acks)
            wake()
        if intake.overflowed():
            log.warning("more messages came than fit: asking the broker for them again")
            session.renew()


def _commit(
    ingester: Ingester, database: Database, batch: Sequence[Delivery], stop: threading.Event, backoff: Backoff
) -> Committed | None:
    """Commit the batch, however long that takes; None where the process is to stop before it is done."""
    messages = [(delivery.topic, delivery.payload) for delivery in batch]
    while True:
        try:
            committed = ingester.commit(messages)
        except SQLAlchemyError as error:
            why = trouble(error)
            wait_s = backoff.failed(why)
            context = {"database": database.where, "why": why, "wait_s": wait_s, "messages": len(batch)}
            log.warning("the database is in trouble: nothing is acked until it is well", extra=context)
            if stop.wait(wait_s):
                return None
        else:
            backoff.reset()
            return committed
