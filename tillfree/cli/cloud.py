"""`tillfree cloud`: the service that settles, whole or role by role."""

import json
import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cloud.domain.errors import CloudError
from cloud.logs import log_to_stderr
from cloud.settings import Settings, default_database
from tillfree.cli.cloud_books import JsonOption, StoreOption, export_store, reconcile_stores
from tillfree.cli.cloud_erase import erase
from tillfree.cli.cloud_owner import has_owner
from tillfree.cli.cloud_owner import owner as owner_commands

# The database and the HTTP server are the `cloud` extra's: a machine with the edge alone has this file, and not those.

app = typer.Typer(help="The service that settles: API, ingest and worker.", no_args_is_help=True)
app.add_typer(owner_commands, name="owner")
app.command()(erase)

SUBSCRIBE_WAIT_S = 3.0
"""How long a ready line waits for the broker; events that come meanwhile are safe with their devices."""

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        envvar="TILLFREE_DATABASE", help="sqlite:///FILE or postgresql+psycopg://… By default in TILLFREE_HOME."
    ),
]
BrokerOption = Annotated[
    str,
    typer.Option(
        envvar="TILLFREE_BROKER",
        help="mqtt://[USER:PASSWORD@]HOST[:PORT], or mqtts://…[?ca=FILE&cert=FILE&key=FILE] for TLS.",
    ),
]
LogOption = Annotated[str, typer.Option(envvar="TILLFREE_LOG", help="debug, info, warning or error.")]


def _settings(database: str | None, broker: str, role: str = "all") -> Settings:
    return Settings(
        evidence_key=os.environ.get("TILLFREE_EVIDENCE_KEY") or None,
        role=role,
        metrics_at=os.environ.get("TILLFREE_METRICS") or None,
        metrics_token=os.environ.get("TILLFREE_METRICS_TOKEN") or None,
        database_url=database or default_database(),
        broker_url=broker,
        api_key=os.environ.get("TILLFREE_API_KEY") or None,
        ingest_client_id=os.environ.get("TILLFREE_INGEST_CLIENT") or "tillfree-ingest",
        fake_gateway_url=os.environ.get("TILLFREE_FAKE_GATEWAY") or None,
        fake_gateway_secrets=_several("TILLFREE_FAKE_GATEWAY_SECRETS"),
        stripe_key=os.environ.get("TILLFREE_STRIPE_KEY") or None,
        stripe_secrets=_several("TILLFREE_STRIPE_SECRETS"),
        stripe_store=os.environ.get("TILLFREE_STRIPE_STORE") or None,
    )


def _several(variable: str) -> tuple[str, ...]:
    return tuple(part for part in os.environ.get(variable, "").split(",") if part)


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Beyond loopback TILLFREE_API_KEY or an owner is required.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    database: DatabaseOption = None,
    broker: BrokerOption = "mqtt://127.0.0.1:1883",
    all_in_one: Annotated[bool, typer.Option(help="Migrate, ingest and work in this process too.")] = False,
    log: LogOption = "info",
) -> None:
    """Serve the API. Says one line of JSON on standard output when it is ready."""
    from cloud.adapters.database.migrating import migrate as bring_up
    from cloud.adapters.database.migrating import require_schema
    from cloud.app import Cloud
    from cloud.collecting import leave_what_is_loaded
    from cloud.serving import ServeError, is_loopback, listen, serve
    from cloud.signals import stop_on_signals

    log_to_stderr(log)
    settings = _settings(database, broker, "all" if all_in_one else "serve")
    if not is_loopback(host) and not settings.api_key and not has_owner(settings.database_url):
        raise ServeError(
            f"{host} can be reached from other machines: set TILLFREE_API_KEY to a secret, "
            "or make an owner with tillfree cloud owner create, first"
        )
    with listen(host, port) as listener:
        parts = Cloud(settings)
        stop_on_signals(parts.stop)
        try:
            if all_in_one:
                bring_up(parts.database)
                session = parts.start_ingest()
                parts.start_work()
                session.wait_subscribed(SUBSCRIBE_WAIT_S)
            else:
                require_schema(parts.database)
            parts.start_watching()
            ready = partial(_say_ready, host, listener.getsockname()[1])
            api = parts.create_api()
            leave_what_is_loaded()
            serve(api, listener, stop=parts.stop, ready=ready)
        finally:
            parts.close()
    if parts.failed.is_set():
        raise CloudError("a part of the process failed; the log says which")


def _say_ready(host: str, port: int) -> None:
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    line = {"ready": True, "api": address, "docs": f"{address}/docs"}
    print(json.dumps(line), flush=True)  # noqa: T201 - whoever started us reads it


