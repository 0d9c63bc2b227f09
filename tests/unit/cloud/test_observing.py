"""What a process says about itself: metrics, health, the ids in its logs, and traces."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from cloud.adapters.database import tables
from cloud.adapters.database.engine import Database
from cloud.api.rim import Rim
from cloud.app import Cloud
from cloud.logs import JsonLines, about
from cloud.observing.listening import watched
from cloud.observing.metrics_page import metrics_page
from cloud.observing.standing import stores_standing
from cloud.observing.tracing import span, trace_into
from cloud.observing.wellness import look, ready
from cloud.serving import ServeError, listen
from cloud.settings import Settings
from tests.unit.cloud.asking import Http, api_on
from tests.unit.cloud.corner_shop import OPENING, STORE, Hub, Shop, StandingClock
from tests.unit.cloud.staff import CHEAP
from tests.unit.cloud.test_crash_points import pay_elsewhere, run

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(shop: Shop) -> Samples:
    return parsed(metrics_page(shop.database, shop.clock))


def parsed(page: bytes) -> Samples:
    found = (each for family in text_string_to_metric_families(page.decode()) for each in family.samples)
    return {(each.name, tuple(sorted(each.labels.items()))): each.value for each in found}


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0.0)


def trade(shop: Shop, hub: Hub) -> UUID:
    visit = hub.visit()
    shop.hear(hub.enter(visit), hub.pick(visit, 5), hub.pick(visit, 9, sku="bread", p=0.6), hub.leave(visit))
    shop.hear(hub.watermark(61))
    return visit


def test_the_page_tells_what_was_done_and_what_waits(shop: Shop) -> None:
    before = samples(shop)
    hub = Hub()
    trade(shop, hub)
    waiting = samples(shop)
    assert value(waiting, "tillfree_inbox_depth") == 4
    assert value(waiting, "tillfree_events_committed_total") - value(before, "tillfree_events_committed_total") == 4
    shop.work()
    shop.hear(hub.enter(hub.visit(2), 70))
    shop.work()
    done = samples(shop)

    def more(name: str, **labels: str) -> float:
        return value(done, name, **labels) - value(before, name, **labels)

    assert value(done, "tillfree_inbox_depth") == 0
    assert more("tillfree_settlements_total", charged="true", complete="true") == 1
    assert more("tillfree_settlement_lines_total", decision="review") == 1
    assert more("tillfree_gateway_calls_total", gateway="wallet", kind="hold", result="done") == 2
    assert more("tillfree_gateway_calls_total", gateway="wallet", kind="capture", result="done") == 1
    assert more("tillfree_gateway_call_seconds_count", gateway="wallet", kind="capture") == 1
    assert more("tillfree_ingest_lag_seconds_count") == 5
    assert value(done, "tillfree_reviews_waiting", store=STORE) == 1
    assert value(done, "tillfree_visits", store=STORE, state="open") == 1
    assert value(done, "tillfree_holds_open", store=STORE) == 1
    assert value(done, "tillfree_debts", store=STORE) == 0
    age_s = (shop.clock.now - OPENING).total_seconds() - 61
    assert value(done, "tillfree_watermark_age_seconds", store=STORE, device=hub.device) == age_s
    assert value(done, "tillfree_database_up") == 1


def test_a_database_in_trouble_leaves_what_was_counted(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    found = parsed(metrics_page(database, StandingClock()))
    assert value(found, "tillfree_database_up") == 0
    assert ("tillfree_inbox_depth", ()) not in found
    assert ("tillfree_events_committed_total", ()) in found
    database.close()


@pytest.mark.sqlite
def test_counting_what_waits_reads_indices_and_no_whole_table(shop: Shop) -> None:
    said: list[str] = []
    with shop.database.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *call: said.append(call[2]))
        list(stores_standing(connection))
    scans = []
    with shop.database.read() as connection:
        for statement in {each for each in said if each.lstrip().startswith("SELECT")}:
            count = statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("corner",) * count)
            scans += [row.detail for row in plan if row.detail.startswith("SCAN") and "INDEX" not in row.detail]
    assert len(said) >= 6
    assert [each for each in scans if each != "SCAN stores"] == []


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/metrics", None, 401),
        ("/metrics", "Bearer another", 401),
        ("/metrics", "Bearer s", 401),
        ("/metrics", "Bearer séc", 401),
        ("/metrics", "Bearer secret", 200),
        ("/readyz", None, 401),
        ("/readyz", "Bearer secret", 200),
        ("/healthz", None, 200),
        ("/v1/stores", "Bearer secret", 404),
    ],
)
def test_who_does_not_know_the_secret_reads_nothing(shop: Shop, path: str, given: str | None, status: int) -> None:
    app = watched(shop.database, shop.clock, {}, "secret")
    headers = {"Authorization": given.encode()} if given else {}
    answer = Http(app).get(path, headers=headers)
    assert answer.status_code == status
    assert (b"tillfree_inbox_depth" in answer.content) == (path == "/metrics" and status == 200)


@pytest.mark.sqlite
def test_labels_of_requests_are_routes_and_nothing_that_somebody_made_up(shop: Shop) -> None:
    api = api_on(Rim(shop.database, shop.clock, passwords=CHEAP))
    for path in ("/v1/stores/corner", "/v1/stores/other", "/nothing/here", "/v1/made/up", "/healthz"):
        api.get(path)
    api.request("BREW", "/v1/stores/corner")
    found = samples(shop)
    routes = {dict(labels)["route"] for name, labels in found if name == "tillfree_api_requests_total"}
    methods = {dict(labels)["method"] for name, labels in found if name == "tillfree_api_requests_total"}
    assert "/v1/stores/{store}" in routes
    assert not {each for each in routes if "made" in each or "nothing" in each or "corner" in each}
    assert "BREW" not in methods


@pytest.mark.sqlite
def test_an_answer_carries_the_id_of_its_request(shop: Shop) -> None:
    api = api_on(Rim(shop.database, shop.clock, passwords=CHEAP))
    assert api.get("/healthz", headers={"X-Request-Id": "mine-1"}).headers["x-request-id"] == "mine-1"
    for made_up in ("a b", "x" * 65, "\u00e9", ""):
        given = api.get("/healthz", headers={"X-Request-Id": made_up.encode()}).headers["x-request-id"]
        assert given != made_up
        assert len(given) == 16


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, str]] = []
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def logged() -> Iterator[Kept]:
    kept, root = Kept(), logging.getLogger("cloud")
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield kept
    root.removeHandler(kept)
    root.setLevel(before)


@pytest.mark.sqlite
def test_logs_tell_which_visit_and_which_event_they_are_about(shop: Shop, logged: Kept) -> None:
    hub = Hub()
    visit = trade(shop, hub)
    shop.work()
    applied = [line for line in logged.lines if line["message"] == "event applied"]
    assert {line["visit"] for line in applied} == {str(visit)}
    assert {line["event"] for line in applied} == {str(row["event_id"]) for row in shop.rows(tables.inbox)}
    assert {line["visit"] for line in logged.lines if line["message"] == "payment made"} == {str(visit)}


def test_what_is_logged_within_carries_the_ids_and_nothing_after_does(logged: Kept) -> None:
    log = logging.getLogger("cloud.test")
    with about(visit=1, event=None):
        with about(key="k"):
            log.warning("within\nwithin")
        log.warning("out of one")
    log.warning("out of both")
    ids = [{name: line.get(name) for name in ("visit", "event", "key")} for line in logged.lines]
    assert ids == [
        {"visit": "1", "event": None, "key": "k"},
        {"visit": "1", "event": None, "key": None},
        {"visit": None, "event": None, "key": None},
    ]


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    end = trace_into(SimpleSpanProcessor(exporter), "test")
    yield exporter
    end()


@pytest.mark.sqlite
def test_a_visit_is_one_trace_from_its_entry_to_its_capture(shop: Shop, spans: InMemorySpanExporter) -> None:
    pay_elsewhere(shop)
    hub = Hub()
    visits = [hub.visit(), hub.visit(2)]
    shop.hear(hub.enter(visits[0]), hub.pick(visits[0], 5), hub.leave(visits[0]), hub.watermark(61))
    run(shop)
    shop.hear(hub.enter(visits[1], 70), hub.leave(visits[1], 80), hub.watermark(90))
    run(shop)
    found = spans.get_finished_spans()
    for visit, needed in ((visits[0], {"gateway.hold", "gateway.capture"}), (visits[1], {"gateway.release"})):
        mine = [each for each in found if each.context.trace_id == visit.int]
        names = {each.name for each in mine}
        assert needed | {"ingest", "apply", "settle", "pay", "resolve"} <= names
        parents = {each.name: each.parent.span_id for each in mine if each.parent}
        pays = {each.context.span_id for each in mine if each.name == "pay"}
        assert parents["gateway.hold"] in pays
        roots = {parents[name] for name in ("ingest", "apply", "settle", "pay")}
        assert len(roots) == 1
    events = {each.attributes["event"] for each in found if each.name == "apply" and each.attributes}
    assert events == {str(row["event_id"]) for row in shop.rows(tables.inbox)}
    assert {each.context.trace_id for each in found} == {visit.int for visit in visits}


@pytest.mark.sqlite
def test_what_the_wallet_pays_within_the_settlement_is_told_by_the_settlement(
    shop: Shop, spans: InMemorySpanExporter
) -> None:
    hub = Hub()
    visit = trade(shop, hub)
    shop.work()
    mine = {each.name for each in spans.get_finished_spans() if each.context.trace_id == visit.int}
    assert {"ingest", "apply", "settle"} <= mine


@pytest.mark.sqlite
def test_no_person_is_in_a_trace(shop: Shop, spans: InMemorySpanExporter) -> None:
    trade(shop, Hub())
    shop.work()
    said = " ".join(each.to_json() for each in spans.get_finished_spans())
    assert "alice" not in said
    assert len(said) > 1_000


def test_without_a_collector_a_span_is_nothing() -> None:
    with span("nothing", UUID(int=1), visit="x"):
        pass


@pytest.mark.sqlite
def test_silence_of_a_device_is_said_and_takes_nothing_away(shop: Shop) -> None:
    hub = Hub()
    shop.hear(hub.enter(hub.visit()), hub.watermark(10))
    shop.work()
    clock = StandingClock(OPENING)
    clock.pass_s(11)
    assert look(shop.database, clock, {})["devices"].ok
    clock.pass_s(300)
    found = look(shop.database, clock, {})
    assert not found["devices"].ok
    assert found["devices"].detail == "1 of 1 devices are silent"
    assert ready(found)
    clock.now = OPENING
    clock.pass_s(-3_600)
    assert "clock that is ahead" in str(look(shop.database, clock, {})["devices"].detail)


@pytest.mark.sqlite
def test_an_event_that_waits_too_long_makes_it_unready(shop: Shop) -> None:
    hub = Hub()
    shop.hear(hub.enter(hub.visit()))
    assert ready(look(shop.database, shop.clock, {}))
    shop.clock.pass_s(31)
    found = look(shop.database, shop.clock, {})
    assert not ready(found)
    assert found["lag"].detail == "1 events wait, the oldest for 31.0 s"


@pytest.mark.sqlite
def test_a_payment_that_nobody_answers_is_said(shop: Shop) -> None:
    hub = Hub()
    trade(shop, hub)
    shop.work()
    with shop.database.write() as connection:
        connection.execute(tables.payments.update().values(state="pending"))
    shop.clock.pass_s(301)
    found = look(shop.database, shop.clock, {})
    assert not found["payments"].ok
    assert "payments wait for an answer" in str(found["payments"].detail)
    assert ready(found)


@pytest.mark.sqlite
def test_a_process_lets_itself_be_watched_and_by_nobody_beyond_without_a_secret(shop: Shop) -> None:
    url = str(shop.database.engine.url)
    for where, token in (("0.0.0.0:0", None), ("nowhere", "secret"), ("127.0.0.1:99999", None)):
        parts = Cloud(Settings(url, metrics_at=where, metrics_token=token))
        with pytest.raises(ServeError, match=r"TILLFREE_METRICS_TOKEN|is no address"):
            parts.start_watching()
        parts.close()
    with listen("127.0.0.1", 0) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    parts = Cloud(Settings(url, metrics_at=address))
    parts.start_watching()
    asked = httpx.Client(base_url=f"http://{address}", transport=httpx.HTTPTransport(retries=20), timeout=30)
    try:
        assert b"tillfree_inbox_depth 0.0" in asked.get("/metrics").content
        assert asked.get("/readyz").json()["checks"]["database"]["ok"]
    finally:
        asked.close()
        parts.close()
    assert not parts.failed.is_set()


def test_a_database_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    found = look(database, StandingClock(), {"broker": lambda: "not connected to here"})
    assert not ready(found)
    assert "tillfree cloud migrate" in str(found["database"].detail)
    assert found["broker"].detail == "not connected to here"
    database.close()
