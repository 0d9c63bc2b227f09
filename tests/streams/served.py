"""Stream servers as processes: started, told to misbehave, stopped, killed and started again on the same port."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
SYSTEM_PYTHON = "/usr/bin/python3"


class Served:
    """One server on a port of its own. `url` is its camera."""

    def __init__(self, command: list[str], port: int, url: str) -> None:
        self._command = command
        self.port = port
        self.url = url
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("ready"), f"{self._command} does not start"

    def tell(self, command: str) -> None:
        """Give it a command, and wait until it does as it says."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n", f"{command!r} was not understood"

    def halt(self) -> None:
        """Freeze the whole process."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it; its connections are closed by the system."""
        self.process.kill()
        self.process.communicate()


def free_port() -> int:
    """A port of the loopback address that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def mjpeg(width: int = 640, height: int = 360, fps: int = 10) -> Iterator[Served]:
    """A camera that speaks MJPEG over HTTP."""
    port = free_port()
    command = [sys.executable, str(HERE / "stream_server.py"), *map(str, (port, width, height, fps))]
    yield from _served(Served(command, port, f"http://127.0.0.1:{port}/camera"))


@contextmanager
def rtsp(width: int = 640, height: int = 360, fps: int = 10, login: tuple[str, str] | None = None) -> Iterator[Served]:
    """A camera that speaks RTSP, H.264 inside; `login` is the user and password that it wants."""
    port = free_port()
    command = [SYSTEM_PYTHON, str(HERE / "rtsp_server.py"), *map(str, (port, width, height, fps, *(login or ())))]
    yield from _served(Served(command, port, f"rtsp://127.0.0.1:{port}/camera"))


def has_rtsp_server() -> bool:
    """Whether this machine has GStreamer's RTSP server for its own Python."""
    if shutil.which(SYSTEM_PYTHON) is None:
        return False
    check = (
        "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst; Gst.init(None); "
        "assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('rtph264pay')"
    )
    return subprocess.run([SYSTEM_PYTHON, "-c", check], capture_output=True, check=False).returncode == 0


def _served(served: Served) -> Iterator[Served]:
    try:
        yield served
    finally:
        served.kill()
