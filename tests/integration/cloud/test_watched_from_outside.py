"""A real cloud process, watched as a real shop's is: Prometheus scrapes it, and a collector takes its traces."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.cloud.corner_street import Broker, CloudProcess, Device, eventually, free_port
from tests.unit.cloud.corner_shop import STORE, Hub


class Collector:
    """Takes OTLP over HTTP, as the protocol's own messages have it."""

    def __init__(self) -> None:
        self.taken: list[ExportTraceServiceRequest] = []
        taken = self.taken

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/x-protobuf"):
                    taken.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def spans(self) -> dict[str, set[str]]:
        """The names of the spans of each trace."""
        found: dict[str, set[str]] = {}
        for request in self.taken:
            for resource in request.resource_spans:
                service = {each.key: each.value.string_value for each in resource.resource.attributes}
                assert service["service.name"] == "tillfree-cloud"
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        found.setdefault(span.trace_id.hex(), set()).add(span.name)
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


def test_prometheus_reads_it_and_a_collector_gets_the_trace_of_a_visit(
    broker: Broker, collector: Collector, quick_path: Path
) -> None:
    cloud = CloudProcess(quick_path, broker.url)
    metrics = f"127.0.0.1:{free_port()}"
    cloud.start("--all-in-one", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, TILLFREE_METRICS=metrics)
    hub = Hub()
    device = Device(broker.port, hub)
    try:
        cloud.furnish()
        visit = hub.visit()
        hub.enter(visit), hub.pick(visit, 5), hub.leave(visit)
        device.until_s = 61
        eventually(lambda: cloud.receipt(visit), "the receipt")
        page = httpx.get(f"http://{metrics}/metrics").raise_for_status()
        assert page.headers["content-type"].startswith("text/plain")
        families = {family.name: family for family in text_string_to_metric_families(page.text)}
        settled = families["tillfree_settlements"].samples
        assert [(each.labels["charged"], each.value) for each in settled if each.name.endswith("_total")] == [
            ("true", 1)
        ]
        assert [each.labels["store"] for each in families["tillfree_holds_open"].samples] == [STORE]
        well = httpx.get(f"http://{metrics}/readyz").json()
        assert well["ready"]
        assert {"broker", "database", "ingest", "threads", "work"} <= {
            name for name, check in well["checks"].items() if check["ok"]
        }
        broker.kill()
        wrong = eventually(
            lambda: (answer := httpx.get(f"http://{metrics}/readyz")).status_code == 503 and answer.json(), "not ready"
        )
        assert [name for name, check in wrong["checks"].items() if check["needed"] and not check["ok"]] == ["broker"]
        assert str(broker.port) in wrong["checks"]["broker"]["detail"]
    finally:
        device.close()
        status = cloud.terminate()
        cloud.http.close()
    assert status == 0
    # What it had not sent yet it sent as it ended.
    assert {"apply", "settle"} <= collector.spans()[visit.hex]
