"""Whether a webhook is Stripe's, by the checker of its own library.

The library knows one secret at a time and looks at the machine's clock, and only for what is too old; several live
secrets and our clock, both ways, are ours to add.
"""

from datetime import datetime
from typing import Any

from stripe import SignatureVerificationError, WebhookSignature

from cloud.domain.signature import HEADER_CHARACTERS_MAX, TOLERANCE

TIME_DIGITS_MAX = 12


def wrong_with_stripe(header: str, body: bytes, secrets: tuple[str, ...], now: datetime) -> str | None:
    """Why the signature is not good; None where it is."""
    if len(header) > HEADER_CHARACTERS_MAX:
        return "the signature header is too long"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    # The library takes the first of several times, which is not for a reader to guess.
    times = [value for name, _, value in (part.partition("=") for part in header.split(",")) if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > TIME_DIGITS_MAX:
        return "the signature header is not of the form t=…,v1=…"
    seconds = int(times[0])
    if not any(_is_signed(text, header, secret) for secret in secrets):
        return "no signature matches: the secret is another one, or the body was changed"
    if abs(now.timestamp() - seconds) > TOLERANCE.total_seconds():
        return f"it was signed more than {TOLERANCE.total_seconds():.0f} s before or after now"
    return None


def _is_signed(text: str, header: str, secret: str) -> bool:
    checker: Any = WebhookSignature
    try:
        return bool(checker.verify_header(text, header, secret, tolerance=None))
    except (SignatureVerificationError, ValueError, TypeError):
        # TypeError: its comparison knows ASCII alone, and a header may be anything.
        return False
