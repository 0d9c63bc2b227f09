"""certificates.sh at work, and the certificates that it would never make."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.integration.deploy.tools import DEPLOY, tool

SCRIPT = DEPLOY / "mosquitto" / "certificates.sh"


@dataclass(frozen=True)
class Authority:
    """An authority in `folder`."""

    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call certificates.sh with the folder and `arguments`."""
        tool("openssl", "openssl")
        return subprocess.run(
            [str(SCRIPT), str(self.folder), *arguments], capture_output=True, text=True, timeout=30, check=False
        )

    def make(self, *arguments: str) -> str:
        """Call certificates.sh; what it said, and an AssertionError where it failed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make_expired(self, device: str) -> None:
        """A certificate of `device` that ended long ago."""
        made = self.folder / device
        config = DEPLOY / "mosquitto" / "openssl.cnf"
        env = {**os.environ, "TILLFREE_CA": str(self.folder / "authority"), "TILLFREE_NAMES": "DNS:none"}
        key = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{made}.key"]
        request = ["openssl", "req", "-new", "-config", str(config), "-subj", f"/CN={device}", "-key", f"{made}.key"]
        sign = ["openssl", "ca", "-batch", "-notext", "-config", str(config), "-extensions", "client_extensions"]
        then = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]
        for command in (
            key,
            [*request, "-out", f"{made}.csr"],
            [*sign, *then, "-in", f"{made}.csr", "-out", f"{made}.crt"],
        ):
            subprocess.run(command, env=env, capture_output=True, timeout=30, check=True)
