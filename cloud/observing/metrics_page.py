"""The page that Prometheus reads: what this process counted, and how things stand in the database.

A database that cannot answer does not take the page away: `tillfree_database_up` is 0 then, and what was counted is
still there.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.database.engine import Database, trouble
from cloud.clock import Clock
from cloud.observing.standing import (
    devices_standing,
    inbox_standing,
    payments_waiting,
    quarantined,
    stores_standing,
)

log = logging.getLogger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Standing(Collector):
    """The gauges, read from the database whenever the page is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Every gauge, or `tillfree_database_up 0` alone."""
        now = self._clock()
        up = GaugeMetricFamily("tillfree_database_up", "Whether the database answers.")
        try:
            found = [*self._of_all(now), *self._of_devices(now), *self._of_stores(now)]
            up.add_metric([], 1)
        except SQLAlchemyError as error:
            log.warning("the database is in trouble: metrics without it", extra={"why": trouble(error)})
            found = []
            up.add_metric([], 0)
        yield up
        yield from found

    def _of_all(self, now: datetime) -> Iterator[Metric]:
        with self._database.read() as connection:
            inbox, (pending, since) = inbox_standing(connection), payments_waiting(connection)
            aside = quarantined(connection)
        for name, says, value in (
            ("tillfree_inbox_depth", "Events that are committed and not applied.", inbox.waiting),
            ("tillfree_inbox_oldest_seconds", "How long the oldest of them waits.", _age_s(now, inbox.oldest)),
            ("tillfree_payments_pending", "Calls to gateways without an answer.", pending),
            ("tillfree_payments_oldest_seconds", "How long the oldest of them waits.", _age_s(now, since)),
            ("tillfree_quarantine", "Messages that were put aside and are kept.", aside),
        ):
            yield GaugeMetricFamily(name, says, value=value)

    def _of_devices(self, now: datetime) -> Iterator[Metric]:
        of = ["store", "device"]
        age = GaugeMetricFamily(
            "tillfree_watermark_age_seconds", "How long ago a device observed last, by its own clock.", labels=of
        )
        missing = GaugeMetricFamily("tillfree_device_missing_events", "Events said to be there, not here.", labels=of)
        with self._database.read() as connection:
            found = devices_standing(connection)
        for each in found:
            age_s = each.age_s(now)
            if age_s is not None:
                age.add_metric([each.store, each.device], age_s)
            missing.add_metric([each.store, each.device], each.missing)
        yield from (age, missing)

    def _of_stores(self, now: datetime) -> Iterator[Metric]:
        of = ["store"]
        visits = GaugeMetricFamily("tillfree_visits", "Visits under way, by state.", labels=[*of, "state"])
        holds = GaugeMetricFamily("tillfree_holds_open", "Visits with money reserved.", labels=of)
        debts = GaugeMetricFamily("tillfree_debts", "Charges that nobody has paid.", labels=of)
        owed = GaugeMetricFamily("tillfree_debts_minor", "What they come to, in minor units.", labels=of)
        reviews = GaugeMetricFamily("tillfree_reviews_waiting", "Doubtful lines that wait for a person.", labels=of)
        disputes = GaugeMetricFamily("tillfree_disputes_open", "Disputes that nobody has decided.", labels=of)
        differing = GaugeMetricFamily(
            "tillfree_reconciliation_differences", "What the latest reconciliation found.", labels=of
        )
        compared = GaugeMetricFamily(
            "tillfree_reconciliation_age_seconds", "How long ago the books were compared.", labels=of
        )
        with self._database.read() as connection:
            for each in stores_standing(connection):
                for state, count in each.visits.items():
                    visits.add_metric([each.store, state], count)
                held, owes = (holds, each.held), ((debts, each.debts), (owed, each.owed_minor))
                for gauge, value in (held, *owes, (reviews, each.reviews), (disputes, each.disputes)):
                    gauge.add_metric([each.store], value)
                if each.differing is not None:
                    differing.add_metric([each.store], each.differing)
                    compared.add_metric([each.store], _age_s(now, each.reconciled_at))
        yield from (visits, holds, debts, owed, reviews, disputes, differing, compared)


def metrics_page(database: Database, clock: Clock) -> bytes:
    """The page, in Prometheus' text format."""
    now = CollectorRegistry()
    now.register(Standing(database, clock))
    return generate_latest(REGISTRY) + generate_latest(now)


def _age_s(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
