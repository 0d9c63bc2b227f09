"""An ONNX graph under construction: nodes and constants in, the bytes of a checked model out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from models.errors import ConversionFailed

OPSET = 17
"""The oldest opset that says all we need, so that the onnxruntime of any supported board reads it."""

IR_VERSION = 8
"""The file format that came with opset 17; without it, onnx would write its own newest one."""

Array = npt.NDArray[Any]
Dimension = int | str


class OnnxGraph:
    """Collects nodes in the order of their computation.

    Tensors go by name, and a constant is stored once, however often it is used. Nothing is optimised here: onnxruntime
    does that when it loads the network, and ended with the same nodes whether Transposes had been removed here or not.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._initializers: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._tensors = 0

    def input(self, name: str, dtype: npt.DTypeLike, shape: Sequence[Dimension]) -> str:
        """Declare an input; a dimension that is a word may have any size."""
        self._inputs.append(helper.make_tensor_value_info(name, _element_type(dtype), shape))
        return name

    def output(self, tensor: str, name: str, dtype: npt.DTypeLike, shape: Sequence[Dimension]) -> None:
        """Give `tensor` out under `name`."""
        self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, _element_type(dtype), shape))

    def constant(self, value: npt.ArrayLike) -> str:
        """The name of a tensor that holds `value`."""
        array = np.asarray(value, order="C")
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = name
            self._initializers.append(numpy_helper.from_array(array, name))
        return self._constants[key]

    def add(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """The output of a new node; an empty input name leaves out an optional input."""
        return self.add_many(operator, inputs, 1, **attributes)[0]

    def add_many(self, operator: str, inputs: Sequence[str], count: int, **attributes: Any) -> list[str]:
        """The `count` outputs of a new node."""
        outputs = [f"tensor_{self._tensors + i}" for i in range(count)]
        self._tensors += count
        self._nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs

    def transpose(self, tensor: str, order: Sequence[int]) -> str:
        """`tensor` with its axes in `order`."""
        return self.add("Transpose", [tensor], perm=list(order))

    def cast(self, tensor: str, dtype: npt.DTypeLike) -> str:
        """`tensor` with elements of `dtype`."""
        return self.add("Cast", [tensor], to=_element_type(dtype))

    def serialize(self) -> bytes:
        """The model's bytes. ConversionFailed where onnx's own checker refuses it."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="tillfree")
        model.ir_version = IR_VERSION
        try:
            onnx.checker.check_model(model, full_check=True)
        except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
            raise ConversionFailed(f"{self._name}: the converted network is not valid ONNX: {error}") from error
        serialized: bytes = model.SerializeToString(deterministic=True)
        return serialized


def _element_type(dtype: npt.DTypeLike) -> int:
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
