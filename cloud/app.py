"""Wiring: the parts of a cloud process, put together as the drawing in the design has them.

    broker ─▶ session ─▶ intake ─▶ ingester ─▶ inbox ─▶ worker ─▶ settlement ─▶ ledger + wallet
      ◀────────── ack ───────────────┘                                │
                                                        api ◀─────────┘

The three roles (serve, ingest, work) may share a process or have one each; what joins them is the database.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from cloud.adapters.database.engine import Database
from cloud.adapters.evidence_seal import EvidenceSeal, EvidenceSealError, evidence_key
from cloud.clock import Clock, wall_clock
from cloud.gateways import gateways_of
from cloud.observing.tracing import trace_to_collector
from cloud.service.backoff import Backoff
from cloud.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from cloud.adapters.mqtt.session import BrokerSession

log = logging.getLogger(__name__)


class Cloud:
    """One process's parts. `start_…` runs a role in a thread; `failed` is set where one ended by an error."""

    def __init__(self, settings: Settings, clock: Clock = wall_clock) -> None:
        self.settings = settings
        self.clock = clock
        self.database = Database(settings.database_url)
        self.stop = threading.Event()
        self.failed = threading.Event()
        self.session: BrokerSession | None = None
        self.gateways = gateways_of(settings, self.database, clock)
        self._wake = threading.Event()
        self._threads: list[threading.Thread] = []
        self._held_up: dict[str, Backoff] = {}
        self._end_tracing = trace_to_collector(settings.role)

    def start_ingest(self) -> "BrokerSession":
        """Listen to the broker, and commit and ack what comes."""
        # Only a process that listens pays for the MQTT client.
        from cloud.adapters.mqtt.ingesting import ingest
        from cloud.adapters.mqtt.intake import Intake
        from cloud.adapters.mqtt.session import BrokerSession
        from cloud.service.commanding import Commander, command
        from cloud.service.ingest import Ingester

        intake = Intake()
        session = BrokerSession(self.settings.broker_url, self.settings.ingest_client_id, intake)
        ingester = Ingester(self.database, self.clock, lambda: self.seal)
        self.session = session
        backoff = self._held_up["ingest"] = Backoff()
        session.start()
        self._run(
            "ingest",
            lambda: ingest(
                intake, session, ingester, self.database, wake=self._wake.set, stop=self.stop, backoff=backoff
            ),
        )
        commander = Commander(self.database, self.clock)
        self._run("command", lambda: command(commander, session.say, lambda: session.connected, self.stop))
        return session

    def start_work(self) -> None:
        """Apply, settle, pay, and tell the retailer."""
        from cloud.service.telling import Teller, tell
        from cloud.service.worker import Worker, work

        worker = Worker(self.database, self.gateways.payments, self.clock)
        backoff = self._held_up["work"] = Backoff()
        self._run(
            "work", lambda: work(worker, self.database, self._wake, self.stop, self.settings.poll_s, backoff=backoff)
        )
        teller = Teller(self.database, self.clock)
        self._run("tell", lambda: tell(teller, self.stop))

    @cached_property
    def seal(self) -> EvidenceSeal | None:
        """What clips are sealed with; None where the key cannot be had: then none is kept, and the log says why."""
        try:
            return EvidenceSeal(evidence_key(self.settings.evidence_key, self.settings.evidence_key_file))
        except EvidenceSealError as error:
            log.error("clips cannot be kept", extra={"why": str(error)})  # noqa: TRY400 - the message says all
            return None

    def create_api(self) -> "FastAPI":
        """The HTTP API, with what the other roles of this process can say about themselves."""
        from cloud.api.create import create_api
        from cloud.api.rim import Rim

        rim = Rim(self.database, self.clock, self.probes(), self.gateways.names, self.gateways.webhooks)
        rim = replace(rim, seal=lambda: self.seal)
        return create_api(rim, api_key=self.settings.api_key, body_bytes_max=self.settings.body_bytes_max)

    def probes(self) -> dict[str, Callable[[], str | None]]:
        """What the roles of this process can say about themselves."""
        found: dict[str, Callable[[], str | None]] = {}
        session = self.session
        if session is not None:
            found["broker"] = lambda: None if session.connected else f"not connected to {session.where}"
        found |= {name: partial(_what_holds_up, backoff) for name, backoff in self._held_up.items()}
        if self._threads:
            found["threads"] = self._dead_threads
        return found

    def start_watching(self) -> None:
        """Let machines read metrics and health at the address of the settings, if there is one; ServeError why not."""
        if self.settings.metrics_at is None:
            return
        from cloud.observing.listening import watched
        from cloud.serving import ServeError, address_of, is_loopback, listen, serve

        host, port = address_of(self.settings.metrics_at)
        if not is_loopback(host) and not self.settings.metrics_token:
            raise ServeError(f"{host} can be reached from other machines: set TILLFREE_METRICS_TOKEN to a secret")
        listener = listen(host, port)
        app = watched(self.database, self.clock, self.probes(), self.settings.metrics_token)
        where = ":".join(map(str, listener.getsockname()[:2]))
        self._run(
            "watching",
            lambda: serve(app, listener, stop=self.stop, ready=lambda: log.info("metrics", extra={"at": where})),
        )

    def close(self) -> None:
        """End every role in order and give the database back."""
        self.stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(timeout=3)
        if self.session is not None:
            self.session.stop()
        self.gateways.close()
        self._end_tracing()
        self.database.close()

    def _run(self, name: str, role: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                role()
            except BaseException:
                # The process must not go on without one of its roles: it ends, and whoever runs it starts it again.
                log.exception("%s ended by an error", name)
                self.failed.set()
                self.stop.set()
                raise

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _dead_threads(self) -> str | None:
        dead = [thread.name for thread in self._threads if not thread.is_alive()]
        return f"ended: {', '.join(dead)}" if dead else None


def _what_holds_up(backoff: Backoff) -> str | None:
    return backoff.why and f"the database cannot commit: {backoff.why}"
