"""deploy/compose/: a file that Compose reads, without a secret in it, whose containers can do little."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.integration.deploy.tools import DEPLOY, ROOT, absent
from tests.unit.docs.commands import complaint

FOLDER = DEPLOY / "compose"
SECRETS = {name: f"a-secret-{name.lower()}" for name in ("TILLFREE_API_KEY", "TILLFREE_DATABASE_PASSWORD")}


def compose() -> list[str]:
    """The command that reads a compose file: docker's plugin, or the older program of its own."""
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        return [docker, "compose"]
    older = shutil.which("docker-compose")
    return [older] if older else [absent("neither `docker compose` nor docker-compose is installed")]


def config(env_file: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TILLFREE_")}
    command = [*compose(), "--env-file", str(env_file), "-f", str(FOLDER / "compose.yaml"), "config"]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def parsed(text: str) -> Any:
    return YAML(typ="safe").load(text)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The services as Compose understands them, with the secrets filled in."""
    lines = (FOLDER / ".env.example").read_text(encoding="utf-8").splitlines()
    filled = [f"{line}{SECRETS[line[:-1]]}" if line[:-1] in SECRETS else line for line in lines]
    env_file = tmp_path_factory.mktemp("compose") / "env"
    env_file.write_text("\n".join(filled) + "\n", encoding="utf-8")
    read = config(env_file)
    assert read.returncode == 0, read.stderr
    found: dict[str, Any] = parsed(read.stdout)["services"]
    return found


def test_compose_reads_the_file_and_finds_every_part(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "broker", "migrate", "api", "ingest", "work"}


def test_without_its_secrets_nothing_starts_and_it_is_said_what_to_do() -> None:
    read = config(FOLDER / ".env.example")
    assert read.returncode != 0
    assert "copy .env.example to .env and fill it in" in read.stderr


def test_every_secret_comes_from_outside_the_file(services: dict[str, Any]) -> None:
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    for name, secret in SECRETS.items():
        assert f"${{{name}:?" in text
        assert secret in str([service.get("environment") for service in services.values()])


@pytest.mark.parametrize("name", ["postgres", "broker", "migrate", "api", "ingest", "work"])
def test_a_container_that_is_broken_into_can_do_little(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"]
    image, _, tag = service["image"].partition(":")
    assert tag not in ("", "latest"), image
    if not image.startswith("tillfree"):
        assert service["user"] not in ("root", "0", "0:0")


def test_our_image_does_not_run_as_root_and_holds_only_what_it_copies() -> None:
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001:10001"]
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    allowed = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for source in (name for names in copied for name in names):
        assert (ROOT / source).exists(), source
        assert f"!{source}" in allowed


@pytest.mark.parametrize("name", ["migrate", "api", "ingest", "work"])
def test_a_container_starts_a_command_that_there_is(services: dict[str, Any], name: str) -> None:
    assert complaint(["cloud", *services[name]["command"]]) is None


def test_only_the_api_and_the_broker_can_be_reached_and_the_api_by_this_machine_alone(services: dict[str, Any]) -> None:
    reached = {name: str(service["ports"]) for name, service in services.items() if "ports" in service}
    assert set(reached) == {"api", "broker"}
    assert "127.0.0.1" in reached["api"]


def test_what_is_mounted_is_there(services: dict[str, Any]) -> None:
    sources = [
        Path(volume["source"] if isinstance(volume, dict) else volume.split(":")[0])
        for volume in services["broker"]["volumes"]
    ]
    files = [source for source in sources if source.suffix == ".conf"]
    assert len(files) == 2
    assert all(file.is_file() for file in files)


def test_the_cloud_reaches_the_broker_by_the_files_that_it_is_given(services: dict[str, Any]) -> None:
    ingest = services["ingest"]
    (mounted,) = ingest["volumes"]
    folder = mounted["target"] if isinstance(mounted, dict) else mounted.split(":")[1]
    where, _, files = ingest["environment"]["TILLFREE_BROKER"].partition("?")
    assert where == "mqtts://broker:8883"
    named = dict(pair.split("=") for pair in files.split("&"))
    assert named == {"ca": f"{folder}/ca.crt", "cert": f"{folder}/cloud.crt", "key": f"{folder}/cloud.key"}


def test_the_file_reads_well() -> None:
    linted = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", str(FOLDER / "compose.yaml")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout
