"""A broker process of our own: started, waited for, stopped, and started again on the same port with the same data."""

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tillfree.broker.errors import BrokerError
from tillfree.broker.folder import BrokerFolder
from tillfree.broker.probe import accepts, answers, free_port
from tillfree.broker.programs import Program

START_S = 20.0
"""nats-server reads its whole store before it listens; a slow SD card takes seconds for that."""
STOP_S = 5.0
LOG_BYTES_MAX = 1024 * 1024
"""A log larger than this is begun anew at the next start."""
_PORT_TRIES = 3
_POLL_S = 0.02
_LOG_LINES_SHOWN = 5


class EmbeddedBroker:
    """A broker that this process started; a context manager that stops it."""

    def __init__(self, program: Program, data: Path, port: int | None = None) -> None:
        """Start `program` with its data in `data`, on loopback `port` or a free one; returns when it answers.

        Raises BrokerError where the port is taken, the folder is in use, or the broker ends or does not answer in
        time; the message has the last lines of its log.
        """
        self._program = program
        self._folder = BrokerFolder(data.absolute())
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.port = self._start_on_a_free_port() if port is None else self._start(port)
        except BaseException:
            self._folder.release()
            raise

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        """Which program it is."""
        return self._program.kind

    @property
    def pid(self) -> int | None:
        """The broker's process; None where it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def log(self) -> Path:
        """The file that the broker writes its messages to."""
        return self._folder.path / "broker.log"

    def restart(self) -> None:
        """Start it again on the same port with the same data, whether it still runs or was killed."""
        self._end_process()
        self._start(self.port)

    def stop(self) -> None:
        """End the broker, and nothing else, and let its folder go. May be called twice."""
        self._end_process()
        self._folder.release()

    def __enter__(self) -> "EmbeddedBroker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _start_on_a_free_port(self) -> int:
        for _ in range(_PORT_TRIES - 1):
            try:
                return self._start(free_port())
            except _PortTaken:
                # Somebody took it between our asking and the broker's.
                continue
        return self._start(free_port())

    def _start(self, port: int) -> int:
        if accepts("127.0.0.1", port):
            raise _PortTaken(
                f"port {port} is taken: another program listens there. Choose another, or end that program"
            )
        configuration = self._folder.path / "broker.conf"
        lock_fd = self._folder.lock_for_broker()
        try:
            configuration.write_text(self._program.configuration(self._folder.path, port), encoding="utf-8")
            fresh = not self.log.exists() or self.log.stat().st_size > LOG_BYTES_MAX
            with self.log.open("wb" if fresh else "ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - a program that find_program found
                    self._program.command(configuration),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self._folder.path,
                    pass_fds=(lock_fd,),
                    # Ctrl-C is for the one who started it, and that one stops it.
                    start_new_session=True,
                )
            self._folder.remember(self._process.pid)
        except OSError as error:
            self._end_process()
            raise BrokerError(f"{self._program.path} cannot be started in {self._folder.path}: {error}") from error
        finally:
            os.close(lock_fd)
        self._await(self._process, port)
        return port

    def _await(self, process: subprocess.Popen[bytes], port: int) -> None:
        give_up_s = time.monotonic() + START_S
        while process.poll() is None and time.monotonic() < give_up_s:
            if answers("127.0.0.1", port):
                return
            time.sleep(_POLL_S)
        ended = process.poll()
        self._end_process()
        said = self._last_lines()
        if "in use" in said:
            raise _PortTaken(f"{self._program.kind} on port {port}: {said}: choose another port")
        how = f"ended with status {ended}" if ended is not None else f"does not answer within {START_S:g} s"
        raise BrokerError(f"{self._program.kind} on port {port} {how}; {self.log} ends with:\n{said}")

    def _end_process(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _last_lines(self) -> str:
        lines = self.log.read_bytes()[-4096:].decode(errors="replace").splitlines()
        return "\n".join(lines[-_LOG_LINES_SHOWN:]) or "(nothing)"


class _PortTaken(BrokerError):
    """Another program listens on the port."""
