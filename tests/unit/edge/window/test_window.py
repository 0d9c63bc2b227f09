"""What the node sees, for whoever stands beside the machine."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from edge.calibration.knock_watch import ViewHealth
from edge.errors import EdgeError
from edge.perception.timing import NetworkTiming
from edge.window.now import Now
from edge.window.server import WindowServer
from edge.window.view import WIDTH_MAX, View
from hardware.cameras.health import CameraHealth
from hardware.ports import Frame, Weight


@pytest.fixture
def view() -> View:
    view = View()
    view.show(Frame(1.0, "shelf", 0, np.full((480, 1280, 3), 90, np.uint8)))
    view.weigh(Weight(0.9, "board.top.left", 499.6))
    view.weigh(Weight(1.0, "board.top.left", 500.4))
    view.tell(Now(1.0, ((2.0, 3.456, "anna's"), (0.0, 1.0, None)), {"board.top.left": {"water": 1}}))
    return view


@pytest.fixture
def server(view: View) -> Iterator[WindowServer]:
    server = WindowServer(view)
    yield server
    server.close()


def get(url: str) -> tuple[str, bytes]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.headers["Content-Type"], answer.read()


def test_it_says_where_people_stand_what_stands_in_the_slots_and_what_plates_bear(server: WindowServer) -> None:
    kind, body = get(f"{server.address}/now.json")
    assert kind == "application/json"
    assert json.loads(body) == {
        "t_s": 1.0,
        "people": [{"x": 2.0, "y": 3.46, "visit": "anna's"}, {"x": 0.0, "y": 1.0, "visit": None}],
        "stock": {"board.top.left": {"water": 1}},
        "plates": {"board.top.left": 500},
    }


def test_a_wide_picture_is_shown_smaller_and_whole(server: WindowServer) -> None:
    kind, body = get(f"{server.address}/cameras/shelf.jpg")
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    assert kind == "image/jpeg"
    assert picture is not None
    assert picture.shape == (240, WIDTH_MAX, 3)
    assert json.loads(get(f"{server.address}/cameras.json")[1]) == ["shelf"]


@pytest.mark.parametrize("path", ["/cameras/other.jpg", "/cameras/../../etc/passwd", "/", "/cameras/.jpg"])
def test_nothing_else_is_there(server: WindowServer, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(server.address + path)
    with refused.value:
        assert refused.value.code == 404


def test_a_port_that_is_taken_is_said(server: WindowServer) -> None:
    port = int(server.address.rpartition(":")[2])
    with pytest.raises(EdgeError, match=f"127.0.0.1:{port}.*choose another"):
        WindowServer(View(), port)


def test_how_live_cameras_do_stands_beside() -> None:
    view = View()
    view.networks = lambda: (NetworkTiming("nanodet", "CPU", 9, 15.5, 20.0, 21.0),)
    view.health = lambda: (CameraHealth("aisle", "faulted", "its pictures are black", faults=1),)
    view.views = lambda: (ViewHealth("aisle", "knocked", "turn it back", 12.0, 3.1),)
    server = WindowServer(view)
    try:
        with urllib.request.urlopen(f"{server.address}/health.json") as answer:
            told = json.load(answer)
    finally:
        server.close()
    (camera,), (network,) = told["cameras"], told["networks"]
    assert (network["network"], network["provider"], network["p50_ms"]) == ("nanodet", "CPU", 15.5)
    assert (told["views"][0]["state"], told["views"][0]["turned_deg"]) == ("knocked", 3.1)
    assert (camera["camera"], camera["state"], camera["reason"]) == ("aisle", "faulted", "its pictures are black")
