"""Where a network runs: providers in their order, and what happens when one does not work."""

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from edge.errors import PerceptionError
from edge.perception.network import SHAPES_MAX, Network, Open, Shape
from edge.perception.running import ORT_NAMES, Running, running_here
from hardware.boards.board import Provider

ALL = tuple(ORT_NAMES.values())


class Session:
    """A session that adds one, unless its provider is broken."""

    def __init__(self, provider: str, breaks_after: int | None) -> None:
        self.provider, self.left = provider, breaks_after

    def get_providers(self) -> list[str]:
        return [self.provider, ORT_NAMES["CPU"]]

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="x", shape=[1, "N"], type="tensor(float)")]

    def run(self, outputs: list[str] | None, inputs: dict[str, Any]) -> list[Any]:
        if self.left is not None:
            if self.left == 0:
                raise RuntimeError("the device was lost")
            self.left -= 1
        return [inputs["x"] + 1]


def machine(refuses: tuple[Provider, ...] = (), breaks: dict[Provider, int] | None = None) -> tuple[Open, list[str]]:
    """A machine whose providers `refuses` do not open, and those of `breaks` break after so many runs."""
    opened: list[str] = []

    def opener(model: Path | bytes, options: Any, provider: Provider) -> Any:
        opened.append(provider)
        if provider in refuses:
            raise RuntimeError(f"no {provider} driver")
        return Session(ORT_NAMES[provider], (breaks or {}).get(provider))

    return opener, opened


ANY = Running(("TensorRT", "CUDA", "CPU"))
ONES = np.ones((1, 2), np.float32)


def test_the_first_that_works_is_taken_and_those_that_do_not_are_said(caplog: pytest.LogCaptureFixture) -> None:
    opener, opened = machine(refuses=("TensorRT",))
    network = Network("persons", Path("p.onnx"), ANY, opener=opener, offered=ALL)
    assert network.provider == "CUDA"
    assert opened == ["TensorRT", "CUDA"]
    assert "network 'persons' does not run on TensorRT: no TensorRT driver" in caplog.text


def test_what_the_runtime_does_not_offer_is_passed_over_in_silence_unless_it_was_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    opener, opened = machine()
    Network("persons", Path("p.onnx"), ANY, opener=opener, offered=(ORT_NAMES["CPU"],))
    assert not caplog.records
    Network("persons", Path("p.onnx"), Running(("CUDA", "CPU"), asked=True), opener=opener, offered=(ORT_NAMES["CPU"],))
    assert opened == ["CPU", "CPU"]
    assert "does not run on CUDA: this onnxruntime offers CPUExecutionProvider only" in caplog.text


def test_a_provider_that_the_session_quietly_went_without_does_not_count(caplog: pytest.LogCaptureFixture) -> None:
    def opener(model: Path | bytes, options: Any, provider: Provider) -> Any:
        return Session(ORT_NAMES["CPU"], None)

    assert Network("persons", Path("p.onnx"), ANY, opener=opener, offered=ALL).provider == "CPU"
    assert "are its libraries and driver installed?" in caplog.text


def test_one_that_opens_but_cannot_run_gives_way(caplog: pytest.LogCaptureFixture) -> None:
    opener, _ = machine(breaks={"TensorRT": 0, "CUDA": 0})
    assert Network("persons", Path("p.onnx"), ANY, opener=opener, offered=ALL).provider == "CPU"
    assert len(caplog.records) == 2


def test_one_that_breaks_at_work_gives_way_and_the_picture_is_not_lost(caplog: pytest.LogCaptureFixture) -> None:
    opener, _ = machine(breaks={"TensorRT": 2})
    network = Network("persons", Path("p.onnx"), ANY, opener=opener, offered=ALL)
    with caplog.at_level(logging.WARNING):
        assert [network.run(ONES)[0].tolist() for _ in range(3)] == [[[2.0, 2.0]]] * 3
    assert (network.provider, network.runs) == ("CUDA", 3)
    assert "broke while it ran (the device was lost)" in caplog.text


