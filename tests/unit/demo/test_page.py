"""The demo's page: what it is told of the store, the edge and the cloud."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from protocol.store import Store
from protocol.store_file import parse_store
from tillfree.demo.page.plan import plan_of
from tillfree.demo.page.server import Page
from tillfree.demo.show import money

STORE = """
format: 1
store: corner
name: Corner shop
currency: EUR
cameras:
  - {id: area, role: area, size: [640, 360]}
gondolas:
  - id: wall
    origin: [1, 4]
    yaw_deg: 90
    width: 2
    depth: 0.5
    shelves: [{id: top, height: 1, plates: [{id: p, span: [0.5, 1]}]}]
zones:
  - {id: in, kind: entry, polygon: [[0, 0], [1, 0], [1, 1]]}
products:
  - {sku: water, name: Still water}
"""
VISIT = {
    "visit": "v1",
    "state": "open",
    "account": "anna",
    "entered_at": "2026-03-02T10:00:00.000Z",
    "exited_at": None,
    "refused_reason": None,
}
LINE = {"sku": "water", "name": "Still water", "qty": 1, "p": 0.99, "decision": "charge", "amount_minor": 120}


@pytest.fixture
def store() -> Store:
    return parse_store(STORE, "store.yaml")


@pytest.fixture
def page(store: Store) -> Iterator[Page]:
    page = Page(store, "http://cloud", {"shopper-1": "anna"})
    yield page
    page.close()


def answering(page: Page, answer: Callable[[httpx.Request], httpx.Response]) -> Page:
    """The page, asking `answer` instead of edge and cloud."""
    page.client.close()
    page.client = httpx.Client(transport=httpx.MockTransport(answer))
    return page


def now(page: Page) -> dict[str, object]:
    status, kind, body = page.answer("/now.json")
    assert (status, kind) == (200, "application/json")
    result: dict[str, object] = json.loads(body)
    return result


def test_the_plan_holds_gondolas_turned_about_their_origin_and_all_that_is_drawn(store: Store) -> None:
    plan = plan_of(store, {"shopper-1": "anna"})
    corners = [[round(value, 6) for value in corner] for corner in plan["gondolas"][0]["outline"]]
    # Turned by 90°: its back runs up the page from (1, 4), and its front lies to the right.
    assert corners == [[1.0, 4.0], [1.0, 6.0], [1.5, 6.0], [1.5, 4.0]]
    left, bottom, right, top = plan["bounds"]
    assert left < 0
    assert bottom < 0
    assert right > 1.5
    assert top > 6
    assert plan["products"] == {"water": "Still water"}
    assert plan["accounts"] == {"shopper-1": "anna"}
    (plate,) = plan["plates"]
    assert plate["id"] == "wall.top.p"
    assert [[round(value, 6) for value in corner] for corner in plate["outline"]] == [
        [1.0, 4.5],
        [1.0, 5.0],
        [1.5, 5.0],
        [1.5, 4.5],
    ]


@pytest.mark.parametrize(
    ("path", "kind", "part"),
    [
        ("/", "text/html; charset=utf-8", b"<title>"),
        ("/page.js", "text/javascript", b"fetch"),
        ("/page.css", "text/css", b".visit"),
    ],
)
def test_its_files_are_served(page: Page, path: str, kind: str, part: bytes) -> None:
    status, said, body = page.answer(path)
    assert (status, said) == (200, kind)
    assert part in body


def test_it_shows_carts_before_the_edge_is_up(page: Page) -> None:
    def cloud(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/stores/corner/visits":
            return httpx.Response(200, json={"items": [VISIT], "next": None})
        return httpx.Response(200, json={**VISIT, "lines": [{**LINE, "reasons": []}], "currency": "EUR"})

    said = now(answering(page, cloud))
    assert said == {"edge": None, "visits": [{**VISIT, "lines": [LINE]}], "said": [], "over": False}


def test_it_goes_on_while_edge_and_cloud_are_away(page: Page) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    page.look_through("http://edge")
    page.tell("10:00:00.5", "entered anna at door")
    page.end()
    said = {"said": [["10:00:00.5", "entered anna at door"]], "over": True}
    assert now(answering(page, away)) == {"edge": None, "visits": [], **said}


@pytest.mark.parametrize("path", ["/cameras/../plan.json", "/cameras/a/b.jpg", "/nothing", "/cameras/.jpg"])
def test_it_asks_the_edge_for_pictures_and_for_nothing_else(page: Page, path: str) -> None:
    def edge(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"asked for {request.url}")

    page.look_through("http://edge")
    assert answering(page, edge).answer(path)[0] == 404


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (240, "EUR", "2.40 EUR"),
        (5, "EUR", "0.05 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (240, "JPY", "240 JPY"),
        (1234, "KWD", "1.234 KWD"),
    ],
)
def test_money_is_written_for_people(minor: int, currency: str, written: str) -> None:
    assert money(minor, currency) == written
