"""Networks in eight bits: what is folded computes the same, and what is rounded nearly the same."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import helper, numpy_helper

from models.errors import ConversionFailed, WrongHash
from models.quantise.eight_bits import quantised
from models.quantise.folding import folded
from models.quantise.ranges import measured as measured_from
from models.quantise.ranges import read_ranges, write_ranges
from tests.unit.models.tiny_graph import run_onnx

Floats = npt.NDArray[np.float32]
LAST, FIRST = [0, 2, 3, 1], [0, 3, 1, 2]
SIDE = 12


def network(padding: float = 0.0, *, shared: bool = False) -> bytes:
    """Two convolutions as TensorFlow's graphs have them: padding and bias apart, channels turned to last and back."""
    rng = np.random.default_rng(0)
    constants = {
        "first": rng.normal(size=(8, 3, 3, 3)),
        "first bias": rng.normal(size=8),
        "second": rng.normal(size=(4, 8, 3, 3)) / 8.0,
        "second bias": rng.normal(size=4),
    }
    values = {name: value.astype(np.float32) for name, value in constants.items()}
    values["nothing"] = np.array(padding, np.float32)
    initializers = [numpy_helper.from_array(value, name) for name, value in values.items()]
    initializers.append(numpy_helper.from_array(np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64), "pads"))
    nodes = [
        *_convolution("image", "first", "a"),
        helper.make_node("LeakyRelu", ["a"], ["b"], alpha=0.1),
        *_convolution("b", "second", "last"),
    ]
    outputs = [helper.make_tensor_value_info("last", 1, [1, 4, SIDE, SIDE])]
    if shared:
        outputs.append(helper.make_tensor_value_info("a turned", 1, [1, SIDE, SIDE, 8]))
    entry = helper.make_tensor_value_info("image", 1, [1, 3, SIDE, SIDE])
    graph = helper.make_graph(nodes, "tiny", [entry], outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _convolution(before: str, weights: str, after: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Pad", [before, "pads", "nothing"], [f"{after} padded"]),
        helper.make_node("Transpose", [f"{after} padded"], [f"{after} padded last"], perm=LAST),
        helper.make_node("Transpose", [f"{after} padded last"], [f"{after} padded first"], perm=FIRST),
        helper.make_node("Conv", [f"{after} padded first", weights], [f"{after} bare"], kernel_shape=[3, 3]),
        helper.make_node("Transpose", [f"{after} bare"], [f"{after} turned"], perm=LAST),
        helper.make_node("Add", [f"{after} turned", f"{weights} bias"], [f"{after} added"]),
        helper.make_node("Transpose", [f"{after} added"], [after], perm=FIRST),
    ]


def measured(model: bytes, pictures: list[Floats], beyond: float = 0.0) -> dict[str, tuple[float, float]]:
    """Ranges of every map but the last convolution's: of two convolutions none is to stay in float for being first."""
    return measured_from(model, pictures, beyond, first=0)


def picture(seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(size=(1, 3, SIDE, SIDE)).astype(np.float32)


def kinds(model: bytes) -> list[str]:
    return [node.op_type for node in onnx.load_from_string(model).graph.node]


def test_paddings_and_biases_go_into_the_convolutions_and_nothing_else_changes() -> None:
    assert kinds(folded(network())) == ["Conv", "LeakyRelu", "Conv", "Identity"]
    before, after = (run_onnx(model, {"image": picture()})["last"] for model in (network(), folded(network())))
    assert after == pytest.approx(before, abs=1e-5)


@pytest.mark.parametrize(("padding", "shared", "kept"), [(0.5, False, "Pad"), (0.0, True, "Add")])
def test_what_would_compute_something_else_stays_as_it_is(padding: float, shared: bool, kept: str) -> None:
    model = network(padding, shared=shared)
    assert kept in kinds(folded(model))
    before, after = (run_onnx(each, {"image": picture()})["last"] for each in (model, folded(model)))
    assert after == pytest.approx(before, abs=1e-5)


def test_in_eight_bits_nearly_the_same_comes_out_and_the_last_convolution_is_in_float() -> None:
    model = folded(network())
    ranges = measured(model, [picture(seed) for seed in range(16)], beyond=0.0)
    whole = quantised(model, ranges)
    assert whole == quantised(model, ranges)
    assert "a" in " ".join(ranges)
    assert "last" not in " ".join(ranges)
    values = {each.name: numpy_helper.to_array(each) for each in onnx.load_from_string(whole).graph.initializer}
    assert values["second"].dtype == np.float32
    assert {value.dtype for name, value in values.items() if "whole numbers" in name} == {
        np.dtype("i1"),
        np.dtype("i4"),
    }
    before, after = (run_onnx(each, {"image": picture(9)})["last"] for each in (model, whole))
    off = np.abs(after - before)
    assert 0.0 < off.mean() < 0.03 * np.abs(before).mean()


def test_what_lies_beyond_a_range_is_cut_and_zero_stays_zero() -> None:
    model = folded(network())
    ranges = measured(model, [picture()], beyond=0.0)
    narrow = {name: (least / 10.0, most / 10.0) for name, (least, most) in ranges.items()}
    assert np.isfinite(run_onnx(quantised(model, narrow), {"image": 100.0 * picture()})["last"]).all()
    dark = np.zeros((1, 3, SIDE, SIDE), np.float32)
    before, after = (run_onnx(each, {"image": dark})["last"] for each in (model, quantised(model, ranges)))
    assert after == pytest.approx(before, abs=0.02 * float(np.abs(before).max()))


def test_a_value_that_stands_out_is_left_out_of_a_range() -> None:
    spoilt = picture()
    spoilt[0, 0, 0, 0] = 1000.0
    whole, cut = (measured(folded(network()), [spoilt], beyond=beyond)["image"] for beyond in (0.0, 0.02))
    assert whole[1] == pytest.approx(1000.0)
    assert cut[1] < 10.0


def test_ranges_of_another_network_and_no_pictures_are_refused() -> None:
    with pytest.raises(ConversionFailed, match="a range for 'elsewhere', which the network has not"):
        quantised(folded(network()), {"elsewhere": (0.0, 1.0)})
    with pytest.raises(ValueError, match="no pictures"):
        measured(folded(network()), [])


def test_a_file_of_ranges_is_read_back_and_refused_where_it_was_altered(tmp_path: Path) -> None:
    ranges = {"image": (-2.0, 2.5), "map": (-0.1, 6.25)}
    sha256 = write_ranges(tmp_path / "tiny.json", "tiny", "4 pictures", ranges)
    read = read_ranges("tiny.json", sha256, tmp_path)
    assert (read.network, read.maps) == ("tiny", ranges)
    (tmp_path / "tiny.json").write_text((tmp_path / "tiny.json").read_text().replace("6.25", "6.5"))
    with pytest.raises(WrongHash, match=r"tiny\.json: its SHA-256 is .* and lock\.yaml says"):
        read_ranges("tiny.json", sha256, tmp_path)
    with pytest.raises(ConversionFailed, match=r"none\.json: No such file .*install that anew"):
        read_ranges("none.json", sha256, tmp_path)


def test_the_first_convolutions_stay_in_float_too() -> None:
    model = folded(network())
    assert set(measured_from(model, [picture()], first=1)) == set()
    assert set(measured_from(model, [picture()], first=0)) == {"image", "a bare", "b"}
