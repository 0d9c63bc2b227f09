"""API reads a second beside an empty FastAPI route, and how long each takes: figures, on SQLite and on PostgreSQL.

python -m tests.bench.bench_reads [REQUESTS] [CONNECTIONS] [sqlite|postgresql]

`tillfree cloud serve`, one process, on 10,000 stored visits; beside it, served by the same server in a process of its
own, an application with one route that reads nothing and answers `{"ok": true}`. One client process holds CONNECTIONS
connections open and asks on each again as soon as it is answered, REQUESTS times a path in all; empty and ours in turn,
three times. The rates are medians; p50 and p99 are milliseconds over all three, with the client's own time in them. The
client costs about as much as the empty route and runs on the same machine.
"""

import http.client
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from cloud.adapters.database.engine import Database
from cloud.serving import listen, serve
from tests.bench.bench_growth import ID, fill
from tests.bench.saying import say
from tests.databases.kinds import PostgresDatabases, SqliteFiles
from tests.integration.cloud.corner_street import CloudProcess
from tests.unit.cloud.corner_shop import STORE, Shop
from tests.unit.cloud.many_visits import let_in

STORED, SHOPPERS, ROUNDS = 10_000, 1_000, 3
READY_WITHIN_S = 60


def serve_empty(ports: Any) -> None:
    """The bare measure."""
    app = FastAPI()

    @app.get("/")
    def empty() -> dict[str, bool]:
        return {"ok": True}

    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        serve(app, listener, stop=threading.Event(), ready=lambda: ports.put(port))


def ask(port: int, path: str, requests: int, connections: int, took: Any) -> None:
    """One client process: seconds in all, and the milliseconds of each request."""
    each_ms: list[float] = []
    go = threading.Barrier(connections + 1)

    def again_and_again() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        line.connect()
        mine: list[float] = []
        go.wait()
        for _ in range(requests // connections):
            began_s = time.perf_counter()
            line.request("GET", path)
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200, (path, answer.status)
            mine.append(1000 * (time.perf_counter() - began_s))
        each_ms.extend(mine)

    threads = [threading.Thread(target=again_and_again) for _ in range(connections)]
    for thread in threads:
        thread.start()
    go.wait()
    began_s = time.perf_counter()
    for thread in threads:
        thread.join()
    took.put((time.perf_counter() - began_s, each_ms))


def run(port: int, path: str, requests: int, connections: int) -> tuple[float, list[float]]:
    """Requests a second, and milliseconds."""
    context = multiprocessing.get_context("spawn")
    took = context.Queue()
    client = context.Process(target=ask, args=(port, path, requests, connections, took))
    client.start()
    seconds, each_ms = took.get()
    client.join()
    assert len(each_ms) == requests // connections * connections
    return len(each_ms) / seconds, each_ms


def paths_of(database: Database) -> dict[str, str]:
    """What is read, by name."""
    with database.read() as connection:
        spelled = ID[connection.dialect.name].format(kind="1")
        visit = connection.execute(text(f"SELECT {spelled} FROM (SELECT {STORED // 2} AS i) n")).scalar_one()
    store = f"/v1/stores/{STORE}"
    return {
        "a receipt": f"{store}/visits/{visit}/receipt",
        "a visit with its cart": f"{store}/visits/{visit}",
        "an account's visits": f"{store}/accounts/shopper-7/visits?limit=10",
        "the newest receipts": f"{store}/receipts?limit=10",
    }


def bench(url: str, kind: str, folder: Path, requests: int, connections: int) -> None:
    """Every path on one database."""
    database = Database(url)
    Shop(database).furnish()
    let_in(database, SHOPPERS)
    with database.write() as connection:
        fill(connection, 0, STORED)
    paths = {"an empty route": "/", **paths_of(database)}
    database.close()
    context = multiprocessing.get_context("spawn")
    ports = context.Queue()
    empty = context.Process(target=serve_empty, args=(ports,), daemon=True)
    empty.start()
    cloud = CloudProcess(folder, "mqtt://127.0.0.1:1", url=url)
    cloud.start("--host", "127.0.0.1", TILLFREE_LOG="warning")
    bare_port = ports.get(timeout=READY_WITHIN_S)
    our_port = cloud.http.base_url.port
    assert our_port is not None
    rates: defaultdict[str, list[float]] = defaultdict(list)
    took_ms: defaultdict[str, list[float]] = defaultdict(list)
    try:
        for _ in range(ROUNDS):
            for name, path in paths.items():
                port = bare_port if path == "/" else our_port
                rate, each_ms = run(port, path, requests, connections)
                rates[name].append(rate)
                took_ms[name] += each_ms
    finally:
        empty.terminate()
        cloud.kill()
        cloud.http.close()
    say(f"{kind}: {connections} connections, load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors")
    for name, of in rates.items():
        cuts = quantiles(took_ms[name], n=100, method="inclusive")
        ratio = median(of) / median(rates["an empty route"])
        say(f"  {name}: {median(of):.0f}/s, ratio {ratio:.2f}, p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms")


def main() -> int:
    """Both kinds, or the one that is named."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    requests, connections = (*numbers, *(2_000, 8)[len(numbers) :])
    kinds = [word for word in sys.argv[1:] if not word.isdigit()] or ["sqlite", "postgresql"]
    with tempfile.TemporaryDirectory() as folder:
        for name in kinds:
            kind = SqliteFiles(Path(folder)) if name == "sqlite" else PostgresDatabases()
            try:
                bench(kind.new("shop"), name, Path(folder), requests, connections)
            finally:
                kind.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
