"""A lock file of one small network and the package that holds it: all that a pull needs, without a registry."""

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.cache import Cache
from models.lock import Lock, read_lock
from tests.unit.models.tiny_graph import TinyGraph, f32


@dataclass
class Shop:
    """A lock file that names one network, `doubler`, and the package that holds it."""

    folder: Path
    archive: Path
    lock_file: Path
    cache: Cache

    @property
    def lock(self) -> Lock:
        return read_lock(self.lock_file)


_LOCK = """
format: 1
npm_carrier: {{name: none, version: 1.0.0, bytes: 1, sha256: ["{zeros}"]}}
packages:
  tiny: {{manager: npm, name: tiny, version: 1.0.0, bytes: {archive_bytes}, sha256: "{archive_sha}"}}
networks:
  doubler:
    package: tiny
    files:
      - {{path: package/tiny.json, bytes: {json_bytes}, sha256: "{json_sha}"}}
      - {{path: package/tiny.bin, bytes: {bin_bytes}, sha256: "{bin_sha}"}}
    converter: tensorflow-js
    check: {{file: "{check}", reference: arithmetic, tolerance: 1.0e-6}}
    purpose: doubles
    licence: Apache-2.0
    origin: made here
    inputs: [{{name: number, tensor: x, dtype: float32, shape: [1], meaning: any}}]
    outputs: [{{name: twice, tensor: y, dtype: float32, shape: [1], meaning: twice as much}}]
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def store_run(path: Path, number: float, twice: float) -> None:
    """What a reference implementation of the doubler is said to have computed."""
    outputs = {"at twice": np.array([0]), "of twice": f32([twice])}
    np.savez(path, allow_pickle=False, input=f32([number]), repeats=np.array([1]), **outputs)


def open_shop(tmp_path: Path) -> Shop:
    """A shop under `tmp_path`, its cache empty."""
    graph = TinyGraph()
    graph.node("y", "Mul", [graph.input("x", [1]), graph.const("two", f32([2]))])
    graph.outputs = ["y"]
    content = {"package/README": b"unwanted" * 1000}
    content |= {"package/tiny.json": json.dumps(graph.document(1)).encode(), "package/tiny.bin": graph.binary()}
    archive = tmp_path / "registry" / "tiny-1.0.0.tgz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    check = tmp_path / "doubler.npz"
    store_run(check, number=3, twice=6)
    lock_file = tmp_path / "lock.yaml"
    lock_file.write_text(
        _LOCK.format(
            zeros="0" * 64,
            archive_bytes=archive.stat().st_size,
            archive_sha=sha256(archive.read_bytes()),
            json_bytes=len(content["package/tiny.json"]),
            json_sha=sha256(content["package/tiny.json"]),
            bin_bytes=len(content["package/tiny.bin"]),
            bin_sha=sha256(content["package/tiny.bin"]),
            check=check,
        )
    )
    return Shop(tmp_path, archive, lock_file, Cache(tmp_path / "home" / "models"))
