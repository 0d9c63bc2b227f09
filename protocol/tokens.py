"""What a shopper's phone shows a gate: a sealed token of 48 (HMAC) or 135 (EdDSA) base32 characters.

    bytes   what                                                            whole numbers are big-endian
    0       high half: 1 sealed by HMAC-SHA-256, 2 by Ed25519; low half: 1 staff, 0 shopper
    1       number of the key (0–255), so that several are alive while one replaces another
    2–4     first 3 bytes of SHA-256 of the store's name: whose it is can be told before anything is checked
    5–9     holder: 40 bits that stand for an account, or for one of the staff
    10–13   valid from, Unix seconds
    14      life in steps of 10 s, 1–255
    15      party: how many people come in on it, 1–50
    16–19   nonce, by chance
    20–     seal: the first 10 bytes of the HMAC, or the 64 bytes of the signature

The seal is made over `tillfree gate token 1`, a zero byte, the store's whole name, a zero byte and bytes 0–19: a token
of another store fails here even where the three bytes agree and a key is used twice. Written in base32 (RFC 4648,
section 6), upper case, without padding, which a QR code holds in its alphanumeric mode; spare bits at the end are
zero, so each token has exactly one way to be written. A token counts once: by its bytes 0–19 (`Content.id`).

80 bits of an HMAC are enough where every guess is one code shown to a camera, and the gate shows a red light each time
(RFC 2104, section 5, wants half of the hash at least, for guesses that nobody sees).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from protocol.errors import TillfreeError

HEAD_BYTES = 20
HOLDER_BYTES, NONCE_BYTES = 5, 4
LIFE_STEP_S, LIFE_MAX_S = 10, 2_550
PARTY_MAX = 50
FROM_MAX = (1 << 32) - 1
_CONTEXT = b"tillfree gate token 1\x00"
_STAFF = 1


class TokenError(TillfreeError):
    """A token cannot be made of this, or this is no token."""


class Seal(IntEnum):
    """How a token proves that it is genuine."""

    HMAC = 1
    EDDSA = 2

    @property
    def bytes(self) -> int:
        """How long the seal is."""
        return {Seal.HMAC: 10, Seal.EDDSA: 64}[self]


LENGTHS = {-(-(HEAD_BYTES + seal.bytes) * 8 // 5): seal for seal in Seal}
"""Characters → seal: no other text can be a token."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a token says. `holder` has 5 bytes, `nonce` 4; `from_s` is in Unix seconds, `life_s` a multiple of 10."""

    seal: Seal
    key: int
    store_tag: bytes
    holder: bytes
    from_s: int
    life_s: int
    party: int
    nonce: bytes
    staff: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.key <= 255:
            raise TokenError(f"a key's number lies in 0 to 255; {self.key} does not")
        if (len(self.store_tag), len(self.holder), len(self.nonce)) != (3, HOLDER_BYTES, NONCE_BYTES):
            raise TokenError("a token's store tag has 3 bytes, its holder 5 and its nonce 4; these have not")
        if not 0 <= self.from_s <= FROM_MAX:
            raise TokenError(f"a token says Unix seconds up to {FROM_MAX}; {self.from_s} is outside")
        if self.life_s % LIFE_STEP_S or not LIFE_STEP_S <= self.life_s <= LIFE_MAX_S:
            raise TokenError(f"a token lives {LIFE_STEP_S} to {LIFE_MAX_S} s, in tens; {self.life_s} s cannot be said")
        if not 1 <= self.party <= PARTY_MAX:
            raise TokenError(f"1 to {PARTY_MAX} people come in on a token; {self.party} do not")

    @property
    def until_s(self) -> int:
        """The Unix second at which it has expired."""
        return self.from_s + self.life_s

    @property
    def head(self) -> bytes:
        """Bytes 0–19."""
        kind = self.seal << 4 | (_STAFF if self.staff else 0)
        life = self.life_s // LIFE_STEP_S
        front = bytes((kind, self.key)) + self.store_tag + self.holder
        return front + self.from_s.to_bytes(4, "big") + bytes((life, self.party)) + self.nonce

    @property
    def id(self) -> bytes:
        """What a token is known again by: the same for every way to write or to seal it."""
        return hashlib.sha256(self.head).digest()[:16]

    @property
    def named(self) -> str:
        """What the cloud hears instead of the token: the same at each visit of this holder."""
        return f"{STAFF_PREFIX if self.staff else HOLDER_PREFIX}{holder_text(self.holder)}"


HOLDER_PREFIX, STAFF_PREFIX = "tf:", "staff:"
"""What no reader may claim to have read: only a checked token becomes such a name."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A token as it was read: not checked yet."""

    content: Content
    seal: bytes


def store_tag(store: str) -> bytes:
    """The three bytes that say which store a token is for."""
    return hashlib.sha256(store.encode()).digest()[:3]


def holder_text(holder: bytes) -> str:
    """The 8 base32 characters of a holder's 5 bytes."""
    return base64.b32encode(holder).decode("ascii")


def holder_of(text: str) -> bytes:
    """The 5 bytes that 8 base32 characters stand for; TokenError for anything else."""
    try:
        holder = base64.b32decode(text.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        holder = b""
    if len(holder) != HOLDER_BYTES:
        raise TokenError(f"a holder is 8 characters A–Z and 2–7; {text[:40]!r} is not")
    return holder


def sealed_over(content: Content, store: str) -> bytes:
    """What the seal is made over."""
    return _CONTEXT + store.encode() + b"\x00" + content.head


def hmac_seal(content: Content, store: str, secret: bytes) -> bytes:
    """The seal of an HMAC token."""
    return hmac.digest(secret, sealed_over(content, store), "sha256")[: Seal.HMAC.bytes]


def mint(content: Content, store: str, seal: Callable[[bytes], bytes]) -> str:
    """The token's characters; `seal` is given what the seal is made over."""
    mark = seal(sealed_over(content, store))
    if len(mark) != content.seal.bytes:
        raise TokenError(f"this seal has {content.seal.bytes} bytes; {len(mark)} were made")
    return write(Sealed(content, mark))


def write(token: Sealed) -> str:
    """The token's characters."""
    return base64.b32encode(token.content.head + token.seal).decode("ascii").rstrip("=")


def read(text: str) -> Sealed:
    """What `text` says, unchecked. TokenError where it is no token of ours, whatever it is."""
    seal = LENGTHS.get(len(text))
    if seal is None or not text.isascii():
        raise TokenError(f"a token has {' or '.join(map(str, LENGTHS))} characters; this has {len(text)}")
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise TokenError("a token has the characters A–Z and 2–7 only") from None
    if raw[0] >> 4 != seal or raw[0] & 0xF not in (0, _STAFF):
        raise TokenError("not a token of this format; is the phone's app older or newer than the gate?")
    token = Sealed(
        Content(
            seal=seal,
            key=raw[1],
            store_tag=raw[2:5],
            holder=raw[5:10],
            from_s=int.from_bytes(raw[10:14], "big"),
            life_s=raw[14] * LIFE_STEP_S,
            party=raw[15],
            nonce=raw[16:20],
            staff=bool(raw[0] & _STAFF),
        ),
        raw[HEAD_BYTES:],
    )
    if write(token) != text:
        raise TokenError("a token is written in one way only; this is another")
    return token
