"""Signatures of webhooks, in Stripe's scheme: `t=UNIX_SECONDS,v1=HEX[,v1=HEX…]`.

Each v1 is HMAC-SHA256 of `t.body` under one live secret, so secrets can be changed without a gap: the sender signs with
all it has, the receiver accepts any that it knows. The time is part of what is signed; a message that is older than the
tolerance is refused, so one that was overheard cannot be sent again for ever. (Within the tolerance its event id keeps
it from counting twice.)
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
HEADER_CHARACTERS_MAX = 2_000


def sign(body: bytes, secrets: Iterable[str], at: datetime) -> str:
    """The header that proves `body` was sent at `at` by whoever knows the secrets."""
    seconds = int(at.timestamp())
    return ",".join([f"t={seconds}", *(f"v1={_mac(body, seconds, secret)}" for secret in secrets)])


def wrong_with(header: str, body: bytes, secrets: Iterable[str], now: datetime) -> str | None:
    """Why the signature is not good; None where it is."""
    pairs = [part.partition("=") for part in header[:HEADER_CHARACTERS_MAX].split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 12 or not given:
        return "the signature header is not of the form t=…,v1=…"
    seconds = int(times[0])
    # Every pair is compared, so that the time it takes tells nothing.
    good = [
        hmac.compare_digest(_mac(body, seconds, secret).encode(), each.encode()) for secret in secrets for each in given
    ]
    if not any(good):
        return "no signature matches: the secret is another one, or the body was changed"
    if abs(now.timestamp() - seconds) > TOLERANCE.total_seconds():
        return f"it was signed more than {TOLERANCE.total_seconds():.0f} s before or after now"
    return None


def _mac(body: bytes, seconds: int, secret: str) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
