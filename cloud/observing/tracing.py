"""Traces, where `tillfree[telemetry]` is installed and OTEL_EXPORTER_OTLP_ENDPOINT says where to send them.

An event is committed by one process, applied by another and paid for by a third, minutes apart, and what joins them is
the database. So nothing is handed from one to the next: a visit's trace has the visit's own id. Both are 128 bits, and
whoever works for a visit knows it. What belongs to no visit has its event's id. Spans of one piece of work nest below
each other as usual.

Without the packages or the address every span is nothing and costs nothing.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from uuid import UUID

from cloud.domain.errors import CloudError

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
TIMEOUTS = ("OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")
_TIMEOUT_S = 3.0
"""For the last spans of a process whose collector is away: it shall end before whoever stops it loses patience."""

_ATTRIBUTE_CHARACTERS_MAX = 200

_begin: Callable[[str, UUID | None, dict[str, str]], AbstractContextManager[None]] | None = None


def span(name: str, about: UUID | None = None, **said: object) -> AbstractContextManager[None]:
    """A span of the trace of `about` (a visit, or an event that has none); within another one, a part of that."""
    if _begin is None:
        return nullcontext()
    shown = {key: str(value)[:_ATTRIBUTE_CHARACTERS_MAX] for key, value in said.items() if value is not None}
    return _begin(name, about, shown)


def trace_to_collector(role: str) -> Callable[[], None]:
    """Begin to send spans, if an address is set; the way to send the last ones and end."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        raise CloudError(f"{ENDPOINTS[0]} is set: install tillfree[telemetry], or take it away") from None
    # It has a bounded queue; what does not fit is left out, and nothing waits for the collector.
    said = any(os.environ.get(name) for name in TIMEOUTS)
    return trace_into(BatchSpanProcessor(OTLPSpanExporter(timeout=None if said else _TIMEOUT_S)), role)


def trace_into(processor: Any, role: str) -> Callable[[], None]:
    """Give spans to an OpenTelemetry span processor; the way to end that."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    global _begin  # noqa: PLW0603 - one per process, set once at its start
    resource = Resource.create({"service.name": "tillfree-cloud", "tillfree.role": role})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(processor)
    _begin = _beginner(provider.get_tracer("tillfree.cloud"))

    def end() -> None:
        global _begin  # noqa: PLW0603 - as above
        _begin = None
        provider.shutdown()

    return end


def _beginner(tracer: Any) -> Callable[[str, UUID | None, dict[str, str]], AbstractContextManager[None]]:
    from opentelemetry import trace

    def root(about: UUID) -> Any:
        """The span that all of a visit's are parts of. Nobody sends it: its id is made of the visit's."""
        below = int.from_bytes(hashlib.sha256(about.bytes).digest()[:8]) or 1
        flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)
        context = trace.SpanContext(about.int, below, is_remote=True, trace_flags=flags)
        return trace.set_span_in_context(trace.NonRecordingSpan(context))

    @contextmanager
    def begin(name: str, about: UUID | None, said: dict[str, str]) -> Iterator[None]:
        current = trace.get_current_span().get_span_context()
        # Within the work of another visit (a batch) a span belongs to its own visit's trace.
        within = current.is_valid and (about is None or current.trace_id == about.int)
        context = None if within or about is None else root(about)
        with tracer.start_as_current_span(name, context=context, attributes=said):
            yield

    return begin
