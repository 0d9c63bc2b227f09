"""TensorFlow.js graph models (a `model.json` and its weight files) to ONNX.

`weights` reads the constants, `topology` the nodes, `translate` walks them in order; `fold` computes at once what
depends on constants alone, and `pointwise`, `spatial` and `shaping` say every other operation in ONNX.
"""

from models.convert.tensorflow_js.translate import convert

__all__ = ["convert"]
