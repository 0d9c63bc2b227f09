"""Clips at rest: AES-256-GCM under a key of the cloud's, so that whoever copies the database sees nobody.

The key is TILLFREE_EVIDENCE_KEY (64 hex digits; every process of a cloud needs the same), or the file `evidence.key`
in Tillfree's data folder, made where there is none. A clip is bound to its store and hash: one that was put in the
place of another does not open.
"""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud.domain.errors import CloudError

KEY_BYTES, NONCE_BYTES = 32, 12


class EvidenceSealError(CloudError):
    """The key cannot be had, or what is sealed does not open with it."""


class EvidenceSeal:
    """Seals and opens clips with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise EvidenceSealError(f"the key of evidence has {KEY_BYTES} bytes; this has {len(key)}")
        self._cipher = AESGCM(key)

    def seal(self, store: str, sha256: str, clip: bytes) -> bytes:
        """`clip` as it is kept: a nonce, then what only the key opens."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, clip, _bound(store, sha256))

    def open(self, store: str, sha256: str, sealed: bytes) -> bytes:
        """The clip. EvidenceSealError where it was altered, is another's, or was sealed with another key."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(store, sha256))
        except (InvalidTag, ValueError):
            raise EvidenceSealError(
                f"clip {sha256[:12]}… of store {store!r} does not open: it was altered, or the key is another than "
                "when it came (TILLFREE_EVIDENCE_KEY, evidence.key)"
            ) from None


def evidence_key(given: str | None, file: Path) -> bytes:
    """The key that was `given` in hex, else the one in `file`, which is made where there is none."""
    if given is not None:
        return _read(given, "TILLFREE_EVIDENCE_KEY")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return _read(file.read_text(encoding="ascii"), str(file))
        with open(descriptor, "w", encoding="ascii") as made:  # noqa: PTH123 - a descriptor, no path
            key = secrets.token_bytes(KEY_BYTES)
            made.write(key.hex() + "\n")
            made.flush()
            os.fsync(made.fileno())
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceSealError(f"{file}: the key of evidence cannot be kept here ({error})") from None
    return key


def _read(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise EvidenceSealError(f"{where}: the key of evidence is {2 * KEY_BYTES} hex digits; this is not")
    return key


def _bound(store: str, sha256: str) -> bytes:
    return f"tillfree evidence 1\0{store}\0{sha256}".encode()
