"""kill -9 of broker, cloud and edge, one after the other, while a visit is under way: the receipt is the same."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDING = ROOT / "tests" / "recordings" / "bottle_shelf_two_taken"
EVENTS = 9
"""In, out, four times a hand, and at the exit three of these anew: as sure as both bottles together are then."""
WITHIN_S = 120.0


def until(what: str, holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until `holds`, as long as the demo runs and the time allows."""
    give_up = time.monotonic() + WITHIN_S
    while not holds():
        assert process.poll() is None, f"the demo ended while we waited for {what}"
        assert time.monotonic() < give_up, f"waited too long for {what}"
        time.sleep(0.05)


@pytest.mark.data
def test_the_receipt_is_the_same_after_kill_9_of_each_process(tmp_path: Path) -> None:
    state, report = tmp_path / "state", tmp_path / "report.json"
    output = (tmp_path / "output.txt").open("w+", encoding="utf-8")
    command = [sys.executable, "-m", "tillfree", "demo", str(RECORDING), "--once"]
    with subprocess.Popen(
        [*command, "--state", str(state), "--json", str(report)], stdout=output, stderr=subprocess.STDOUT, text=True
    ) as demo:
        try:
            for number, name in enumerate(("broker", "cloud", "edge"), start=1):
                # One kill after each of the first three events, so each process dies in the middle of the visit.
                until(f"event {number}", partial(events_shown, output.name, number), demo)
                killed = pids(state)[name]
                assert killed
                os.kill(killed, signal.SIGKILL)
                until(f"a new {name}", partial(runs_anew, state, name, killed), demo)
            assert demo.wait(WITHIN_S) == 0, Path(output.name).read_text(encoding="utf-8")
        finally:
            demo.kill()
            output.close()

    result = json.loads(report.read_text(encoding="utf-8"))
    (receipt,) = result["receipts"]
    assert receipt["lines"] == [{"sku": "water-500", "qty": 2, "amount_minor": 240}]
    assert (receipt["total_minor"], receipt["currency"]) == (240, "EUR")
    assert result["events"] == EVENTS
    assert result["restarts"] == {"cloud": 1, "edge": 1}
    with sqlite3.connect(state / "cloud.sqlite") as database:
        assert database.execute("SELECT count(*), count(DISTINCT seq) FROM inbox").fetchone() == (EVENTS, EVENTS)
        assert database.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM settlements").fetchone() == (1,)
        (sold,) = database.execute("SELECT sum(amount_minor) FROM ledger_postings WHERE account = 'sales'").fetchone()
        assert abs(sold) == 240
        (balance,) = database.execute("SELECT sum(amount_minor) FROM ledger_postings").fetchone()
        assert balance == 0
    database.close()


def events_shown(path: str, count: int) -> bool:
    """Whether the demo has printed `count` event lines: they begin with the time of day."""
    return sum(line[:3] == "10:" for line in Path(path).read_text(encoding="utf-8").splitlines()) >= count


def runs_anew(state: Path, name: str, killed: int) -> bool:
    """Whether the demo has another process for `name` than the killed one."""
    return pids(state)[name] not in (killed, None)


def pids(state: Path) -> dict[str, int | None]:
    """The demo's processes by name."""
    try:
        found: dict[str, int | None] = json.loads((state / "processes.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Not written yet, or in this very moment.
        return {"broker": None, "cloud": None, "edge": None}
    return found
