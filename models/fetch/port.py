"""The port behind which packages are fetched."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from models.lock import NpmCarrier, Package

Advance = Callable[[int], None]
"""Is told how many bytes are there by now."""


class Fetcher(Protocol):
    """Fetches archives; what arrives is not yet verified."""

    def fetch(self, package: Package, carrier: NpmCarrier, folder: Path, advance: Advance) -> Path:
        """The archive of `package`, in `folder`, which holds nothing else.

        FetchFailed where no client is there or it fails; OSError where the disk is full.
        """
