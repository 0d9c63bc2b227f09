"""Where the networks lie on this machine, and whether what lies there is whole.

    <home>/models/<network>/<key>/<sha256>.onnx   converted networks; the file's name is the hash of its content
    <home>/models/<network>-int8/<key>/…          their variants in eight-bit integers
    <home>/models/sources/<network>/<file>        what they are made of: another converter need not fetch it anew
    <home>/models/.pull                           locked while a pull works
    <home>/models/.work-…                         a pull's own folder; what a killed one left, the next one removes

`key` says what a network was made of and how (`Network.key`). Only whole files arrive here, by a rename.
"""

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.catalogue import network_named, own_named
from models.convert.versions import QUANTISER, VERSIONS
from models.digest import sha256_of
from models.disk import disk_errors, publish
from models.errors import ModelNotPulled
from models.lock import LOCK_FILE, Lock, LockedFile, Network, OwnNetwork, built_in
from protocol.home import home

KEPT_PER_NETWORK = 3
"""Conversions that stay: this one, and those that another version of Tillfree on this machine may still use."""


def onnx_path(name: str, *, eight_bits: bool = False) -> Path:
    """The ONNX file of network `name`, its content verified; with `eight_bits` its variant in integers, if it has one.

    UnknownModel where there is no such network; ModelNotPulled, which says the command, where it is not here or is
    damaged. A network of our own comes with Tillfree and needs no pull.
    """
    own = own_named(built_in(), name)
    if own is not None:
        return own_path(name, own, LOCK_FILE.parent)
    return Cache.at_home().path(built_in(), name, eight_bits=eight_bits)


def own_path(name: str, network: OwnNetwork, folder: Path) -> Path:
    """The verified file of a network of our own, in the lock file's `folder`. ModelNotPulled where it is damaged."""
    path = folder / network.file
    if not path.is_file() or sha256_of(path) != network.sha256:
        raise ModelNotPulled(f"the network '{name}' is damaged ({path}); install Tillfree anew")
    return path


@dataclass(frozen=True, slots=True)
class Cache:
    """The networks under `root`."""

    root: Path

    @classmethod
    def at_home(cls) -> "Cache":
        """The cache of this user (TILLFREE_HOME)."""
        return cls(home() / "models")

    def path(self, lock: Lock, name: str, *, eight_bits: bool = False) -> Path:
        """The verified ONNX file of network `name` of `lock`; errors as `onnx_path`."""
        network = network_named(lock, name)
        eight_bits = eight_bits and network.eight_bits is not None
        with disk_errors(self.root):
            found = self.find(name, network, eight_bits=eight_bits)
        if found is None:
            there = any(self._folder(name, network, eight_bits=eight_bits).glob("*.onnx"))
            state = "is damaged" if there else "is not on this machine"
            called = f"'{name}' in eight bits" if eight_bits else f"'{name}'"
            raise ModelNotPulled(f"the network {called} {state} ({self.root}); run: tillfree models pull {name}")
        return found

    def whole(self, name: str, network: Network) -> bool:
        """Whether the converted network is here, and its variant where it has one."""
        variants = (False,) if network.eight_bits is None else (False, True)
        return all(self.find(name, network, eight_bits=each) is not None for each in variants)

    def find(self, name: str, network: Network, *, eight_bits: bool = False) -> Path | None:
        """The converted network, if it is here and its content is what its name says."""
        folder = self._folder(name, network, eight_bits=eight_bits)
        return next((path for path in folder.glob("*.onnx") if sha256_of(path) == path.stem), None)

    def put(self, name: str, network: Network, model: bytes, workplace: Path, *, eight_bits: bool = False) -> Path:
        """Keep the converted network. What lay there damaged goes, and so do the oldest conversions of the network."""
        folder = self._folder(name, network, eight_bits=eight_bits)
        kept = folder / f"{hashlib.sha256(model).hexdigest()}.onnx"
        publish(model, workplace, kept)
        for other in set(folder.iterdir()) - {kept}:
            other.unlink()
        newest_first = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for outdated in newest_first[KEPT_PER_NETWORK:]:
            shutil.rmtree(outdated)
        return kept

    def source(self, name: str, file: LockedFile) -> Path | None:
        """One of the files that network `name` is made of, if it is here and is the one that the lock file means."""
        path = self._source(name, file)
        return path if path.is_file() and sha256_of(path) == file.sha256 else None

    def put_source(self, name: str, file: LockedFile, verified: Path) -> Path:
        """Keep a verified file, moving it from a workplace of this cache."""
        path = self._source(name, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        return verified.replace(path)

    @contextmanager
    def exclusive(self, when_waiting: Callable[[], None]) -> Iterator[Path]:
        """A workplace that no other pull has, on the cache's disk; waits while another pull works.

        The system lets go of the lock when its holder dies, so that a killed pull stops nobody.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".pull").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                when_waiting()
                fcntl.flock(lock, fcntl.LOCK_EX)
            for abandoned in self.root.glob(".work-*"):
                shutil.rmtree(abandoned, ignore_errors=True)
            workplace = Path(tempfile.mkdtemp(prefix=".work-", dir=self.root))
            try:
                yield workplace
            finally:
                shutil.rmtree(workplace, ignore_errors=True)

    def _folder(self, name: str, network: Network, *, eight_bits: bool = False) -> Path:
        version = VERSIONS[network.converter]
        if eight_bits:
            return self.root / f"{name}-int8" / network.key(version, QUANTISER)
        return self.root / name / network.key(version)

    def _source(self, name: str, file: LockedFile) -> Path:
        return self.root / "sources" / name / file.name
