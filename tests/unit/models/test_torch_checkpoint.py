"""PyTorch checkpoints, written here as torch writes them, but without torch."""

import collections
import contextlib
import io
import pickle
import struct
import sys
import types
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.convert.torch_checkpoint import read_checkpoint
from models.errors import ConversionFailed

Array = np.ndarray[Any, Any]

STORAGES = {"float32": "FloatStorage", "float16": "HalfStorage", "int64": "LongStorage", "uint8": "ByteStorage"}


@dataclass
class Storage:
    key: str
    elements: Array


@dataclass
class Tensor:
    storage: Storage
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    def __reduce__(self) -> tuple[Any, ...]:
        rebuild = sys.modules["torch._utils"].__dict__["_rebuild_tensor_v2"]
        return rebuild, (self.storage, self.offset, self.shape, self.strides, False, collections.OrderedDict())


class Pickler(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        if not isinstance(value, Storage):
            return None
        kind = getattr(sys.modules["torch"], STORAGES[str(value.elements.dtype)])
        return ("storage", kind, value.key, "cpu", value.elements.size)


@pytest.fixture(autouse=True)
def _torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules with torch's names, so that pickles refer to them; the reader must not need them."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in STORAGES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2() -> None:
        raise AssertionError("the reader must not call torch")

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utils.__dict__["_rebuild_tensor_v2"] = _rebuild_tensor_v2
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def pickled(value: Any) -> bytes:
    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump(value)
    return buffer.getvalue()


def as_zip(state: Any, storages: list[Storage], path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled(state))
        for storage in storages:
            archive.writestr(f"archive/data/{storage.key}", storage.elements.tobytes())
        archive.writestr("archive/version", "3\n")
    return path


def as_legacy(state: Any, storages: list[Storage], path: Path) -> Path:
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    parts = [pickled(part) for part in (0x1950A86A20F9469CFC6C, 1001, system, state, [s.key for s in storages])]
    parts += [struct.pack("<q", s.elements.size) + s.elements.tobytes() for s in storages]
    path.write_bytes(b"".join(parts))
    return path


Write = Callable[[Any, list[Storage], Path], Path]
formats = pytest.mark.parametrize("write", [as_zip, as_legacy])


def example() -> tuple[dict[str, Any], list[Storage]]:
    floats, counts = Storage("0", np.arange(12, dtype=np.float32)), Storage("1", np.array([7], np.int64))
    state = collections.OrderedDict(
        plain=Tensor(floats, (3, 4), (4, 1)),
        turned=Tensor(floats, (4, 3), (1, 4)),
        part=Tensor(floats, (2, 2), (4, 1), offset=5),
        count=Tensor(counts, (), ()),
        empty=Tensor(counts, (0, 3), (3, 1)),
    )
    return state, [floats, counts]


@formats
def test_tensors_are_read_as_views_of_their_storages(tmp_path: Path, write: Write) -> None:
    found = read_checkpoint(write(*example(), tmp_path / "x.pth"))
    numbers = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(found["plain"], numbers)
    np.testing.assert_array_equal(found["turned"], numbers.T)
    np.testing.assert_array_equal(found["part"], [[5, 6], [9, 10]])
    assert found["count"].shape == ()
    assert found["count"] == 7
    assert found["empty"].shape == (0, 3)


@formats
@pytest.mark.parametrize("dtype", STORAGES)
def test_element_types(tmp_path: Path, write: Write, dtype: str) -> None:
    storage = Storage("0", np.array([1, 2, 3]).astype(dtype))
    found = read_checkpoint(write({"w": Tensor(storage, (3,), (1,))}, [storage], tmp_path / "x.pth"))["w"]
    assert found.dtype == dtype
    assert found.tolist() == [1, 2, 3]


class Malice:
    """Would leave a file behind if it were ever unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@formats
def test_a_pickle_that_would_run_code_is_refused_and_does_not(tmp_path: Path, write: Write) -> None:
    state, storages = example()
    trace = tmp_path / "trace"
    path = write({**state, "evil": Malice(trace)}, storages, tmp_path / "x.pth")
    with pytest.raises(ConversionFailed, match=r"x\.pth: refused: the file asks for"):
        read_checkpoint(path)
    assert not trace.exists()


@formats
@pytest.mark.parametrize(
    "tensor",
    [
        Tensor(Storage("0", np.zeros(4, np.float32)), (5,), (1,)),
        Tensor(Storage("0", np.zeros(4, np.float32)), (2, 2), (3, 1)),
        Tensor(Storage("0", np.zeros(4, np.float32)), (2,), (1,), offset=3),
        Tensor(Storage("0", np.zeros(4, np.float32)), (2,), (-1,), offset=1),
        Tensor(Storage("0", np.zeros(4, np.float32)), (2,), (1,), offset=-1),
    ],
)
def test_a_tensor_that_reaches_outside_of_its_storage(tmp_path: Path, write: Write, tensor: Tensor) -> None:
    path = write({"w": tensor}, [tensor.storage], tmp_path / "x.pth")
    with pytest.raises(ConversionFailed, match="reaches outside of its storage"):
        read_checkpoint(path)


@formats
def test_something_else_than_a_state_dict(tmp_path: Path, write: Write) -> None:
    path = write({"epoch": 3}, [], tmp_path / "x.pth")
    with pytest.raises(ConversionFailed, match="something else than a state dict"):
        read_checkpoint(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConversionFailed, match=r"nowhere\.pth: not a readable PyTorch checkpoint"):
        read_checkpoint(tmp_path / "nowhere.pth")


@formats
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_a_cut_or_damaged_file_gives_tensors_or_a_clear_error(
    tmp_path: Path, write: Write, data: st.DataObject
) -> None:
    content = bytearray(write(*example(), tmp_path / "x.pth").read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    damaged = tmp_path / "damaged.pth"
    damaged.write_bytes(content)
    with contextlib.suppress(ConversionFailed):
        assert all(isinstance(value, np.ndarray) for value in read_checkpoint(damaged).values())
