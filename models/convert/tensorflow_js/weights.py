"""The constants of a TensorFlow.js graph model: its weights manifest and the binary files that it names.

Format: the `weightsManifest` of the tfjs-core sources (io/types.ts, io/io_utils.ts). The files of a group are one run
of bytes; the weights follow one another in it without padding. A weight may be stored smaller than it is used: as
float16, or as uint8/uint16 with `value = stored * scale + min`.
"""

from pathlib import Path
from typing import Any

import numpy as np

from models.convert.onnx_graph import Array
from models.errors import ConversionFailed

_STORED = {"float32": "<f4", "float16": "<f2", "int32": "<i4", "uint8": "u1", "uint16": "<u2", "bool": "?"}


def read_weights(manifest: list[dict[str, Any]], folder: Path) -> dict[str, Array]:
    """Every weight by name, little-endian and in the dtype that the graph computes with.

    ConversionFailed where a file is missing, too short or too long, or a dtype is none of tfjs's.
    """
    weights: dict[str, Array] = {}
    for group in manifest:
        stored = b"".join(_read(folder / Path(path).name) for path in group["paths"])
        offset = 0
        for entry in group["weights"]:
            dtype = _stored_dtype(entry)
            shape = tuple(int(size) for size in entry["shape"])
            end = offset + int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            if end > len(stored):
                raise ConversionFailed(f"{folder}: the weight files end before weight '{entry['name']}' does")
            raw = np.frombuffer(stored[offset:end], dtype).reshape(shape)
            weights[entry["name"]] = _restored(raw, entry)
            offset = end
        if offset != len(stored):
            raise ConversionFailed(f"{folder}: {len(stored) - offset} bytes of weights that the manifest does not name")
    return weights


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConversionFailed(f"{path}: the weights manifest names this file, and it is not there") from None


def _stored_dtype(entry: dict[str, Any]) -> np.dtype[Any]:
    name = entry.get("quantization", entry)["dtype"]
    if name not in _STORED:
        raise ConversionFailed(f"weight '{entry['name']}': dtype '{name}' is not known")
    return np.dtype(_STORED[name])


def _restored(raw: Array, entry: dict[str, Any]) -> Array:
    used = np.dtype(_STORED[entry["dtype"]])
    quantization = entry.get("quantization")
    if quantization and quantization["dtype"] != "float16":
        # tfjs computes this in 64-bit and rounds once (io_utils.ts: decodeWeight); so does numpy here.
        raw = raw.astype(np.float64) * quantization["scale"] + quantization["min"]
        if used.kind == "i":
            raw = np.rint(raw)
    return raw.astype(used)
