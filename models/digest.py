"""Whether a file is the one that was meant."""

import hashlib
from pathlib import Path

from models.errors import WrongHash


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(path: Path, expected: tuple[str, ...], expected_bytes: int, what: str) -> None:
    """WrongHash where the file's SHA-256 is none of `expected`; `what` is the file in words."""
    found = sha256_of(path)
    if found in expected:
        return
    size = path.stat().st_size
    hint = (
        f"it ends after {size:,} of {expected_bytes:,} bytes: the download was cut; pull again"
        if size < expected_bytes
        else "what arrived is not what was published; if pulling again does not help, do not use it and tell us"
    )
    raise WrongHash(f"{what}: its SHA-256 is {found} and should be {' or '.join(expected)}; {hint}")
