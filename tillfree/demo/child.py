"""A process of ours: started, listened to, started again when it dies, and ended with us."""

import ctypes
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from tillfree.errors import DemoError

STOP_S = 8.0
RESTARTS_MAX = 5
RESTARTS_WITHIN_S = 60.0
LOG_BYTES_MAX = 5_000_000
LOG_LINES_SHOWN = 5
PR_SET_PDEATHSIG = 1


class Child:
    """One `tillfree` command as a process. Its lines wait in a queue; what it says on standard error goes to `log`.

    Start and restart it from the main thread: the kernel ends it with the thread that began it.
    """

    def __init__(self, name: str, arguments: Sequence[str], log: Path, clock: Callable[[], float]) -> None:
        self.name = name
        self.restarts = 0
        self._arguments = list(arguments)
        self._log = log
        self._clock = clock
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._restarted_s: deque[float] = deque(maxlen=RESTARTS_MAX)
        self._process: subprocess.Popen[str] | None = None
        self._with_input = False

    @property
    def pid(self) -> int:
        """Its process id; 0 where it never ran."""
        return 0 if self._process is None else self._process.pid

    @property
    def arguments(self) -> list[str]:
        """What the next start will say to it."""
        return self._arguments

    def start(self, *, with_input: bool = False) -> None:
        """Start it. `with_input`: it reads what `write` is given, and so does what runs in its place."""
        self._with_input = with_input
        fresh = not self._log.exists() or self._log.stat().st_size > LOG_BYTES_MAX
        with self._log.open("wb" if fresh else "ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "tillfree", *self._arguments],
                stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                # Ctrl-C is for the one who started it, and that one stops it.
                start_new_session=True,
                preexec_fn=end_with_us(),  # noqa: PLW1509 - two system calls
            )
        assert self._process.stdout is not None
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    def lines(self) -> list[str]:
        """What it has said on standard output since the last call."""
        said = []
        while not self._lines.empty():
            said.append(self._lines.get())
        return said

    def first_line(self, within_s: float, stop: threading.Event) -> str | None:
        """Its first line; None where `stop` is set before. DemoError where it ends, or says nothing for so long."""
        give_up_s = self._clock() + within_s
        while self._clock() < give_up_s:
            try:
                return self._lines.get(timeout=0.1)
            except queue.Empty:
                if stop.is_set():
                    return None
                if self.ended() is not None:
                    break
        raise DemoError(f"{self.name} did not start; {self._log} ends with:\n{self.last_words()}")

    def write(self, line: str) -> None:
        """Say a line to it."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def ended(self) -> int | None:
        """The status it ended with; None while it runs."""
        return None if self._process is None else self._process.poll()

    def restart_if_killed(self) -> bool:
        """Start it again where a signal ended it. DemoError where it failed by itself, or dies again and again."""
        status = self.ended()
        if status is None or status == 0:
            return False
        if status > 0:
            raise DemoError(f"{self.name} failed (status {status}); {self._log} ends with:\n{self.last_words()}")
        now_s = self._clock()
        if len(self._restarted_s) == RESTARTS_MAX and now_s - self._restarted_s[0] < RESTARTS_WITHIN_S:
            raise DemoError(
                f"{self.name} was killed {RESTARTS_MAX + 1} times in a minute (last by signal {-status}), "
                f"perhaps for want of memory; {self._log} ends with:\n{self.last_words()}"
            )
        self._restarted_s.append(now_s)
        self.restarts += 1
        self.start(with_input=self._with_input)
        return True

    def stop(self) -> None:
        """End it, kindly first. May be called twice."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """The last lines of its log."""
        lines = self._log.read_bytes()[-4096:].decode(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-LOG_LINES_SHOWN:]) or "(nothing)"

    def _listen(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))


def end_with_us(how: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """What a child does first so that it ends when this process is killed, and nothing is left behind; Linux only."""
    return partial(_ask_for_our_end, how) if sys.platform == "linux" else None


def _ask_for_our_end(how: signal.Signals) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)
