"""How long one thread worked, and how long that took by the clock on the wall."""

import time
from types import TracebackType


class Stopwatch:
    """Sums up what passes within its `with` blocks: `processor_s` of this thread, and `wall_s`.

    On a machine that does other things too, the wall's clock counts their work, and the processor's does not.
    """

    def __init__(self) -> None:
        self.processor_s = 0.0
        self.wall_s = 0.0
        self._began = (0.0, 0.0)

    def __enter__(self) -> None:
        self._began = (time.thread_time(), time.perf_counter())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.processor_s += time.thread_time() - self._began[0]
        self.wall_s += time.perf_counter() - self._began[1]
