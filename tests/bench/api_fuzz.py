"""Let schemathesis look for faults in the API, as each role: every check it has, and stateful sequences.

    python -m tests.bench.api_fuzz --schemathesis PROGRAM [--examples N] [--seed N] [ROLE …]

The server is a real one on loopback, with a shop that has traded. schemathesis is not installed with the project (it
takes minutes, and packages of its own): install it anywhere and name its program. Ends with 1 where it finds something.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from cloud.adapters.database.engine import Database
from cloud.adapters.database.migrating import migrate
from cloud.api.create import create_api
from cloud.api.rim import Rim
from cloud.clock import wall_clock
from cloud.serving import listen, serve
from tests.unit.cloud.corner_shop import STORE, Hub, Shop, StandingClock
from tests.unit.cloud.staff import CHEAP, add_second_store, hire

ROLES = ("owner", "operator", "reviewer", "read-only", f"owner@{STORE}", f"everything@{STORE}", f"alice@{STORE}")


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roles", nargs="*", default=ROLES)
    parser.add_argument("--schemathesis", default="schemathesis")
    parser.add_argument("--examples", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    failed = [_try(chosen, role) for role in chosen.roles]
    return int(any(failed))


def _try(chosen: argparse.Namespace, role: str) -> int:
    """A shop of its own for each role: an owner may well dismiss the others."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'cloud.db'}")
        migrate(database)
        shop, hub = Shop(database, StandingClock(wall_clock())).furnish(), Hub()
        visit = hub.visit()
        shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 9, sku="bread", p=0.6), hub.leave(visit))
        shop.hear(hub.watermark(61))
        shop.work()
        add_second_store(database)
        headers = hire(database, wall_clock())[role].headers
        # The asker's pace is not what is looked at: their seconds pass a thousand times as fast.
        rim = Rim(database, wall_clock, passwords=CHEAP, seconds=lambda: time.monotonic() * 1_000)
        app = create_api(rim, api_key="k", body_bytes_max=1_000_000)
        stop, ready = threading.Event(), threading.Event()
        with listen("127.0.0.1", 0) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            how = {"stop": stop, "ready": ready.set}
            thread = threading.Thread(target=serve, args=(app, listener), kwargs=how)
            thread.start()
            ready.wait(10)
            try:
                return _look(chosen, folder, address, role, headers)
            finally:
                stop.set()
                thread.join()
                database.close()


def _look(chosen: argparse.Namespace, folder: str, address: str, role: str, headers: dict[str, str]) -> int:
    print(f"\n=== {role}", flush=True)  # noqa: T201
    # A random If-Match is valid and is no version of anything, which is all that 412 says.
    statuses = '["2xx", "3xx", "401", "403", "404", "409", "412", "429"]'
    config = Path(folder) / "schemathesis.toml"
    config.write_text(f"[checks.positive_data_acceptance]\nexpected-statuses = {statuses}\n", encoding="utf-8")
    command = [
        str(Path(shutil.which(chosen.schemathesis) or chosen.schemathesis).absolute()),
        "--config-file",
        str(config),
        "run",
        f"{address}/openapi.json",
        "--checks",
        "all",
        "--no-color",
    ]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(chosen.examples)]
    command += ["--seed", str(chosen.seed), "--continue-on-failure", "--request-timeout", "20"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    # Where it runs it leaves a folder of its own behind.
    return subprocess.run(command, check=False, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())
