"""Getting networks: fetch, verify, convert, check, keep.

Whatever fails, the cache holds what it held before: everything happens in a workplace, and only whole, verified and
checked files are renamed into the cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.archive import extract
from models.cache import Cache
from models.catalogue import network_named
from models.check.stored import check, check_in_the_mean
from models.convert.by_name import CONVERTERS
from models.digest import verify
from models.disk import disk_errors, require_space
from models.errors import CheckFailed
from models.fetch.package_managers import PackageManagers
from models.fetch.port import Fetcher
from models.lock import EightBits, Lock, Network, built_in
from models.progress import Progress, Silent
from models.quantise.eight_bits import quantised
from models.quantise.folding import folded
from models.quantise.ranges import read_ranges

_CHECKS = Path(__file__).parent / "check"

_ARCHIVE_COPIES = 2
"""What a client's cache and its result take, in archives."""

_FILE_COPIES = 4
"""The extracted file, and the network converted from float16 to float32."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A network that is ready: `made` where it had to be converted, else it was there already."""

    name: str
    path: Path
    made: bool


def pull(
    names: Sequence[str] = (),
    progress: Progress | None = None,
    *,
    lock: Lock | None = None,
    cache: Cache | None = None,
    fetcher: Fetcher | None = None,
) -> tuple[Pulled, ...]:
    """Make sure that the networks `names`, or all of them, are in the cache and whole.

    A ModelsError says what went wrong; the cache then holds what it held before.
    """
    lock = lock or built_in()
    cache = cache or Cache.at_home()
    # Those of our own come with Tillfree: there is nothing to fetch.
    networks = {name: network_named(lock, name) for name in names or lock.networks if name not in lock.own}
    work = _Pull(lock, cache, fetcher or PackageManagers(), progress or Silent())
    with disk_errors(cache.root):
        made = work.bring(networks)
    for name in networks:
        work.progress.enter(name, "ready")
    return tuple(Pulled(name, made.get(name) or cache.path(lock, name), name in made) for name in networks)


@dataclass(frozen=True, slots=True)
class _Pull:
    lock: Lock
    cache: Cache
    fetcher: Fetcher
    progress: Progress

    def bring(self, networks: dict[str, Network]) -> dict[str, Path]:
        """Make what is not in the cache; only that comes back."""
        missing = self._missing(networks)
        if not missing:
            return {}
        with self.cache.exclusive(
            lambda: self.progress.enter(", ".join(missing), "wait for another pull")
        ) as workplace:
            still_missing = self._missing(missing)  # another pull may have made them while this one waited
            self._fetch_sources(still_missing, workplace)
            return {name: self._make(name, network, workplace) for name, network in still_missing.items()}

    def _missing(self, networks: dict[str, Network]) -> dict[str, Network]:
        return {name: network for name, network in networks.items() if not self.cache.whole(name, network)}

    def _fetch_sources(self, networks: dict[str, Network], workplace: Path) -> None:
        """Get the files that `networks` are made of, each package once, where they are not here from before."""
        lacking = {
            name: network
            for name, network in networks.items()
            if not all(self.cache.source(name, file) for file in network.files)
        }
        for package in dict.fromkeys(network.package for network in lacking.values()):
            wanted = {name: network for name, network in lacking.items() if network.package == package}
            self._fetch_package(package, wanted, workplace / package)

    def _fetch_package(self, package_id: str, networks: dict[str, Network], folder: Path) -> None:
        package = self.lock.packages[package_id]
        files = [(name, file) for name, network in networks.items() for file in network.files]
        needed_bytes = _ARCHIVE_COPIES * package.bytes + _FILE_COPIES * sum(file.bytes for _, file in files)
        require_space(self.cache.root, needed_bytes)
        folder.mkdir()
        self.progress.enter(package.title, "fetch", package.bytes)
        archive = self.fetcher.fetch(package, self.lock.npm_carrier, folder, self.progress.advance)
        self.progress.enter(package.title, "verify")
        verify(archive, (package.sha256,), package.bytes, package.title)
        extracted = extract(archive, [file for _, file in files], folder)
        archive.unlink()
        for (name, file), path in zip(files, extracted, strict=True):
            verify(path, (file.sha256,), file.bytes, f"{package.title}, {file.path}")
            self.cache.put_source(name, file, path)

    def _make(self, name: str, network: Network, workplace: Path) -> Path:
        """Convert `network` from its sources, check it and keep it, and its variant in eight bits with it."""
        sources = [self.cache.source(name, file) for file in network.files]
        assert sources[0] is not None, name
        self.progress.enter(name, "convert")
        model = CONVERTERS[network.converter](sources[0], network.tensor_names)
        self.progress.enter(name, "check")
        reference = _CHECKS / network.check.file
        try:
            check(model, reference, network.check.tolerance)
        except CheckFailed as error:
            raise CheckFailed(f"{name}: {error} ({network.check.reference}); it is not kept") from error
        if network.eight_bits is not None:
            self._quantise(name, network, network.eight_bits, model, workplace)
        return self.cache.put(name, network, model, workplace)

    def _quantise(self, name: str, network: Network, how: EightBits, model: bytes, workplace: Path) -> None:
        self.progress.enter(f"{name} in eight bits", "convert")
        ranges = read_ranges(how.ranges, how.sha256)
        whole = quantised(folded(model), ranges.maps)
        self.progress.enter(f"{name} in eight bits", "check")
        try:
            check_in_the_mean(whole, _CHECKS / network.check.file, how.tolerance)
        except CheckFailed as error:
            raise CheckFailed(f"{name} in eight bits: {error}; it is not kept") from error
        self.cache.put(name, network, whole, workplace, eight_bits=True)