def test_where_none_works_it_says_what_was_tried_and_what_to_do() -> None:
    opener, _ = machine(refuses=("TensorRT", "CUDA", "CPU"))
    with pytest.raises(PerceptionError, match=r"p\.onnx.*no CUDA driver.*no CPU driver.*TILLFREE_PROVIDERS"):
        Network("persons", Path("p.onnx"), ANY, opener=opener, offered=ALL)
    with pytest.raises(PerceptionError, match="of TensorRT, CUDA, CPU this onnxruntime offers none"):
        Network("persons", Path("p.onnx"), ANY, opener=opener, offered=("AzureExecutionProvider",))


def test_when_the_last_one_breaks_each_run_says_so() -> None:
    opener, opened = machine(breaks={"CPU": 1})
    network = Network("persons", Path("p.onnx"), Running(("CPU",)), opener=opener, offered=ALL)
    for _ in range(2):
        with pytest.raises(PerceptionError, match="the device was lost"):
            network.run(ONES)
    assert opened == ["CPU"]
    assert network.timing.provider == "none"


def test_shapes_that_stay_open_are_bounded() -> None:
    opener, opened = machine()
    made: list[Shape] = []

    def fit(path: Path, shape: Shape) -> bytes:
        made.append(shape)
        return b""

    network = Network("persons", Path("p.onnx"), Running(), fit=fit, shapes=((1, 1),), opener=opener, offered=ALL)
    for size in (*range(1, SHAPES_MAX + 2), 1, SHAPES_MAX + 1):
        network.run(np.zeros((1, size), np.float32))
    assert made == [*((1, size) for size in range(1, SHAPES_MAX + 2)), (1, 1)]
    assert len(opened) == SHAPES_MAX + 2


def test_a_real_session_opens_warms_up_and_is_timed(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("Abs", ["x"], ["y"])],
        "absolute",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "N"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, "N"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "absolute.onnx")
    network = Network("absolute", tmp_path / "absolute.onnx")
    assert network.timing.p50_ms is None
    assert network.run(-ONES)[0].tolist() == [[1.0, 1.0]]
    timing = network.timing
    assert (timing.network, timing.provider, timing.runs) == ("absolute", "CPU", 1)
    assert timing.p50_ms is not None
    assert timing.most_ms == timing.p50_ms > 0.0


@pytest.mark.parametrize(
    ("environment", "providers", "threads"),
    [
        ({"TILLFREE_BOARD": "raspberry-pi-5"}, ("XNNPACK", "CPU"), 3),
        ({"TILLFREE_BOARD": "jetson-orin", "TILLFREE_PROVIDERS": "cuda, CPU"}, ("CUDA", "CPU"), 2),
        ({"TILLFREE_BOARD": "raspberry-pi-5", "TILLFREE_THREADS": "1"}, ("XNNPACK", "CPU"), 1),
    ],
)
def test_the_environment_says_more_than_the_board(
    environment: dict[str, str], providers: tuple[str, ...], threads: int
) -> None:
    running = running_here(environment)
    assert (running.providers, running.threads) == (providers, threads)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TILLFREE_BOARD", "abacus", "no board profile 'abacus'; there are: jetson-orin"),
        ("TILLFREE_PROVIDERS", "CUDA,GPU", "'GPU' is no execution provider; there are: TensorRT"),
        ("TILLFREE_THREADS", "0", "a whole number from 1 to 64"),
        ("TILLFREE_THREADS", "-1", "a whole number from 1 to 64"),
        ("TILLFREE_GATING", "perhaps", "on or off"),
        ("TILLFREE_WRISTS", "both", "on or off"),
        ("TILLFREE_THREADS", "many", "a whole number from 1 to 64"),
    ],
)
def test_what_cannot_be_is_refused_and_said(name: str, value: str, says: str) -> None:
    with pytest.raises(PerceptionError, match=says):
        running_here({name: value})
