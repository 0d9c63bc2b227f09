"""The converters by the name that the lock file calls them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from models.convert import efficientnet_lite, tensorflow_js

Convert = Callable[[Path, Mapping[str, str]], bytes]
"""Takes a network's first file and the ONNX names of its tensors by their published ones; gives an ONNX model."""

CONVERTERS: Mapping[str, Convert] = {
    "tensorflow-js": tensorflow_js.convert,
    "efficientnet-lite": efficientnet_lite.convert,
}
