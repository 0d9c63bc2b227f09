"""From pixels to a receipt: the demo as a person starts it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.held_film import held_film

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "tests" / "recordings"
CLIP = ROOT.parent / "shared" / "data" / "intel_bottle_shelf" / "bottle-detection.mp4"
WITHIN_S = 300.0
TWO_BOTTLES = [{"sku": "water-500", "qty": 2, "amount_minor": 240}]


def demo(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tillfree", "demo", *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )


def report_of(path: Path, *arguments: str | Path) -> dict[str, Any]:
    with demo(*arguments, "--once", "--json", path) as process:
        output, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0, output
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


@pytest.mark.data
@pytest.mark.parametrize(
    ("recording", "lines", "total_minor"), [("bottle_shelf_two_taken", TWO_BOTTLES, 240), ("bottle_shelf", [], 0)]
)
def test_a_recording_becomes_a_receipt(
    tmp_path: Path, recording: str, lines: list[dict[str, Any]], total_minor: int
) -> None:
    report = report_of(tmp_path / "out.json", RECORDINGS / recording, "--fast", "--state", tmp_path / "state")
    (receipt,) = report["receipts"]
    assert receipt["lines"] == lines
    assert (receipt["total_minor"], receipt["currency"]) == (total_minor, "EUR")
    assert len(report["exit_to_receipt_ms"]) == 1


@pytest.mark.data
def test_playing_a_recording_again_is_another_visit(tmp_path: Path) -> None:
    arguments = (RECORDINGS / "bottle_shelf_two_taken", "--fast", "--state", tmp_path / "state")
    first = report_of(tmp_path / "first.json", *arguments)
    second = report_of(tmp_path / "second.json", *arguments)
    assert first["receipts"][0]["visit"] != second["receipts"][0]["visit"]
    assert [report["receipts"][0]["lines"] for report in (first, second)] == [TWO_BOTTLES, TWO_BOTTLES]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return held_film(CLIP, tmp_path_factory.mktemp("film") / "held.mp4")


@pytest.mark.data
def test_a_live_camera_s_shopper_leaves_with_enter(tmp_path: Path, film: Path) -> None:
    report = tmp_path / "out.json"
    arguments = ("--camera", f"video:{film}", "--once", "--state", tmp_path / "state", "--json", report)
    with demo(*arguments) as process:
        watchdog = threading.Timer(WITHIN_S, process.kill)
        watchdog.start()
        try:
            seen(process, "picked")
            output = leave(process)
        finally:
            watchdog.cancel()
        assert process.wait() == 0, output
    (receipt,) = json.loads(report.read_text(encoding="utf-8"))["receipts"]
    assert receipt["lines"] == [{"sku": "left-thing", "qty": 1, "amount_minor": 100}]


@pytest.mark.data
def test_a_visit_goes_on_when_the_edge_of_a_live_store_is_killed(tmp_path: Path, film: Path) -> None:
    """The shopper takes a bottle, the edge dies, and the one in its place lets the same shopper out."""
    state, report = tmp_path / "state", tmp_path / "out.json"
    with demo("--camera", f"video:{film}", "--once", "--state", state, "--json", report) as process:
        watchdog = threading.Timer(WITHIN_S, process.kill)
        watchdog.start()
        try:
            seen(process, "picked")
            killed = json.loads((state / "processes.json").read_text(encoding="utf-8"))["edge"]
            os.kill(killed, signal.SIGKILL)
            # Nobody saw whether it was put back meanwhile: said anew, and in doubt.
            seen(process, "50.0%")
            output = leave(process)
        finally:
            watchdog.cancel()
        assert process.wait() == 0, output
    result = json.loads(report.read_text(encoding="utf-8"))
    assert result["restarts"]["edge"] == 1
    (receipt,) = result["receipts"]
    assert receipt["lines"] == [], "what may have been put back unseen is not charged"
    with sqlite3.connect(state / "cloud.sqlite") as database:
        assert database.execute("SELECT count(*), count(DISTINCT visit_id) FROM visits").fetchone() == (1, 1)
        (line,) = database.execute("SELECT sku, decision, p FROM settlement_lines").fetchall()
    database.close()
    assert line[:2] == ("left-thing", "review")
    assert line[2] <= 0.5


def seen(process: subprocess.Popen[str], what: str) -> None:
    """Wait until the demo says `what`."""
    assert process.stdout is not None
    assert any(what in line for line in process.stdout), f"{what!r} was not said"


def leave(process: subprocess.Popen[str]) -> str:
    """Press Enter; what the demo says until its end."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.read()


@pytest.mark.networks("nanodet", "efficientnet-lite0")
def test_without_a_recording_it_trades_in_a_simulated_shop_and_says_what_was_really_taken(tmp_path: Path) -> None:
    report = report_of(tmp_path / "out.json", "--fast", "--seed", "1", "--state", tmp_path / "state")
    receipts = report["receipts"]
    assert [receipt["shopper"] for receipt in receipts] == ["anna", "ben", "cleo"]
    for receipt in receipts:
        charged = {line["sku"]: line["qty"] for line in receipt["lines"]}
        assert receipt["exact"] == (charged == receipt["taken"])
    assert all(receipt["exact"] for receipt in receipts), receipts
    # Three cameras at five pictures a second for a minute; played as fast as it goes, nothing is late.
    assert report["pictures"]["seen"] > 800
    assert report["pictures"]["left_out"] == 0
    assert report["pictures"]["delay_ms"] is None


@pytest.mark.networks("efficientnet-lite0")
@pytest.mark.skipif(any(Path("/dev").glob("video*")), reason="this machine has a webcam")
def test_without_a_webcam_the_demo_says_what_to_give_it(tmp_path: Path) -> None:
    with demo("--camera", "webcam", "--once", "--state", tmp_path / "state") as process:
        output, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 1
    assert "no webcam" in output
    assert "tillfree demo DIR" in output
    assert "Traceback" not in output
