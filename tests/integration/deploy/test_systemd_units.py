"""deploy/systemd/: units that systemd reads without a word, that expose little, and that start what there is."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.deploy.tools import DEPLOY, absent, tool
from tests.unit.docs.commands import complaint

UNITS = DEPLOY / "systemd"
SERVICES = ["tillfree-edge.service", "tillfree-cloud.service", "tillfree-cloud-reconcile.service"]
EXPOSURE_MAX = 20
"""Tenths of systemd's own measure: 0 is sealed, 20 is still called OK. Debian's own unit of mosquitto has 96."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def section(name: str, part: str) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read(UNITS / name, encoding="utf-8")
    return dict(parser[part])


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units, with the command where it is on this machine."""
    command = str(Path(sys.executable).with_name("tillfree"))
    for unit in UNITS.glob("tillfree-*"):
        text = unit.read_text(encoding="utf-8").replace("/opt/tillfree/bin/tillfree", command)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    return tmp_path


def test_systemd_finds_nothing_wrong(installed: Path) -> None:
    units = sorted(str(unit) for unit in installed.iterdir())
    assert len(units) == 5
    verified = run(tool("systemd-analyze", "systemd"), "verify", "--man=no", *units)
    # It complains of this machine's own units, too, where they are wrong.
    ours = [line for line in verified.stderr.splitlines() if "tillfree" in line]
    assert (verified.returncode, ours) == (0, []), verified.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_broken_into_gives_little_away(service: str) -> None:
    analyze = tool("systemd-analyze", "systemd")
    if "--threshold" not in run(analyze, "--help").stdout:
        absent("this systemd cannot tell a unit's exposure (it needs 250 or newer)")
    measured = run(
        analyze, "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(UNITS / service)
    )
    assert measured.returncode == 0, measured.stdout


def test_the_users_of_the_services_are_made() -> None:
    file = UNITS / "tillfree.sysusers"
    made = run(tool("systemd-sysusers", "systemd"), "--dry-run", str(file))
    assert made.returncode == 0, made.stderr
    users = {line.split()[1] for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("u ")}
    assert users == {section(service, "Service")["User"] for service in SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_a_command_that_there_is(service: str) -> None:
    program, *arguments = section(service, "Service")["ExecStart"].split()
    assert program == "/opt/tillfree/bin/tillfree"
    name = "edge" if "edge" in service else "cloud"
    lines = (UNITS / f"{name}.env.example").read_text(encoding="utf-8").splitlines()
    settings = {key: value for key, equals, value in (line.partition("=") for line in lines) if equals}
    filled = [settings[word[2:-1]] if word.startswith("${") else word for word in arguments]
    assert complaint(filled) is None


def test_the_edge_does_not_let_its_networks_report_to_their_maker() -> None:
    assert "Environment=ORT_DISABLE_TELEMETRY=1" in (UNITS / "tillfree-edge.service").read_text(encoding="utf-8")


def test_the_gate_s_pipe_reaches_the_edge_s_standard_input() -> None:
    socket = section("tillfree-edge-gate.socket", "Socket")
    service = section("tillfree-edge.service", "Service")
    assert service["StandardInput"] == f"fd:{socket['FileDescriptorName']}"
    assert (service["Sockets"], socket["Service"]) == ("tillfree-edge-gate.socket", "tillfree-edge.service")
