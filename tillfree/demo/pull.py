"""The networks that the demo needs, fetched beside the starting of everything else: a process of its own."""

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

from tillfree.demo.child import end_with_us
from tillfree.errors import DemoError

LOOK_S = 0.1
STOP_S = 5.0


class Pull:
    """`tillfree models pull` for those of `names` that are not here yet. It says on the terminal what it does.

    A process, because converting takes 200 MB that a process which goes on would keep.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if not _all_here(names):
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "tillfree", "models", "pull", *names],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_us(signal.SIGINT),  # noqa: PLW1509 - two system calls
            )

    def wait(self, stop: threading.Event) -> None:
        """Until they are here, or `stop` is set. DemoError where they cannot be had; the terminal has said why."""
        while self._process is not None and not stop.is_set():
            status = self._process.poll()
            if status == 0:
                return
            if status is not None:
                raise DemoError("without its networks the demo sees nothing; what went wrong with them stands above")
            stop.wait(LOOK_S)

    def stop(self) -> None:
        """Give it up where it still works. What was fetched whole stays; may be called twice."""
        if self._process is None or self._process.poll() is not None:
            return
        # An interrupted pull ends the client that fetches for it; a terminated one would leave it behind.
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _all_here(names: Sequence[str]) -> bool:
    from models.cache import onnx_path
    from models.errors import ModelNotPulled

    try:
        for name in names:
            onnx_path(name)
    except ModelNotPulled:
        return False
    return True
