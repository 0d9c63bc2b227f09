"""The store's process is killed while it watches: nothing of it stays behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.streams.served import mjpeg

HERE = Path(__file__).parent
WITHIN_S = 30.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems end the process by its pipe alone")


def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.01)


def names() -> set[Path]:
    """What shared memory has a name."""
    folder = Path("/dev/shm")
    return set(folder.iterdir()) if folder.is_dir() else set()


def is_gone(pid: int) -> bool:
    """Ended, or only waiting to be reaped by whoever is its parent now."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("hung", [False, True])
def test_a_killed_store_leaves_no_process_and_no_memory(hung: bool) -> None:
    before = names()
    with mjpeg(320, 180) as served:
        command = [sys.executable, str(HERE / "watching_store.py"), served.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as store:
            assert store.stdout is not None
            capture = int(store.stdout.readline())
            if hung:
                # As if its driver hung: no thread of it runs, so that only the kernel can end it.
                os.kill(capture, signal.SIGSTOP)
            store.kill()
        until(lambda: is_gone(capture))
        assert names() == before


def test_a_store_that_is_interrupted_at_the_terminal_ends_its_cameras() -> None:
    with mjpeg(320, 180) as served:
        command = [sys.executable, str(HERE / "watching_store.py"), served.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as store:
            assert store.stdout is not None
            capture = int(store.stdout.readline())
            store.send_signal(signal.SIGINT)
        until(lambda: is_gone(capture))
