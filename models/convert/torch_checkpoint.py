"""PyTorch checkpoints (`.pth`) read without torch: named tensors, and nothing else.

A checkpoint is a pickle, and a pickle can run any code. The readers here allow the few names that a state dict of plain
tensors needs and refuse everything else, so that a strange file is an error and not a programme.

Two formats (torch/serialization.py): since 1.6 a zip archive with `<root>/data.pkl` and one file a storage under
`<root>/data/`; before, a run of five pickles (magic number, protocol, system, object, storage keys) and the storages.
"""

import collections
import io
import math
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from models.convert.onnx_graph import Array
from models.errors import ConversionFailed

_ZIP_MAGIC = b"PK\x03\x04"
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001

_STORAGES: Mapping[str, str] = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


@dataclass(frozen=True, slots=True)
class _Storage:
    """A flat run of elements, read apart from the pickle that names it."""

    key: str
    dtype: np.dtype[Any]
    count: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage: offset, shape and strides in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_checkpoint(path: Path) -> dict[str, Array]:
    """The tensors of the state dict at `path` by name. ConversionFailed where it is anything else than that."""
    try:
        with path.open("rb") as file:
            is_zip = file.read(len(_ZIP_MAGIC)) == _ZIP_MAGIC
            file.seek(0)
            tensors, storages = _read_zip(file) if is_zip else _read_legacy(file)
        return {name: _array(tensor, storages[tensor.storage.key]) for name, tensor in tensors.items()}
    except ConversionFailed as error:
        raise ConversionFailed(f"{path}: {error}") from error
    except Exception as error:
        raise ConversionFailed(f"{path}: not a readable PyTorch checkpoint: {error}") from error


def _read_zip(file: IO[bytes]) -> tuple[dict[str, _Tensor], dict[str, Array]]:
    with zipfile.ZipFile(file) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise ConversionFailed("a zip archive without a data.pkl of its own")
        root = pickles[0].removesuffix("data.pkl")
        if f"{root}byteorder" in archive.namelist() and archive.read(f"{root}byteorder") != b"little":
            raise ConversionFailed("stored on a big-endian machine")
        unpickler = _TensorsOnly(io.BytesIO(archive.read(pickles[0])))
        tensors = _state_dict(unpickler.load())
        return tensors, {
            key: _elements(archive.read(f"{root}data/{key}"), storage) for key, storage in unpickler.storages.items()
        }


def _read_legacy(file: IO[bytes]) -> tuple[dict[str, _Tensor], dict[str, Array]]:
    magic, protocol, system = (_TensorsOnly(file).load() for _ in range(3))
    if magic != _LEGACY_MAGIC or protocol != _LEGACY_PROTOCOL:
        raise ConversionFailed("not a PyTorch checkpoint (its magic number is another)")
    if not system["little_endian"]:
        raise ConversionFailed("stored on a big-endian machine")
    unpickler = _TensorsOnly(file)
    tensors = _state_dict(unpickler.load())
    storages = {}
    for key in _TensorsOnly(file).load():
        storage = unpickler.storages[key]
        (count,) = struct.unpack("<q", file.read(8))
        if count != storage.count:
            raise ConversionFailed(f"storage {key} holds {count} elements instead of {storage.count}")
        storages[key] = _elements(file.read(count * storage.dtype.itemsize), storage)
    return tensors, storages


class _TensorsOnly(pickle.Unpickler):
    """Unpickles a state dict into `_Tensor`s and notes their storages; any other name in it is refused."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Callable[..., Any] | str:
        """What stands for a name in the pickle. ConversionFailed for a name that no state dict needs."""
        match module, name:
            case "collections", "OrderedDict":
                return collections.OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _rebuild_tensor
            case "torch._utils", "_rebuild_parameter":
                return lambda tensor, *_: tensor
            case "torch", storage if storage in _STORAGES:
                return storage
        raise ConversionFailed(f"refused: the file asks for {module}.{name}, and only plain tensors are read")

    def persistent_load(self, reference: Any) -> _Storage:
        """The storage that a pickled tensor refers to: ("storage", type, key, device, element count, ...)."""
        kind, type_name, key, _device, count = reference[:5]
        if kind != "storage" or type_name not in _STORAGES:
            raise ConversionFailed(f"refused: a reference to {kind!r} {type_name!r}, and only plain tensors are read")
        if len(reference) > 5 and reference[5] is not None:
            raise ConversionFailed(f"storage {key} is a view of another one; that is not supported")
        return self.storages.setdefault(key, _Storage(key, np.dtype(_STORAGES[type_name]), count))


def _rebuild_tensor(storage: _Storage, offset: int, shape: Any, strides: Any, *_: object) -> _Tensor:
    """torch._utils._rebuild_tensor_v2; what follows the strides matters to training only."""
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _state_dict(loaded: object) -> dict[str, _Tensor]:
    if not isinstance(loaded, dict) or not all(isinstance(value, _Tensor) for value in loaded.values()):
        raise ConversionFailed("holds something else than a state dict (tensors by name)")
    return dict(loaded)


def _elements(stored: bytes, storage: _Storage) -> Array:
    if len(stored) != storage.count * storage.dtype.itemsize:
        raise ConversionFailed(f"storage {storage.key} is cut: {len(stored)} bytes of {storage.count} elements")
    return np.frombuffer(stored, storage.dtype)


def _array(tensor: _Tensor, elements: Array) -> Array:
    """The tensor's elements in C order, checked against its storage before anything is read."""
    steps = [(size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides, strict=True)]
    inside = min([tensor.offset, *tensor.shape, *tensor.strides]) >= 0 and tensor.offset + sum(steps) < elements.size
    if math.prod(tensor.shape) and not inside:
        raise ConversionFailed(f"a tensor of shape {tensor.shape} reaches outside of its storage")
    strides = [stride * elements.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(elements[tensor.offset :], tensor.shape, strides).copy()
