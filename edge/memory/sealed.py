"""A memory as bytes, and back: only what this very version wrote, for this very store, whole.

The parts are plain objects of ours, so they are pickled. A pickle may name anything that Python can import; the reader
therefore takes nothing but classes of ours and a few of the standard library. And it reads nothing whose hash is not
right (a disk that lost a part), which another version wrote (its objects may look otherwise), or which was written for
another layout of the store (its slots may not be there). Then it says why, and the hub begins afresh.
"""

import hashlib
import io
import itertools
import pickle
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import EdgeError
from edge.memory.memory import Kept
from protocol.store import Store

MAGIC = b"TFM1"
DIGEST_BYTES = 32
BODY_BYTES_MAX = 8 * 1024 * 1024
"""A store with ten people in it takes some 50 KB; more than this is not kept, and said."""
OPENED_BYTES_MAX = 64 * 1024 * 1024
_ROOT = Path(__file__).parents[2]
_WRITTEN_BY = ("edge/visits", "edge/tracking", "edge/shelves", "edge/gate", "edge/memory", "protocol")
"""Where the classes live whose objects are kept."""
_OURS = ("edge.", "protocol.")
_TAKEN = {
    "builtins": {"set", "frozenset", "bytearray", "complex", "slice", "range"},
    "collections": {"deque", "OrderedDict", "defaultdict"},
    "datetime": {"datetime", "timedelta", "timezone"},
    "uuid": {"UUID", "SafeUUID"},
    "numpy": {"ndarray", "dtype", "float64", "float32", "int64"},
    "numpy._core.multiarray": {"scalar", "_reconstruct"},
    "numpy._core.numeric": {"_frombuffer"},
    "pathlib": {"PosixPath", "PurePosixPath", "Path"},
}


class MemoryUnusable(EdgeError):
    """What lies on the disk cannot be gone on with; the message says why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Which version and which layout of the store a memory belongs to."""

    version: bytes
    layout: bytes

    @classmethod
    def of(cls, store: Store) -> "Kind":
        """The one of this program and `store`."""
        return cls(_version(), _layout(store))


def seal(kept: Kept, kind: Kind) -> bytes:
    """`kept` as bytes. MemoryUnusable where it is too large to be."""
    body = zlib.compress(pickle.dumps(kept, protocol=5), 1)
    if len(body) > BODY_BYTES_MAX:
        raise MemoryUnusable(f"what is to be remembered takes {len(body)} bytes, and {BODY_BYTES_MAX} are kept at most")
    return MAGIC + kind.version + kind.layout + hashlib.sha256(body).digest() + body


def unseal(sealed: bytes, kind: Kind) -> Kept:
    """What `seal` was given. MemoryUnusable says what is wrong with it."""
    head, parts = sealed[: len(MAGIC)], _parts(sealed[len(MAGIC) :])
    if head != MAGIC or parts is None:
        raise MemoryUnusable("it is none, or of another format")
    version, layout, digest, body = parts
    if hashlib.sha256(body).digest() != digest:
        raise MemoryUnusable("it is damaged")
    if version != kind.version:
        raise MemoryUnusable("another version of this program wrote it")
    if layout != kind.layout:
        raise MemoryUnusable("the store file says other cameras, shelves, products or zones than then")
    return _opened(body)


def _parts(rest: bytes) -> Sequence[bytes] | None:
    if len(rest) <= 3 * DIGEST_BYTES:
        return None
    cuts = (0, DIGEST_BYTES, 2 * DIGEST_BYTES, 3 * DIGEST_BYTES, len(rest))
    return [rest[begin:end] for begin, end in itertools.pairwise(cuts)]


def _opened(body: bytes) -> Kept:
    try:
        opened = zlib.decompressobj().decompress(body, OPENED_BYTES_MAX)
        kept = _Reader(io.BytesIO(opened)).load()
    except Exception as error:
        # Whatever a pickle that is not ours does: it is not gone on with.
        raise MemoryUnusable(f"it does not read: {error}") from error
    if not isinstance(kept, Kept):
        raise MemoryUnusable("it holds something else")
    return kept


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """A class of ours, or one of the few others; nothing that runs something."""
        found = super().find_class(module, name) if module.startswith(_OURS) else None
        if isinstance(found, type):
            return found
        if name in _TAKEN.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} has no place in it")


def _version() -> bytes:
    """The hash of the sources that the kept classes stand in."""
    digest = hashlib.sha256()
    for folder in _WRITTEN_BY:
        for file in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(file.relative_to(_ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.digest()


def _layout(store: Store) -> bytes:
    """The hash of what of a store file the kept values name; policies may change in between."""
    kept = store.model_dump_json(include={"store", "hub", "cameras", "gondolas", "products", "planogram", "zones"})
    return hashlib.sha256(kept.encode()).digest()
