"""The keys that a gate checks tokens with: HMAC secrets, and public Ed25519 keys, which are no secret.

A key ring belongs to one store. Several keys live side by side, by number, so that one can replace another: the new one
is given to all gates first, then to whoever mints, and the old one is taken out when its last token has expired.

    {"format": 1, "store": "corner", "keys": [
      {"key": 1, "seal": "hmac", "secret": "<64 hex digits>"},
      {"key": 2, "seal": "eddsa", "public": "<64 hex digits>", "private": "<only where tokens are minted>"}]}
"""

import hmac
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, ValidationError, model_validator

from edge.errors import EdgeError
from protocol.model import Id, Model
from protocol.tokens import Content, Seal, Sealed, hmac_seal, sealed_over

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
KEY_BYTES = 32
KEYS_MAX = 32
FILE_BYTES_MAX = 65_536


class KeyRingError(EdgeError):
    """A key ring cannot be read or written, or lacks what it is asked for."""


class Key(Model):
    """One key. A gate needs `secret` or `public`; whoever mints needs `secret` or `private`."""

    key: Annotated[int, Field(ge=0, le=255)]
    seal: Literal["hmac", "eddsa"]
    secret: Annotated[Hex32 | None, Field(repr=False)] = None
    public: Hex32 | None = None
    private: Annotated[Hex32 | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _whole(self) -> "Key":
        needed, foreign = (
            ((self.secret,), (self.public, self.private)) if self.seal == "hmac" else ((self.public,), (self.secret,))
        )
        if None in needed or any(each is not None for each in foreign):
            raise ValueError(
                "an hmac key has a `secret`; an eddsa key a `public`, and `private` where tokens are minted"
            )
        if self.private is not None and _public_of(self.private) != self.public:
            raise ValueError("`public` does not belong to `private`")
        return self


class KeyRing(Model):
    """What a key ring's file says."""

    format: Literal[1]
    store: Id
    keys: Annotated[tuple[Key, ...], Field(max_length=KEYS_MAX)]

    @model_validator(mode="after")
    def _each_once(self) -> "KeyRing":
        numbers = [key.key for key in self.keys]
        if len(set(numbers)) != len(numbers):
            raise ValueError("two keys have the same number")
        return self

    @property
    def secret(self) -> bool:
        """Whether it holds anything that must not be read by others."""
        return any(key.secret is not None or key.private is not None for key in self.keys)

    def for_gates(self) -> "KeyRing":
        """Its public keys alone: a gate that has these can check tokens, and nobody can mint with them."""
        return self.model_copy(
            update={"keys": tuple(key.model_copy(update={"private": None}) for key in self.keys if key.seal == "eddsa")}
        )

    def sealing(self, number: int | None, seal: Seal | None = None) -> Key:
        """The key to mint with: that number, or the highest that can. KeyRingError where there is none."""
        fit = [
            key
            for key in self.keys
            if number in (None, key.key)
            and seal in (None, Seal[key.seal.upper()])
            and (key.secret is not None or key.private is not None)
        ]
        if not fit:
            raise KeyRingError(
                f"the key ring of {self.store!r} has no such key to mint with; `tillfree tokens keys` makes one"
            )
        return max(fit, key=lambda key: key.key)


@dataclass(frozen=True, slots=True)
class Checker:
    """Says whether seals are genuine, for one store."""

    store: str
    _secrets: dict[int, bytes] = field(repr=False)
    _publics: dict[int, Ed25519PublicKey] = field(repr=False)

    @classmethod
    def of(cls, ring: KeyRing) -> "Checker":
        """The checker that has `ring`'s keys."""
        secrets = {key.key: bytes.fromhex(key.secret) for key in ring.keys if key.secret is not None}
        publics = {
            key.key: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public))
            for key in ring.keys
            if key.public is not None
        }
        return cls(ring.store, secrets, publics)

    def knows(self, content: Content) -> bool:
        """Whether there is a key of that number and kind."""
        return content.key in (self._secrets if content.seal is Seal.HMAC else self._publics)

    def genuine(self, token: Sealed) -> bool:
        """Whether the seal was made with the key that the token names; how long that takes tells nothing."""
        content = token.content
        if not self.knows(content):
            return False
        if content.seal is Seal.HMAC:
            return hmac.compare_digest(hmac_seal(content, self.store, self._secrets[content.key]), token.seal)
        try:
            self._publics[content.key].verify(token.seal, sealed_over(content, self.store))
        except InvalidSignature:
            return False
        return True


def seal_with(key: Key, over: bytes) -> bytes:
    """The seal that `key` makes. KeyRingError for a key that can only check."""
    if key.secret is not None:
        return hmac.digest(bytes.fromhex(key.secret), over, "sha256")[: Seal.HMAC.bytes]
    if key.private is None:
        raise KeyRingError(f"key {key.key} can only check tokens: its private half is not here")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.private)).sign(over)


def new_key(number: int, seal: Seal, chance: bytes) -> Key:
    """A key made of 32 random bytes."""
    if len(chance) != KEY_BYTES:
        raise KeyRingError(f"a key is made of {KEY_BYTES} random bytes")
    if seal is Seal.HMAC:
        return Key(key=number, seal="hmac", secret=chance.hex())
    return Key(key=number, seal="eddsa", public=_public_of(chance.hex()), private=chance.hex())


def read_ring(path: Path) -> KeyRing:
    """The key ring in the file at `path`. KeyRingError says what is wrong; secrets that others may read are refused."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise KeyRingError(f"{path}: {error.strerror}; `tillfree tokens keys` makes a key ring") from None
    if len(raw) > FILE_BYTES_MAX:
        raise KeyRingError(f"{path}: more than {FILE_BYTES_MAX} bytes; this is no key ring")
    try:
        ring = KeyRing.model_validate(json.loads(raw))
    except (ValueError, RecursionError) as error:
        # The values are secret, so only where and what, never the value itself.
        first = error.errors(include_url=False, include_input=False)[0] if isinstance(error, ValidationError) else None
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else "not JSON"
        raise KeyRingError(f"{path}: {what}") from None
    if ring.secret and mode & 0o077:
        raise KeyRingError(f"{path}: others may read these secrets (mode {mode:o}); chmod 600 {path}")
    return ring


def write_ring(path: Path, ring: KeyRing) -> None:
    """Put `ring` into the file at `path`, whole or not at all; only its owner may read secrets. KeyRingError."""
    beside = path.with_name(f".{path.name}.part")
    text = json.dumps(ring.model_dump(exclude_none=True), indent=2) + "\n"
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if ring.secret else 0o644)
        with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor, no path
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise KeyRingError(f"{path}: {error.strerror}; the key ring was not written") from None


def _public_of(private: str) -> str:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).public_key().public_bytes_raw().hex()
