"""`tillfree cloud reconcile` and `export`: the books, compared and handed out."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cloud.domain.errors import CloudError
from cloud.settings import Settings


def reconcile_stores(settings: Settings, store: str | None, out: Path | None) -> bool:
    """Compare the books of `store` (None: of every store) with the gateways; whether they agree."""
    from sqlalchemy import select

    from cloud.adapters.database.engine import Database
    from cloud.adapters.database.migrating import require_schema
    from cloud.adapters.database.tables import stores
    from cloud.clock import wall_clock
    from cloud.gateways import gateways_of
    from cloud.service.reconciling import keep_report, reconcile

    database = Database(settings.database_url)
    gateways = gateways_of(settings, database, wall_clock)
    try:
        require_schema(database)
        with database.read() as connection:
            known = list(connection.execute(select(stores.c.store_id).order_by(stores.c.store_id)).scalars())
        if store is not None and store not in known:
            raise CloudError(f"store {store!r} is not known; there are: {', '.join(known) or 'none'}")
        names = [store] if store else known
        reports = [reconcile(database, gateways.statements, name, wall_clock) for name in names]
        with database.write() as connection:
            for report in reports:
                keep_report(connection, report, wall_clock())
    finally:
        gateways.close()
        database.close()
    agree = all(report.agrees for report in reports)
    if out is not None:
        text = json.dumps({"agree": agree, "stores": [asdict(report) for report in reports]}, indent=2)
        sys.stdout.write(text + "\n") if str(out) == "-" else out.write_text(text + "\n", encoding="utf-8")
    if out is None or str(out) != "-":
        console = Console()
        for report in reports:
            compared = ", ".join(f"{count} by {name}" for name, count in report.movements.items()) or "none"
            console.print(f"{report.store}: movements {compared}; in flight {report.in_flight}", highlight=False)
            for name in report.unreachable:
                console.print(f"  gateway {name} is not set up here: its charges were not compared", highlight=False)
            if report.differences:
                table = Table("difference", "of", "key", "ledger", "gateway", "reference")
                for each in report.differences:
                    cells = (each.kind, each.what, each.key, each.ledger_minor, each.gateway_minor, each.reference)
                    table.add_row(*("" if cell is None else str(cell) for cell in cells))
                console.print(table)
        console.print("the books agree" if agree else "the books do not agree", highlight=False)
    return agree


def export_store(database_url: str, store: str, since: datetime, until: datetime | None, out: Path) -> int:
    """Write the store's settled lines to `out` (- for standard output); how many there were."""
    from cloud.adapters.database.engine import Database
    from cloud.adapters.database.migrating import require_schema
    from cloud.service.exporting import export_lines, export_parquet

    begin = since.replace(tzinfo=UTC) if since.tzinfo is None else since
    end = (until.replace(tzinfo=UTC) if until.tzinfo is None else until) if until else begin + timedelta(days=1)
    database = Database(database_url)
    try:
        require_schema(database)
        with database.read() as connection:
            if out.suffix == ".parquet":
                return export_parquet(connection, store, begin, end, out)
            if str(out) == "-":
                return export_lines(connection, store, begin, end, sys.stdout)
            with out.open("w", encoding="utf-8", newline="") as file:
                return export_lines(connection, store, begin, end, file)
    except OSError as error:
        raise CloudError(f"{out} cannot be written: {error.strerror}") from None
    finally:
        database.close()


StoreOption = Annotated[str | None, typer.Option(help="Only this store.")]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the report to a file; - for standard output.")]
