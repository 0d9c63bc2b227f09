"""A mosquitto that runs as deploy/ configures it, in a folder of the test's own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from tests.integration.deploy.tools import DEPLOY, tool
from tillfree.broker.probe import accepts, free_port

DEADLINE_S = 10.0

CERTIFICATES = "/etc/mosquitto/tillfree/"
DROP_INS = "/mosquitto/config/conf.d"
DATA = "/mosquitto/data/"


class Mosquitto:
    """The container's mosquitto.conf with one drop-in of deploy/mosquitto, run in `folder` on a free `port`.

    Both files are as they are deployed but for paths and the port.
    """

    def __init__(self, folder: Path, drop_in: str, certificates: Path) -> None:
        self.folder = folder
        self.port = free_port()
        (folder / "conf.d").mkdir(parents=True)
        (folder / "data").mkdir()
        swaps = {
            CERTIFICATES: f"{certificates}/",
            DROP_INS: str(folder / "conf.d"),
            DATA: f"{folder / 'data'}/",
            "log_dest stdout": f"log_dest file {folder / 'log'}",
            "listener 1883": f"listener {self.port}",
            "listener 8883": f"listener {self.port}",
        }
        text = (DEPLOY / "mosquitto" / drop_in).read_text(encoding="utf-8")
        (folder / "conf.d" / drop_in).write_text(swapped(text, swaps), encoding="utf-8")
        main = swapped((DEPLOY / "compose" / "mosquitto.conf").read_text(encoding="utf-8"), swaps)
        # Started by root it would become the user `mosquitto`, who may not write to the test's folder.
        root = "user root\n" if os.geteuid() == 0 else ""
        (folder / "mosquitto.conf").write_text(root + main, encoding="utf-8")

    def __enter__(self) -> "Mosquitto":
        program = tool("mosquitto", "mosquitto")
        self._errors = (self.folder / "errors").open("wb")
        self._process = subprocess.Popen(
            [program, "-c", str(self.folder / "mosquitto.conf")], stdout=self._errors, stderr=self._errors
        )
        try:
            eventually(lambda: self._process.poll() is not None or accepts("127.0.0.1", self.port))
            assert self._process.poll() is None, f"mosquitto does not start:\n{self.said()}"
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(DEADLINE_S)
        self._errors.close()

    def reload(self) -> None:
        """Have certificates and the list of the revoked read again."""
        self._process.send_signal(signal.SIGHUP)

    def said(self) -> str:
        """Its log, and what it complained of at its start."""
        files = (self.folder / name for name in ("log", "errors"))
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.exists())


def swapped(text: str, swaps: Mapping[str, str]) -> str:
    """`text` with each key of `swaps` replaced."""
    for old, new in swaps.items():
        text = text.replace(old, new)
    return text


def eventually(holds: Callable[[], object]) -> None:
    """Wait until `holds`; AssertionError when it does not within DEADLINE_S."""
    give_up_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < give_up_s, "it did not come to pass"
        time.sleep(0.01)
