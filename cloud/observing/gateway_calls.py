"""A call to a payment gateway, with how long it took and what came of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from cloud.domain.errors import GatewayError
from cloud.domain.payment import Declined
from cloud.observing.counting import GATEWAY_CALLS, GATEWAY_SECONDS
from cloud.observing.tracing import span

_Answer = TypeVar("_Answer")


def counted(gateway: str, kind: str, key: str, call: Callable[[], _Answer]) -> _Answer:
    """What `call` answers. A GatewayError counts as `silent`, any other error as `error`."""
    begun_s = time.perf_counter()
    result = "error"
    try:
        with span(f"gateway.{kind}", gateway=gateway, key=key):
            answer = call()
    except GatewayError:
        result = "silent"
        raise
    else:
        result = "declined" if isinstance(answer, Declined) else "unknown" if answer is None else "done"
        return answer
    finally:
        GATEWAY_CALLS.labels(gateway, kind, result).inc()
        GATEWAY_SECONDS.labels(gateway, kind).observe(time.perf_counter() - begun_s)


@contextmanager
def counted_together(gateway: str, kinds: Sequence[str]) -> Iterator[None]:
    """Calls of these kinds that are made together within, each with its share of the time they take."""
    begun_s = time.perf_counter()
    result = "error"
    try:
        yield
        result = "done"
    finally:
        share_s = (time.perf_counter() - begun_s) / max(1, len(kinds))
        for kind in kinds:
            GATEWAY_CALLS.labels(gateway, kind, result).inc()
            GATEWAY_SECONDS.labels(gateway, kind).observe(share_s)