@app.command()
def ingest(
    database: DatabaseOption = None,
    broker: BrokerOption = "mqtt://127.0.0.1:1883",
    log: LogOption = "info",
) -> None:
    """Listen to the broker; commit what devices say and ack it."""
    _run_role(_settings(database, broker, "ingest"), log, "ingest")


@app.command()
def work(database: DatabaseOption = None, log: LogOption = "info") -> None:
    """Apply events, settle visits and make payments."""
    _run_role(_settings(database, "mqtt://127.0.0.1:1883", "work"), log, "work")


@app.command()
def migrate(database: DatabaseOption = None, log: LogOption = "warning") -> None:
    """Bring the database to the schema that this version needs."""
    from cloud.adapters.database.engine import Database
    from cloud.adapters.database.migrating import migrate as bring_up

    log_to_stderr(log)
    opened = Database(database or default_database())
    try:
        changed = bring_up(opened)
    finally:
        opened.close()
    typer.echo(f"{opened.where}: {'migrated' if changed else 'nothing to do'}")


@app.command()
def reconcile(
    *,
    store: StoreOption = None,
    json_file: JsonOption = None,
    database: DatabaseOption = None,
    log: LogOption = "warning",
) -> None:
    """Compare the ledger with what the gateways say that they did. Ends with 1 where they do not agree."""
    log_to_stderr(log)
    if not reconcile_stores(_settings(database, "mqtt://127.0.0.1:1883"), store, json_file):
        raise typer.Exit(1)


@app.command()
def export(
    *,
    store: Annotated[str, typer.Option(help="Whose lines.")],
    since: Annotated[datetime, typer.Option(help="The first day, or moment, in UTC.")],
    until: Annotated[datetime | None, typer.Option(help="Before this moment; by default a day later.")] = None,
    out: Annotated[Path, typer.Option(help="A .csv or .parquet file; - for CSV on standard output.")] = Path("-"),
    database: DatabaseOption = None,
    log: LogOption = "warning",
) -> None:
    """Write settled lines, as their latest receipts have them, as CSV or Parquet (tillfree[parquet])."""
    log_to_stderr(log)
    count = export_store(database or default_database(), store, since, until, out)
    if str(out) != "-":
        typer.echo(f"{out}: {count} lines")


@app.command("fake-gateway")
def fake_gateway(
    *,
    host: Annotated[str, typer.Option(help="It knows no password: keep it on loopback.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8100,
    webhooks: Annotated[str | None, typer.Option(help="Where to tell what happened: …/webhooks/fake.")] = None,
    faults: Annotated[float, typer.Option(min=0, max=1, help="The share of requests that go wrong.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Which requests those are.")] = 1,
    hang_s: Annotated[float, typer.Option(min=0, help="How long a lost answer is held back.")] = 30.0,
    log: LogOption = "info",
) -> None:
    """A payment gateway without real money, for tests and demos. Signs webhooks with TILLFREE_FAKE_GATEWAY_SECRETS."""
    import threading

    from cloud.clock import wall_clock
    from cloud.fake_gateway.faults import FaultPlan
    from cloud.fake_gateway.gateway import FakeGateway
    from cloud.fake_gateway.server import create_gateway_app, send_webhooks
    from cloud.serving import listen, serve
    from cloud.signals import stop_on_signals

    log_to_stderr(log)
    secrets = _several("TILLFREE_FAKE_GATEWAY_SECRETS")
    if webhooks and not secrets:
        raise CloudError("set TILLFREE_FAKE_GATEWAY_SECRETS to what the webhooks are signed with, several with commas")
    gateway = FakeGateway(wall_clock, FaultPlan(faults, seed))
    stop = threading.Event()
    stop_on_signals(stop)
    with listen(host, port) as listener:
        if webhooks:
            threading.Thread(target=send_webhooks, args=(gateway, webhooks, secrets, stop), daemon=True).start()
        ready = {"ready": True, "gateway": f"http://{host}:{listener.getsockname()[1]}"}
        app_of_it = create_gateway_app(gateway, hang_s=hang_s)
        serve(app_of_it, listener, stop=stop, ready=lambda: print(json.dumps(ready), flush=True))  # noqa: T201


def _run_role(settings: Settings, log: str, role: str) -> None:
    from cloud.adapters.database.migrating import require_schema
    from cloud.app import Cloud
    from cloud.collecting import leave_what_is_loaded
    from cloud.signals import stop_on_signals

    log_to_stderr(log)
    parts = Cloud(settings)
    stop_on_signals(parts.stop)
    try:
        require_schema(parts.database)
        if role == "ingest":
            parts.start_ingest()
        else:
            parts.start_work()
        parts.start_watching()
        leave_what_is_loaded()
        parts.stop.wait()
    finally:
        parts.close()
    if parts.failed.is_set():
        raise CloudError("a part of the process failed; the log says which")
